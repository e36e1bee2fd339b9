/**
 * One member's part in the set: terms, votes, heartbeats and the way of the log
 * from the primary to the others (Ongaro and Ousterhout, "In Search of an
 * Understandable Consensus Algorithm", with pre-votes, and a log that is pulled).
 */

import { Ballot } from './ballot.ts';
import type { BsonDocument, BsonValue, EncodableDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import type { Catalog } from './catalog.ts';
import type { StoredDocument } from './collection.ts';
import { Condition } from './condition.ts';
import type { DatabaseFile } from './database-file.ts';
import type { MemberAddress, MemberConfig } from './member-config.ts';
import {
  entryFromWire,
  entryToWire,
  type LogPoint,
  type Operation,
  type StatementRecord,
} from './operation.ts';
import { Peer } from './peer.ts';
import type { LogEnd, LogTime, ReplicaLog } from './replica-log.ts';
import { ServerError } from './server-error.ts';

export type Role = 'primary' | 'secondary';

interface OtherMember {
  readonly address: MemberAddress;
  /** Votes and heartbeats. */
  readonly line: Peer;
  /** The log, whose requests wait for news and would hold the others up. */
  readonly logLine: Peer;
  heardAt: number;
  /** How far its log is known to agree with this primary's, on its disk. */
  matched: number;
  end: LogPoint;
  role: Role | 'unknown';
}

const entriesPerFetch = 500;
const retentionSeconds = 40 * 60;

export class Replica {
  /** Notified when the role, the term, the log's end or the commit point has changed. */
  readonly changed: Condition = new Condition();
  readonly #config: MemberConfig;
  readonly #file: DatabaseFile;
  readonly #catalog: Catalog;
  readonly #log: ReplicaLog;
  readonly #ballot: Ballot;
  #others: OtherMember[] = [];
  #role: Role = 'secondary';
  #leader: number | undefined;
  #primaryHeardAt = 0;
  #committed = 0;
  #noElectionBefore = 0;
  #electionTimer: NodeJS.Timeout | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #upkeepTimer: NodeJS.Timeout | undefined;
  #campaigning = false;
  #stopped = false;
  /** Counts the changes that a client has to hear of. */
  #topology = 0;
  readonly #onRole: (role: Role, term: number) => void;

  constructor(
    config: MemberConfig,
    parts: { file: DatabaseFile; catalog: Catalog; log: ReplicaLog },
    onRole: (role: Role, term: number) => void,
  ) {
    this.#config = config;
    this.#file = parts.file;
    this.#catalog = parts.catalog;
    this.#log = parts.log;
    this.#ballot = new Ballot(parts.file);
    this.#onRole = onRole;
    this.#file.watch({
      committed: () => this.#afterGroup(),
      failed: () => this.#afterFailedGroup(),
    });
  }

  /** Joins the others and begins to look for a primary. */
  start(members: readonly MemberAddress[]): void {
    this.#others = members
      .filter(({ index }) => index !== this.#config.index)
      .map((address) => ({
        address,
        line: new Peer(address, this.#config.secret),
        logLine: new Peer(address, this.#config.secret),
        heardAt: 0,
        matched: 0,
        end: { position: 0, term: 0 },
        role: 'unknown',
      }));
    if (this.#others.length === 0) {
      this.#becomePrimary(this.term + 1);
    } else {
      this.#heartbeat();
      this.#planElection(20 + this.#config.index * 60);
      void this.#followLoop();
    }
    this.#upkeepTimer = setInterval(() => this.#upkeep(), 5000);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#electionTimer);
    clearTimeout(this.#heartbeatTimer);
    clearInterval(this.#upkeepTimer);
    for (const { line, logLine } of this.#others) {
      line.close();
      logLine.close();
    }
    this.changed.notify();
  }

  get role(): Role {
    return this.#role;
  }

  get term(): number {
    return this.#ballot.term;
  }

  get leader(): number | undefined {
    return this.#role === 'primary' ? this.#config.index : this.#leader;
  }

  /** The position up to which a majority has the log. */
  get committed(): number {
    return this.#committed;
  }

  get topology(): number {
    return this.#topology;
  }

  get end(): LogEnd {
    return this.#log.end;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** What `replSetGetStatus` tells of each member. */
  members(): {
    index: number;
    self: boolean;
    role: Role | 'unknown';
    end: LogPoint;
    healthy: boolean;
  }[] {
    const now = performance.now();
    const others = this.#others.map(({ address, role, end, heardAt }) => {
      const healthy = heardAt > 0 && now - heardAt < this.#config.electionTimeoutMS * 2;
      return {
        index: address.index,
        self: false,
        role: healthy ? role : ('unknown' as const),
        end,
        healthy,
      };
    });
    const self = {
      index: this.#config.index,
      self: true,
      role: this.#role,
      end: this.end,
      healthy: true,
    };
    return [...others, self].sort((a, b) => a.index - b.index);
  }

  // Writing

  /** Applies and logs a change; only a primary may (10107). */
  append(operation: Operation, record?: StatementRecord, found?: StoredDocument): LogEnd {
    this.requirePrimary();
    return this.#log.append(operation, { ...this.#nextTime(), term: this.term }, record, found);
  }

  requirePrimary(): void {
    if (this.#role !== 'primary') throw new ServerError(10107, 'not primary');
  }

  /**
   * Waits until as many members as a write concern asks for have the log up to
   * `position` on their disks. False when the time is up; throws 11602 when
   * this member ceases to be the primary that wrote it.
   */
  acknowledged(end: LogEnd, members: number | 'majority', milliseconds: number): Promise<boolean> {
    return this.changed.until(() => {
      if (this.#stopped) throw new ServerError(11600, 'the member is shutting down');
      if (this.#role !== 'primary' || this.term !== end.term) {
        throw new ServerError(11602, 'operation was interrupted: the primary stepped down');
      }
      if (members === 'majority') return this.#committed >= end.position;
      const have = this.#others.filter(({ matched }) => matched >= end.position).length;
      return this.#log.durable.position >= end.position && have + 1 >= members;
    }, milliseconds);
  }

  /** Waits until what has been applied up to `position` can no longer be rolled back. */
  settled(position: number, milliseconds: number): Promise<boolean> {
    const { term } = this;
    return this.changed.until(() => {
      if (this.#stopped) throw new ServerError(11600, 'the member is shutting down');
      if (this.#committed >= position) return true;
      if (this.term !== term)
        throw new ServerError(11602, 'operation was interrupted by an election');
      return false;
    }, milliseconds);
  }

  /** Waits until the log has reached a time. */
  reached({ seconds, increment }: LogTime, milliseconds: number): Promise<boolean> {
    return this.changed.until(() => {
      const { end } = this;
      return end.seconds > seconds || (end.seconds === seconds && end.increment >= increment);
    }, milliseconds);
  }

  #nextTime(): LogTime {
    const now = Math.floor(Date.now() / 1000);
    const { seconds, increment } = this.end;
    return now > seconds ? { seconds: now, increment: 1 } : { seconds, increment: increment + 1 };
  }

  #afterGroup(): void {
    this.#log.markDurable(this.#log.end);
    this.#advanceCommit();
    this.changed.notify();
  }

  #afterFailedGroup(): void {
    this.#catalog.reload();
    this.#log.reload();
    this.changed.notify();
  }

  #advanceCommit(): void {
    if (this.#role !== 'primary') return;
    const positions = [this.#log.durable.position, ...this.#others.map(({ matched }) => matched)];
    positions.sort((a, b) => b - a);
    const position = positions[this.#majority - 1] ?? 0;
    // Only an entry of this term settles those before it (section 5.4.2 of the paper).
    if (position > this.#committed && this.#log.termAt(position) === this.term) {
      this.#committed = position;
    }
  }

  get #majority(): number {
    return Math.floor((this.#others.length + 1) / 2) + 1;
  }

  #upkeep(): void {
    if (this.#stopped) return;
    const everybody = Math.min(this.#committed, ...this.#others.map(({ matched }) => matched));
    const settled = this.#role === 'primary' ? everybody : this.#committed;
    this.#log.forget(settled, Math.floor(Date.now() / 1000) - retentionSeconds);
    this.#catalog.purge(this.#committed);
  }

  // Elections

  /** Steps down and does not stand again for `seconds`; hands over to a member that has the whole log. */
  async stepDown(seconds: number, catchUpMilliseconds: number): Promise<void> {
    this.requirePrimary();
    const heir = () => this.#others.find(({ matched }) => matched >= this.#log.end.position);
    const caughtUp = await this.changed.until(
      () => this.#role !== 'primary' || this.#others.length === 0 || heir() !== undefined,
      catchUpMilliseconds,
    );
    this.requirePrimary();
    if (!caughtUp) {
      throw new ServerError(262, 'No electable secondaries caught up; please try again later');
    }
    const successor = heir();
    this.#noElectionBefore = performance.now() + seconds * 1000;
    this.#becomeSecondary(this.term, undefined);
    if (successor === undefined) {
      setTimeout(() => {
        if (!this.#stopped && this.#role === 'secondary') this.#becomePrimary(this.term + 1);
      }, seconds * 1000);
      return;
    }
    await successor.line
      .request({ holdfastStandNow: 1, term: this.term }, this.#config.electionTimeoutMS)
      .catch(() => {});
  }

  /** Asked by a primary that steps down: stands without waiting. */
  async standNow(term: number): Promise<void> {
    if (term >= this.term) await this.#campaign(true);
  }

  /** Answers another member's request for a vote. */
  vote(request: BsonDocument): EncodableDocument {
    const term = Number(request.get('term'));
    const candidate = Number(request.get('candidate'));
    const trial = request.get('trial') === true;
    const handOver = request.get('handOver') === true;
    const { position, term: lastTerm } = this.#log.durable;
    const theirs = {
      position: Number(request.get('position')),
      term: Number(request.get('lastTerm')),
    };
    const upToDate =
      theirs.term > lastTerm || (theirs.term === lastTerm && theirs.position >= position);
    if (trial) {
      const quiet =
        this.#role !== 'primary' &&
        (handOver || performance.now() - this.#primaryHeardAt > this.#config.electionTimeoutMS);
      return { ok: 1, granted: upToDate && quiet && term > this.term, term: this.term };
    }
    if (term > this.term) this.#becomeSecondary(term, undefined);
    const free = this.#ballot.votedFor === undefined || this.#ballot.votedFor === candidate;
    const granted = term === this.term && upToDate && free && this.#role !== 'primary';
    if (granted && this.#ballot.votedFor === undefined) this.#ballot.enter(term, candidate);
    if (granted) this.#planElection();
    return { ok: 1, granted, term: this.term };
  }

  #planElection(milliseconds: number = this.#patience()): void {
    clearTimeout(this.#electionTimer);
    if (this.#stopped || this.#others.length === 0) return;
    this.#electionTimer = setTimeout(() => {
      void this.#campaign(false);
    }, milliseconds);
  }

  #patience(): number {
    return this.#config.electionTimeoutMS * (1 + Math.random() * 0.3);
  }

  async #campaign(handOver: boolean): Promise<void> {
    if (this.#stopped || this.#role === 'primary' || this.#campaigning) return;
    if (performance.now() < this.#noElectionBefore) {
      this.#planElection();
      return;
    }
    this.#campaigning = true;
    try {
      const trial = handOver || (await this.#poll(this.term + 1, true, handOver));
      if (!trial || this.#stopped || this.role === 'primary') return;
      const term = this.term + 1;
      this.#ballot.enter(term, this.#config.index);
      this.#leader = undefined;
      if (!(await this.#poll(term, false, handOver))) return;
      if (this.term === term && !this.#stopped) this.#becomePrimary(term);
    } finally {
      this.#campaigning = false;
      if (this.role !== 'primary') this.#planElection(40 + Math.random() * 120);
    }
  }

  /** True when a majority, this member among it, says yes. */
  async #poll(term: number, trial: boolean, handOver: boolean): Promise<boolean> {
    const { position, term: lastTerm } = this.#log.durable;
    const question = {
      holdfastVote: 1,
      term,
      candidate: this.#config.index,
      position,
      lastTerm,
      trial,
      handOver,
    };
    let yes = 1;
    let open = this.#others.length;
    const done = new Condition();
    for (const { line } of this.#others) {
      line
        .request(question, this.#config.electionTimeoutMS / 2)
        .then((reply) => {
          if (reply.get('granted') === true) yes += 1;
          const theirs = Number(reply.get('term') ?? 0);
          if (theirs > this.term) this.#becomeSecondary(theirs, undefined);
        })
        .catch(() => {})
        .finally(() => {
          open -= 1;
          done.notify();
        });
    }
    await done.until(() => yes >= this.#majority || open === 0);
    return yes >= this.#majority;
  }

  #becomePrimary(term: number): void {
    if (term > this.term) this.#ballot.enter(term, this.#config.index);
    clearTimeout(this.#electionTimer);
    this.#role = 'primary';
    this.#leader = this.#config.index;
    const now = performance.now();
    for (const other of this.#others) {
      other.matched = 0;
      other.heardAt = now;
    }
    this.append({ kind: 'noop', namespace: '', payload: encodeDocument({ note: 'new primary' }) });
    this.#file.flushNow();
    this.#topology += 1;
    this.changed.notify();
    this.#onRole(this.#role, term);
    this.#heartbeat();
  }

  #becomeSecondary(term: number, leader: number | undefined): void {
    if (term > this.term) this.#ballot.enter(term, undefined);
    const changed = this.#role === 'primary' || this.#leader !== leader;
    const fell = this.#role === 'primary';
    this.#role = 'secondary';
    this.#leader = leader;
    if (changed) this.#topology += 1;
    this.changed.notify();
    if (fell) this.#onRole(this.#role, term);
    this.#planElection();
  }

  // Heartbeats

  #heartbeat(): void {
    clearTimeout(this.#heartbeatTimer);
    if (this.#stopped || this.#others.length === 0) return;
    for (const other of this.#others) void this.#greet(other);
    this.#stepDownWhenAlone();
    this.#heartbeatTimer = setTimeout(() => this.#heartbeat(), this.#config.electionTimeoutMS / 5);
  }

  async #greet(other: OtherMember): Promise<void> {
    const { position, term } = this.#log.durable;
    const greeting = {
      holdfastHeartbeat: 1,
      from: this.#config.index,
      term: this.term,
      role: this.#role,
      position,
      lastTerm: term,
    };
    try {
      const reply = await other.line.request(greeting, this.#config.electionTimeoutMS);
      this.#hear(other, reply);
    } catch {
      // A member that does not answer is noticed by the time since it was heard.
    }
  }

  /** Answers another member's heartbeat. */
  heartbeat(greeting: BsonDocument): EncodableDocument {
    const other = this.#others.find(
      ({ address }) => address.index === Number(greeting.get('from')),
    );
    if (other !== undefined) this.#hear(other, greeting);
    const { position, term } = this.#log.durable;
    return { ok: 1, term: this.term, role: this.#role, position, lastTerm: term };
  }

  #hear(other: OtherMember, said: BsonDocument): void {
    if (this.#stopped) return;
    const term = Number(said.get('term'));
    other.heardAt = performance.now();
    other.role = said.get('role') === 'primary' ? 'primary' : 'secondary';
    other.end = { position: Number(said.get('position')), term: Number(said.get('lastTerm')) };
    if (term > this.term) this.#becomeSecondary(term, undefined);
    if (other.role === 'primary' && term === this.term && this.#role === 'secondary') {
      this.#hearPrimary(other.address.index);
    }
  }

  #hearPrimary(index: number): void {
    this.#primaryHeardAt = performance.now();
    if (this.#leader === index) this.#planElection();
    else this.#becomeSecondary(this.term, index);
  }

  /** A primary that no majority answers is one no more: somebody else may be elected by now. */
  #stepDownWhenAlone(): void {
    if (this.#role !== 'primary') return;
    const since = performance.now() - this.#config.electionTimeoutMS;
    const heard = this.#others.filter(({ heardAt }) => heardAt >= since).length;
    if (heard + 1 < this.#majority) this.#becomeSecondary(this.term, undefined);
  }

  // The log's way from the primary to the others

  /** Answers a member that asks for what is behind the end of its log; waits a while when that is nothing. */
  async fetch(request: BsonDocument): Promise<EncodableDocument> {
    const term = Number(request.get('term'));
    const position = Number(request.get('position'));
    const other = this.#others.find(({ address }) => address.index === Number(request.get('from')));
    if (term > this.term) this.#becomeSecondary(term, undefined);
    if (this.#role !== 'primary' || other === undefined)
      throw new ServerError(10107, 'not primary');
    other.heardAt = performance.now();
    if (this.#log.termAt(position) !== Number(request.get('lastTerm'))) {
      const ends = this.#log.termEnds().map((end) => ({ ...end }));
      return { ok: 1, term: this.term, diverged: true, ends, start: this.#log.start };
    }
    if (position > other.matched) {
      other.matched = position;
      this.#advanceCommit();
      this.changed.notify();
    }
    const known = Number(request.get('committed'));
    await this.changed.until(
      () =>
        this.#stopped ||
        this.role !== 'primary' ||
        this.#log.durable.position > position ||
        this.#committed > known,
      Number(request.get('wait')),
    );
    this.requirePrimary();
    const entries = this.#log.after(position, entriesPerFetch).map(entryToWire);
    return { ok: 1, term: this.term, entries, committed: this.#committed };
  }

  /** Pulls the primary's log for as long as there is one that is not this member. */
  async #followLoop(): Promise<void> {
    while (!this.#stopped) {
      await this.changed.until(() => this.#stopped || this.#source() !== undefined);
      const source = this.#source();
      if (source === undefined) continue;
      try {
        await this.#pull(source);
      } catch (error) {
        if (this.#stopped) return;
        if (this.#source() === source) this.#loseLeader();
        if (error instanceof ServerError && error.code === 1) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  #source(): OtherMember | undefined {
    if (this.#role === 'primary') return undefined;
    return this.#others.find(({ address }) => address.index === this.#leader);
  }

  async #pull(source: OtherMember): Promise<void> {
    const { position, term } = this.#log.durable;
    const wait = this.#config.electionTimeoutMS / 2;
    const reply = await source.logLine.request(
      {
        holdfastFetch: 1,
        from: this.#config.index,
        term: this.term,
        position,
        lastTerm: term,
        committed: this.#committed,
        wait,
      },
      wait + this.#config.electionTimeoutMS,
    );
    if (reply.get('ok') !== 1) throw new ServerError(10107, 'the source is not primary');
    if (this.#source() !== source || Number(reply.get('term')) !== this.term) return;
    this.#hearPrimary(source.address.index);
    if (reply.get('diverged') === true) this.#rollBack(reply);
    else await this.#take(reply);
  }

  async #take(reply: BsonDocument): Promise<void> {
    const entries = reply.get('entries') as BsonDocument[];
    for (const entry of entries) this.#log.write(entryFromWire(entry));
    if (entries.length > 0) await this.#file.flushed();
    const committed = Math.min(Number(reply.get('committed')), this.#log.durable.position);
    if (committed > this.#committed) {
      this.#committed = committed;
      this.changed.notify();
    }
  }

  /** Goes back to the last entry that this log and the primary's share. */
  #rollBack(reply: BsonDocument): void {
    const theirs = new Map(
      (reply.get('ends') as BsonValue[]).map((end) => {
        const point = end as BsonDocument;
        return [Number(point.get('term')), Number(point.get('position'))];
      }),
    );
    const shared = this.#log
      .termEnds()
      .map(({ term, position }) => Math.min(position, theirs.get(term) ?? 0));
    const position = Math.max(0, ...shared);
    if (position < this.#committed || position < Number(reply.get('start'))) {
      throw new ServerError(
        1,
        'the logs share nothing to go back to: remove this member and its data',
      );
    }
    this.#log.rollBackTo(position);
    this.#file.flushNow();
    this.changed.notify();
  }

  /** The line to the primary broke: asks at once whether there is to be another. */
  #loseLeader(): void {
    this.#primaryHeardAt = 0;
    this.#becomeSecondary(this.term, undefined);
    this.#planElection(10 + Math.random() * 50);
  }
}

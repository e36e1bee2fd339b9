/** One member's part in the set: what it writes to the log, and what it waits for. */
import { encodeDocument } from './bson-encoder.ts';
import type { Catalog } from './catalog.ts';
import type { StoredDocument } from './collection.ts';
import type { DatabaseFile } from './database-file.ts';
import { Election } from './election.ts';
import type { Faults } from './faults.ts';
import { LogTransfer } from './log-transfer.ts';
import type { MemberAddress, MemberConfig } from './member-config.ts';
import type { LogPoint, Operation, StatementRecord } from './operation.ts';
import type { LogEnd, LogTime, ReplicaLog } from './replica-log.ts';
import { ServerError } from './server-error.ts';
import { type Role, Standing } from './standing.ts';

const retentionSeconds = 40 * 60;
const upkeepMilliseconds = 5000;

export interface MemberStatus {
  readonly index: number;
  readonly self: boolean;
  readonly role: Role | 'unknown';
  readonly end: LogPoint;
  readonly healthy: boolean;
}

export class Replica {
  readonly standing: Standing;
  readonly election: Election;
  readonly transfer: LogTransfer;
  readonly #config: MemberConfig;
  readonly #file: DatabaseFile;
  readonly #catalog: Catalog;
  readonly #log: ReplicaLog;
  readonly #faults: Faults;
  readonly #onLoss: () => void;
  #upkeepTimer: NodeJS.Timeout | undefined;

  constructor(
    config: MemberConfig,
    parts: { file: DatabaseFile; catalog: Catalog; log: ReplicaLog; faults: Faults },
    onRole: (role: Role, term: number) => void,
    onLoss: () => void = () => {},
  ) {
    this.#onLoss = onLoss;
    const { file, catalog, log, faults } = parts;
    this.#config = config;
    this.#file = file;
    this.#catalog = catalog;
    this.#log = log;
    this.#faults = faults;
    this.standing = new Standing(config, file, onRole);
    this.election = new Election(config, this.standing, log, () => this.#beginTerm());
    this.transfer = new LogTransfer(config, {
      standing: this.standing,
      election: this.election,
      file,
      log,
      faults,
    });
    file.watch({
      closing: () => this.#beforeGroup(),
      committed: () => this.#afterGroup(),
      failed: () => this.#afterFailedGroup(),
    });
  }

  /** Joins the others and begins to look for a primary. */
  start(members: readonly MemberAddress[]): void {
    this.standing.join(members, this.#config.secret, this.#faults);
    this.election.start();
    if (members.length > 1) void this.transfer.follow();
    this.#upkeepTimer = setInterval(() => this.#upkeep(), upkeepMilliseconds);
  }

  stop(): void {
    clearInterval(this.#upkeepTimer);
    this.election.stop();
    this.standing.stop();
  }

  /** The last entry that was applied here. */
  get end(): LogEnd {
    return this.#log.end;
  }

  get isPrimary(): boolean {
    return this.standing.role === 'primary';
  }

  requirePrimary(): void {
    if (!this.isPrimary) throw new ServerError(10107, 'not primary');
  }

  /** Applies and logs a change; only a primary may (10107). */
  append(operation: Operation, record?: StatementRecord, found?: StoredDocument): LogEnd {
    this.requirePrimary();
    const { term } = this.standing;
    return this.#log.append(operation, { ...this.#nextTime(), term }, record, found);
  }

  /** Writes an entry that changes nothing, to move the log's end or its clock. */
  appendNote(note: string): LogEnd {
    return this.append({ kind: 'noop', namespace: '', payload: encodeDocument({ note }) });
  }

  /**
   * Waits until as many members as a write concern asks for have the log up to
   * `end` on their disks. False when the time is up; throws 11602 when this
   * member ceases to be the primary that wrote it.
   */
  acknowledged(end: LogEnd, members: number | 'majority', milliseconds: number): Promise<boolean> {
    const { standing } = this;
    return standing.changed.until(() => {
      refuseStopped(standing);
      if (standing.role !== 'primary' || standing.term !== end.term) {
        throw new ServerError(11602, 'operation was interrupted: the primary stepped down');
      }
      if (members === 'majority') return standing.committed >= end.position;
      const have = standing.others.filter(({ matched }) => matched >= end.position).length;
      return this.#log.durable.position >= end.position && have + 1 >= members;
    }, milliseconds);
  }

  /**
   * Waits until what was applied up to `end` can no longer be rolled back. Throws 11602 at
   * an election, and when it was rolled back: others' entries may then be in its place.
   * Without a term any entry there will do.
   */
  settled(
    { position, term: writtenIn }: { position: number; term: number | undefined },
    milliseconds: number,
  ): Promise<boolean> {
    const { standing } = this;
    const { term } = standing;
    return standing.changed.until(() => {
      refuseStopped(standing);
      if (standing.committed >= position) {
        const found = this.#log.termAt(position);
        // What the log has forgotten was settled before.
        if (found === undefined || writtenIn === undefined || found === writtenIn) return true;
      } else if (standing.term === term) return false;
      throw new ServerError(11602, 'operation was interrupted by an election');
    }, milliseconds);
  }

  /** Waits until the log has reached a time. */
  reached({ seconds, increment }: LogTime, milliseconds: number): Promise<boolean> {
    return this.standing.changed.until(() => {
      refuseStopped(this.standing);
      const { end } = this;
      return end.seconds > seconds || (end.seconds === seconds && end.increment >= increment);
    }, milliseconds);
  }

  /** What `replSetGetStatus` tells of each member. */
  members(): MemberStatus[] {
    const { standing } = this;
    const since = performance.now() - this.#config.electionTimeoutMS * 2;
    const others = standing.others.map(({ address, role, end, heardAt }): MemberStatus => {
      const healthy = heardAt > 0 && heardAt >= since;
      return { index: address.index, self: false, role: healthy ? role : 'unknown', end, healthy };
    });
    const { index, role } = standing;
    const self = { index, self: true, role, end: this.end, healthy: true };
    return [...others, self].sort((a, b) => a.index - b.index);
  }

  #beginTerm(): void {
    this.standing.becomePrimary();
    this.appendNote('new primary');
    this.#file.flushNow();
  }

  #nextTime(): LogTime {
    const now = Math.floor(this.#faults.now().getTime() / 1000);
    const { seconds, increment } = this.end;
    return now > seconds ? { seconds: now, increment: 1 } : { seconds, increment: increment + 1 };
  }

  #beforeGroup(): void {
    if (!this.isPrimary || this.standing.others.length === 0) return;
    this.#log.offer();
    this.standing.changed.notify();
  }

  #afterGroup(): void {
    this.#log.markDurable(this.#log.end);
    this.transfer.advanceCommit();
    this.standing.changed.notify();
  }

  /** Others may keep what this member could not: then it cannot go on in this term as if there was nothing. */
  #afterFailedGroup(): ServerError | undefined {
    const { offered } = this.#log;
    this.#catalog.reload();
    this.#log.reload();
    this.#onLoss();
    const shared = this.isPrimary && offered > this.#log.end.position;
    if (shared) this.election.giveUp();
    else this.standing.changed.notify();
    return shared
      ? new ServerError(11602, 'operation was interrupted: the primary could not write its log')
      : undefined;
  }

  #upkeep(): void {
    const { committed, others, role } = this.standing;
    const everybody = Math.min(committed, ...others.map(({ matched }) => matched));
    const settled = role === 'primary' ? everybody : committed;
    this.#log.forget(settled, Math.floor(this.#faults.now().getTime() / 1000) - retentionSeconds);
    this.#catalog.purge(committed);
  }
}

function refuseStopped({ stopped }: Standing): void {
  if (stopped) throw new ServerError(11600, 'the member is shutting down');
}

/** One member's part in the set: what it writes to the log, and what it waits for. */
import type { EncodableDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import type { Catalog } from './catalog.ts';
import type { StoredDocument } from './collection.ts';
import { CopySource } from './copy-source.ts';
import type { DatabaseFile } from './database-file.ts';
import { Election } from './election.ts';
import type { Faults } from './faults.ts';
import { FullCopy } from './full-copy.ts';
import { LogTransfer } from './log-transfer.ts';
import { LogUpkeep } from './log-upkeep.ts';
import type { MemberAddress, MemberConfig } from './member-config.ts';

import { meetsTags, type TagCounts } from './member-settings.ts';
import type { LogEnd, LogTime, Operation, StatementRecord } from './operation.ts';
import { Peer } from './peer.ts';
import type { ReplicaLog } from './replica-log.ts';
import { ServerError } from './server-error.ts';
import { type Role, Standing } from './standing.ts';

/** A number of members, a majority, or so many values of each tag. */
export type WriteGoal = number | 'majority' | TagCounts;

const forwardedMilliseconds = 30_000;

export class Replica {
  readonly standing: Standing;
  readonly election: Election;
  readonly transfer: LogTransfer;
  readonly copySource: CopySource;
  readonly #config: MemberConfig;
  readonly #file: DatabaseFile;
  readonly #catalog: Catalog;
  readonly #log: ReplicaLog;
  readonly #faults: Faults;
  readonly #onLoss: () => void;
  readonly #upkeep: LogUpkeep;

  constructor(
    config: MemberConfig,
    parts: { file: DatabaseFile; catalog: Catalog; log: ReplicaLog; faults: Faults },
    on: {
      onRole: (role: Role, term: number) => void;
      /** Changes that were applied here are lost. */
      onLoss: () => void;
      /** The file has become another one. */
      onExchange: () => void;
    },
  ) {
    const { onRole, onLoss, onExchange } = on;
    this.#onLoss = onLoss;
    const { file, catalog, log, faults } = parts;
    this.#config = config;
    this.#file = file;
    this.#catalog = catalog;
    this.#log = log;
    this.#faults = faults;
    this.standing = new Standing(config, file, onRole, (position) => log.settle(position));
    this.election = new Election(config, this.standing, log, {
      onWin: () => this.#beginTerm(),
      now: () => faults.now(),
    });
    this.transfer = new LogTransfer(config, {
      standing: this.standing,
      election: this.election,
      file,
      catalog,
      log,
      faults,
      fullCopy: new FullCopy(this.standing, file, () => {
        this.#catalog.reload();
        this.#log.reload();
        onExchange();
      }),
    });
    this.copySource = new CopySource({
      standing: this.standing,
      file,
      appendNote: (note) => this.appendNote(note),
    });
    this.#upkeep = new LogUpkeep({ catalog, log, standing: this.standing }, config.logBytes);
    file.watch({
      committed: () => this.#afterGroup(),
      failed: () => this.#afterFailedGroup(),
    });
  }

  /** Joins the others and begins to look for a primary. */
  start(members: readonly MemberAddress[], { blank = false }: { blank?: boolean } = {}): void {
    this.standing.join(members, this.#config.secret, { blank, faults: this.#faults });
    this.election.start();
    if (members.length > 1) void this.transfer.follow();
    this.#upkeep.start();
  }

  stop(): void {
    this.#upkeep.stop();
    this.election.stop();
    this.copySource.stop();
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

  /**
   * Has the primary run a command for a client of this member, over a line of its
   * own. Throws what the primary answers; 10107 when none is known, 6 when it is
   * not heard from in time.
   */
  async askPrimary(command: EncodableDocument): Promise<EncodableDocument> {
    const { leader, others } = this.standing;
    const primary = others.find(({ address }) => address.index === leader);
    if (primary === undefined) throw new ServerError(10107, 'not primary');
    const { address } = primary;
    const line = new Peer(address, this.#config.secret, () => this.#faults.reaches(address.index));
    try {
      const reply = await line.request(command, forwardedMilliseconds);
      if (Number(reply.get('ok')) === 1) return Object.fromEntries(reply);
      throw new ServerError(Number(reply.get('code')), String(reply.get('errmsg')));
    } catch (error) {
      if (error instanceof ServerError) throw error;
      throw new ServerError(6, 'the primary did not answer this member');
    } finally {
      line.close();
    }
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

  /** True when the set has as many members, or tags, as a write concern asks for. */
  couldAcknowledge(goal: WriteGoal): boolean {
    const { others, settings } = this.standing;
    if (goal === 'majority') return true;
    if (typeof goal === 'number') return goal <= others.length + 1;
    return meetsTags(goal, [settings, ...others.map((other) => other.settings)]);
  }

  /**
   * Waits until as many members as a write concern asks for have the log up to
   * `end` on their disks. False when the time is up; throws 11602 when this
   * member ceases to be the primary that wrote it.
   */
  acknowledged(end: LogEnd, goal: WriteGoal, milliseconds: number): Promise<boolean> {
    const { standing } = this;
    return standing.changed.until(() => {
      refuseStopped(standing);
      if (standing.role !== 'primary' || standing.term !== end.term) {
        throw new ServerError(11602, 'operation was interrupted: the primary stepped down');
      }
      if (goal === 'majority') return standing.committed >= end.position;
      if (this.#log.durable.position < end.position) return false;
      const have = standing.others.filter(({ matched }) => matched >= end.position);
      if (typeof goal === 'number') return have.length + 1 >= goal;
      return meetsTags(goal, [standing.settings, ...have.map(({ settings }) => settings)]);
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

  #afterGroup(): void {
    this.#log.markDurable(this.#log.end);
    this.transfer.advanceCommit();
    this.#upkeep.look();
    this.standing.changed.notify();
  }

  #afterFailedGroup(): void {
    this.#catalog.reload();
    this.#log.reload();
    this.#onLoss();
    this.standing.changed.notify();
  }
}

function refuseStopped({ stopped }: Standing): void {
  if (stopped) throw new ServerError(11600, 'the member is shutting down');
}

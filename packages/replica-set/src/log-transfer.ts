/** The log's way from the primary to the others: they ask for what is behind the end of theirs. */
import type { BsonDocument, BsonValue, EncodableDocument } from './bson-document.ts';
import type { Catalog } from './catalog.ts';
import type { DatabaseFile } from './database-file.ts';
import type { Election } from './election.ts';
import type { Faults } from './faults.ts';
import type { FullCopy } from './full-copy.ts';
import { buildIndex } from './index-builder.ts';
import type { MemberConfig } from './member-config.ts';
import { entryFromWire, entryToWire, type LogEntry } from './operation.ts';
import type { ReplicaLog } from './replica-log.ts';
import { ServerError } from './server-error.ts';
import type { OtherMember, Standing } from './standing.ts';

const entriesPerFetch = 500;

export class LogTransfer {
  readonly #config: MemberConfig;
  readonly #standing: Standing;
  readonly #election: Election;
  readonly #file: DatabaseFile;
  readonly #catalog: Catalog;
  readonly #log: ReplicaLog;
  readonly #faults: Faults;
  readonly #fullCopy: FullCopy;

  constructor(
    config: MemberConfig,
    parts: {
      standing: Standing;
      election: Election;
      file: DatabaseFile;
      catalog: Catalog;
      log: ReplicaLog;
      faults: Faults;
      fullCopy: FullCopy;
    },
  ) {
    this.#config = config;
    this.#standing = parts.standing;
    this.#election = parts.election;
    this.#file = parts.file;
    this.#catalog = parts.catalog;
    this.#log = parts.log;
    this.#faults = parts.faults;
    this.#fullCopy = parts.fullCopy;
  }

  /** Commits, as primary, what a majority has on its disks. */
  advanceCommit(): void {
    const standing = this.#standing;
    if (standing.role !== 'primary') return;
    const positions = [
      this.#log.durable.position,
      ...standing.voters.map(({ matched }) => matched),
    ];
    positions.sort((a, b) => b - a);
    const position = positions[standing.majority - 1] ?? 0;
    // Only an entry of this term settles those before it (section 5.4.2 of the Raft paper).
    if (position > standing.committed && this.#log.termAt(position) === standing.term) {
      standing.commit(position);
    }
  }

  /** Answers a member that asks for more; waits a while when there is nothing. */
  async give(request: BsonDocument): Promise<EncodableDocument> {
    const standing = this.#standing;
    const position = Number(request.get('position'));
    const other = standing.other(Number(request.get('from')));
    this.#election.hearTerm(Number(request.get('term')));
    if (standing.role !== 'primary' || other === undefined) throw notPrimary();
    other.heardAt = performance.now();
    if (this.#log.termAt(position) !== Number(request.get('lastTerm'))) return this.#diverged();
    // What it asks from is what it has on its disk: asking is acknowledging.
    if (position > other.matched) {
      other.matched = position;
      this.advanceCommit();
      standing.changed.notify();
    }
    const known = Number(request.get('committed'));
    await standing.changed.until(
      () =>
        standing.stopped ||
        standing.role !== 'primary' ||
        this.#log.durable.position > position ||
        // While more is under way, the news of what is committed goes with that.
        (standing.committed > known && standing.committed >= this.#log.end.position),
      Number(request.get('wait')),
    );
    if (standing.stopped || standing.role !== 'primary') throw notPrimary();
    // The log may have been cut meanwhile.
    if (position < this.#log.start) return this.#diverged();
    const entries = this.#log.after(position, entriesPerFetch).map(entryToWire);
    return { ok: 1, term: standing.term, entries, committed: standing.committed };
  }

  #diverged(): EncodableDocument {
    const ends = this.#log.termEnds().map((end) => ({ ...end }));
    return { ok: 1, term: this.#standing.term, diverged: true, ends, start: this.#log.start };
  }

  /** Pulls the primary's log for as long as there is one that is not this member. */
  async follow(): Promise<void> {
    const standing = this.#standing;
    while (!standing.stopped) {
      await standing.changed.until(() => standing.stopped || this.#source() !== undefined);
      const source = this.#source();
      if (source === undefined) continue;
      try {
        await this.#pull(source);
      } catch (error) {
        this.#file.notice(error);
        if (standing.stopped) return;
        if (error instanceof ServerError && error.code === 1) throw error;
        if (error instanceof ServerError && error.code === 14031) {
          // There may be room later; meanwhile the primary is not to blame.
          await standing.changed.until(() => standing.stopped, this.#config.electionTimeoutMS / 5);
          continue;
        }
        if (this.#source() === source) this.#election.loseLeader();
      }
    }
  }

  #source(): OtherMember | undefined {
    const { role, leader } = this.#standing;
    return role === 'primary' || leader === undefined ? undefined : this.#standing.other(leader);
  }

  async #pull(source: OtherMember): Promise<void> {
    const standing = this.#standing;
    if (standing.blank) return this.#copy(source);
    const { position, term: lastTerm } = this.#log.durable;
    const wait = this.#config.electionTimeoutMS / 2;
    const reply = await source.logLine.request(
      {
        holdfastFetch: 1,
        from: standing.index,
        term: standing.term,
        position,
        lastTerm,
        committed: standing.committed,
        wait,
      },
      wait + this.#config.electionTimeoutMS,
    );
    if (Number(reply.get('ok')) !== 1) throw notPrimary();
    const current = () =>
      this.#source() === source && Number(reply.get('term')) === standing.term && !standing.stopped;
    if (!current()) return;
    this.#election.hearPrimary(source.address.index);
    await this.#faults.lag();
    if (!current()) return;
    if (reply.get('diverged') !== true) await this.#take(reply, current);
    else if (!this.#goBack(reply)) await this.#copy(source);
  }

  async #copy(source: OtherMember): Promise<void> {
    const standing = this.#standing;
    const { term } = standing;
    const current = () => !standing.stopped && standing.term === term && this.#source() === source;
    await this.#fullCopy.take(source, current, () => {
      this.#election.hearPrimary(source.address.index);
    });
  }

  async #take(reply: BsonDocument, current: () => boolean): Promise<void> {
    const entries = reply.get('entries') as BsonDocument[];
    for (const each of entries) {
      const entry = entryFromWire(each);
      if (entry.operation.kind !== 'createIndex') this.#log.write(entry);
      else if (!(await this.#buildIndex(entry, current))) return;
    }
    if (entries.length > 0) await this.#file.flushed();
    this.#standing.recovered();
    this.#standing.commit(Math.min(Number(reply.get('committed')), this.#log.durable.position));
  }

  /** Builds an index in slices and writes its entry; false when the source is no longer the one to follow. */
  async #buildIndex(entry: LogEntry, current: () => boolean): Promise<boolean> {
    const { namespace, payload: bytes } = entry.operation;
    const goOn = () => {
      if (!current()) throw notPrimary();
    };
    try {
      await buildIndex(
        { file: this.#file, catalog: this.#catalog },
        { namespace, bytes },
        goOn,
        () => this.#log.write(entry),
      );
      return true;
    } catch (error) {
      if (current()) throw error;
      return false;
    }
  }

  /** Goes back to the last entry that this log and the primary's share; false when there is none. */
  #goBack(reply: BsonDocument): boolean {
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
    const start = Number(reply.get('start'));
    // The entry at the start is cut off itself: nothing can be compared with it.
    if (position < this.#log.start || (start > 0 && position <= start)) return false;
    if (position < this.#standing.committed) {
      throw new ServerError(
        1,
        `the primary's log lacks what a majority has, from entry ${position + 1} on: one of the members' files was put in its place from elsewhere`,
      );
    }
    this.#log.rollBackTo(position);
    this.#file.flushNow();
    this.#standing.changed.notify();
    return true;
  }
}

function notPrimary(): ServerError {
  return new ServerError(10107, 'not primary');
}

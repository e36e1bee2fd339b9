/**
 * The log of one member: every change in order, each with what takes it back.
 *
 * An entry, the change it makes and the record of its retryable statement are
 * one write: after a crash there is all of it or nothing. The records lie beside
 * the log, which may be cut while they are still needed.
 */
import type { Catalog } from './catalog.ts';
import type { StoredDocument } from './collection.ts';
import type { DatabaseFile } from './database-file.ts';
import { LogHistory } from './log-history.ts';
import {
  beginning,
  type LogEnd,
  type LogEntry,
  type LogPoint,
  type LogTime,
  type Operation,
  type OperationKind,
  type StatementRecord,
} from './operation.ts';
import { RecentEntries } from './recent-entries.ts';
import { recordSeconds, SessionRecords, type WrittenRecord } from './session-records.ts';

interface Row {
  position: number;
  term: number;
  seconds: number;
  increment: number;
  kind: OperationKind;
  namespace: string;
  payload: Uint8Array;
  undo: Uint8Array;
}

/** A row with the record beside it, if there is one. */
interface RecordedRow extends Row {
  session: Uint8Array | null;
  txn: number | null;
  statement: number | null;
  result: Uint8Array | null;
}

/** With one more entry, and what is around them, this is still less than a message may hold. */
const mostBytesAtOnce = 16 * 1024 * 1024;

/** What an entry takes in the file beside its payload and its undo, about. */
const entryBytes = 128;

export class ReplicaLog {
  readonly #file: DatabaseFile;
  readonly #catalog: Catalog;
  readonly #records: SessionRecords;
  #settled = 0;
  /** The bytes of all entries that there ever were, up to the end, and up to the start. */
  #volume = 0;
  #volumeBefore = 0;
  #start = 0;
  #end: LogEnd = beginning;
  #durable: LogEnd = beginning;
  #backward = 0;
  readonly #recent = new RecentEntries();
  /** Reads what is in the log. */
  readonly history: LogHistory;

  constructor(file: DatabaseFile, catalog: Catalog) {
    this.#file = file;
    this.#catalog = catalog;
    this.#records = new SessionRecords(file);
    this.history = new LogHistory(file);
    this.reload();
  }

  reload(): void {
    const first = this.#file
      .statement('select position, volume, size from log order by position limit 1')
      .get();
    this.#start = Number(first?.position ?? 1) - 1;
    this.#volumeBefore = Number(first?.volume ?? 0) - Number(first?.size ?? 0);
    this.#findEnd();
    this.#durable = this.#end;
    this.#goneBack();
  }

  #goneBack(): void {
    this.#backward += 1;
    this.#recent.clear();
  }

  #findEnd(): void {
    const row = this.#file
      .statement(
        'select position, term, seconds, increment, volume from log order by position desc limit 1',
      )
      .get() as unknown as (LogEnd & { volume: number }) | undefined;
    const { volume = 0, ...end } = row ?? (beginning as LogEnd & { volume?: number });
    this.#end = end;
    this.#volume = volume;
  }

  /** Counts how often entries were taken back: what was read of the log before may not be in it now. */
  get backward(): number {
    return this.#backward;
  }

  /** The bytes that the entries from the start to the end take, about. */
  get bytes(): number {
    return this.#volume - this.#volumeBefore;
  }

  /** The last entry written, be it on the disk yet or not. */
  get end(): LogEnd {
    return this.#end;
  }

  /** The last entry that is on the disk. */
  get durable(): LogEnd {
    return this.#durable;
  }

  markDurable(end: LogEnd): void {
    if (end.position > this.#durable.position) this.#durable = end;
  }

  /** Applies an operation and writes it as the next entry. */
  append(
    operation: Operation,
    time: LogTime & { readonly term: number },
    record?: StatementRecord,
    found?: StoredDocument,
  ): LogEnd {
    const { seconds, increment, term } = time;
    const entry = { position: this.#end.position + 1, term, seconds, increment };
    this.write({ ...entry, operation, record }, found);
    return this.#end;
  }

  /** Applies and writes an entry that another member made. */
  write(entry: LogEntry, found?: StoredDocument): void {
    const { position, term, seconds, increment, operation, record } = entry;
    if (position !== this.#end.position + 1) {
      throw new RangeError(`entry ${position} cannot follow entry ${this.#end.position}`);
    }
    let volume = this.#volume;
    const write = () => {
      const undo = this.#catalog.apply(operation, position, found);
      const size = entryBytes + operation.payload.length + undo.length;
      volume += size;
      this.#file
        .statement(
          `insert into log (position, term, seconds, increment, kind, namespace, payload, undo, size, volume)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          position,
          term,
          seconds,
          increment,
          operation.kind,
          operation.namespace,
          operation.payload,
          undo,
          size,
          volume,
        );
      if (record !== undefined) this.#records.write(position, seconds, record, this.#settled);
    };
    try {
      this.#file.writeAtomically(write);
    } catch (error) {
      // Of many operations some may have changed what the catalog holds in memory.
      if (operation.kind === 'transaction') this.#catalog.reload();
      throw error;
    }
    this.#end = { position, term, seconds, increment };
    this.#volume = volume;
    this.#recent.add(entry);
  }

  /** The durable entries behind `position`: at most `count`, and no more than fit into a message. */
  after(position: number, count: number): LogEntry[] {
    const recent = this.#recent.between(position, this.#durable.position, count);
    if (recent !== undefined) return recent;
    const entries: LogEntry[] = [];
    let bytes = 0;
    const rows = this.#file
      .statement(
        `select log.position, term, log.seconds, increment, kind, namespace, payload, session, txn, statement, result
           from log left join records on records.position = log.position
           where log.position > ? and log.position <= ? order by log.position limit ?`,
      )
      .iterate(position, this.#durable.position, count);
    for (const row of rows) {
      const entry = entryOf(row as unknown as RecordedRow);
      entries.push(entry);
      bytes += entry.operation.payload.length;
      if (bytes > mostBytesAtOnce) break;
    }
    return entries;
  }

  /** The term of an entry; nothing when the log does not hold it, or begins behind it. */
  termAt(position: number): number | undefined {
    if (position === 0) return this.#start === 0 ? 0 : undefined;
    const row = this.#file.statement('select term from log where position = ?').get(position);
    return row === undefined ? undefined : Number(row.term);
  }

  /** The last position of each term that the log knows, newest first. */
  termEnds(): LogPoint[] {
    return this.#file
      .statement('select term, max(position) as position from log group by term order by term desc')
      .all()
      .map(({ term, position }) => ({ term: Number(term), position: Number(position) }));
  }

  /** Takes back every entry behind `position`, newest first, with the records of its statements. */
  rollBackTo(position: number): number {
    let count = 0;
    while (this.#end.position > position) {
      this.#file.writeAtomically(() => {
        const row = this.#row(this.#end.position);
        const { kind, namespace, payload } = row;
        this.#catalog.undo({ kind, namespace, payload }, row.position, row.undo);
        this.#records.remove(row.position);
        this.#file.statement('delete from log where position = ?').run(row.position);
      });
      this.#findEnd();
      count += 1;
    }
    this.#durable = this.#end;
    this.#goneBack();
    return count;
  }

  /** Tells that a majority has the log up to `position`: it is not rolled back any more. */
  settle(position: number): void {
    this.#settled = position;
  }

  /** The record of a statement that was carried out before. */
  resultOf(session: Uint8Array, txn: number, statement: number): WrittenRecord | undefined {
    return this.#records.find(session, txn, statement);
  }

  /** The highest transaction number that is known of a session. */
  lastTxnOf(session: Uint8Array): number | undefined {
    return this.#records.lastTxnOf(session);
  }

  /** Forgets records of statements that a majority has and that are old; true when there may be more. */
  forgetRecords(count: number): boolean {
    const before = this.#end.seconds - recordSeconds;
    return this.#records.forget(Math.min(this.#settled, this.#end.position), before, count);
  }

  /**
   * Cuts off the oldest entries, at most `count` and none at or behind `position`,
   * while more than `bytes` are there; true when there may be more to cut off.
   */
  trim(bytes: number, position: number, count: number): boolean {
    const rows = this.#file
      .statement('select position, volume from log where position < ? order by position limit ?')
      .all(Math.min(position, this.#end.position), count);
    const superfluous = rows.filter(({ volume }) => Number(volume) <= this.#volume - bytes);
    const last = superfluous.at(-1);
    if (last === undefined) return false;
    this.#file.writeAtomically(() => {
      this.#file.statement('delete from log where position <= ?').run(Number(last.position));
    });
    this.#start = Number(last.position);
    this.#volumeBefore = Number(last.volume);
    return superfluous.length === count;
  }

  /** The position before the oldest entry that is still there. */
  get start(): number {
    return this.#start;
  }

  #row(position: number): Row {
    const row = this.#file.statement('select * from log where position = ?').get(position);
    if (row === undefined) throw new RangeError(`the log does not hold entry ${position}`);
    return row as unknown as Row;
  }
}

function entryOf(row: RecordedRow): LogEntry {
  const { position, term, seconds, increment, kind, namespace, payload } = row;
  return {
    position,
    term,
    seconds,
    increment,
    operation: { kind, namespace, payload },
    record:
      row.session === null
        ? undefined
        : {
            session: row.session,
            txn: row.txn ?? 0,
            statement: row.statement ?? 0,
            result: row.result ?? new Uint8Array(),
          },
  };
}

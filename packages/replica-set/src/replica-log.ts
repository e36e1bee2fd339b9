/**
 * The log of one member: every change in order, each with what takes it back.
 *
 * An entry, the change it makes and the record of its retryable statement are
 * one write: after a crash there is all of it or nothing.
 */
import type { Catalog } from './catalog.ts';
import type { StoredDocument } from './collection.ts';
import type { DatabaseFile } from './database-file.ts';
import type { LogEntry, LogPoint, Operation, OperationKind, StatementRecord } from './operation.ts';
import { RecentEntries } from './recent-entries.ts';
import {
  changesWithin,
  type TransactionPlace,
  type Undo,
  unpackUndos,
} from './transaction-entry.ts';
import type { NamespaceRange } from './watched-namespace.ts';

interface Row {
  position: number;
  term: number;
  seconds: number;
  increment: number;
  kind: OperationKind;
  namespace: string;
  payload: Uint8Array;
  undo: Uint8Array;
  session: Uint8Array | null;
  txn: number | null;
  statement: number | null;
  result: Uint8Array | null;
}

export interface LogTime {
  readonly seconds: number;
  readonly increment: number;
}

/** The last entry: where the log ends and when that was written. */
export interface LogEnd extends LogPoint, LogTime {}

/** An entry as change streams read it. */
export interface LoggedChange extends LogEnd {
  readonly kind: OperationKind;
  readonly namespace: string;
  readonly payload: Uint8Array;
  /** Holds, for a document that there was before, that `document`. */
  readonly undo: Uint8Array;
  /** The transaction that it is a part of. */
  readonly transaction: TransactionPlace | undefined;
}

/** An entry without what it changes. */
export type LoggedPoint = Omit<LoggedChange, 'payload' | 'undo' | 'transaction'>;

/** With one more entry, and what is around them, this is still less than a message may hold. */
const mostBytesAtOnce = 16 * 1024 * 1024;

const beginning: LogEnd = { position: 0, term: 0, seconds: 0, increment: 0 };

export class ReplicaLog {
  readonly #file: DatabaseFile;
  readonly #catalog: Catalog;
  #end: LogEnd = beginning;
  #durable: LogEnd = beginning;
  #backward = 0;
  #offered = 0;
  readonly #recent = new RecentEntries();

  constructor(file: DatabaseFile, catalog: Catalog) {
    this.#file = file;
    this.#catalog = catalog;
    this.reload();
  }

  reload(): void {
    const row = this.#file
      .statement(
        'select position, term, seconds, increment from log order by position desc limit 1',
      )
      .get() as unknown as LogEnd | undefined;
    this.#end = row ?? beginning;
    this.#durable = this.#end;
    this.#backward += 1;
    this.#offered = this.#end.position;
    this.#recent.clear();
  }

  /** Counts how often entries were taken back: what was read of the log before may not be in it now. */
  get backward(): number {
    return this.#backward;
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
    this.#offered = Math.max(this.#offered, end.position);
  }

  /**
   * The position up to which others may have the log: they write it to their
   * disks while this member writes it to its own (Ongaro's dissertation, 10.2.1).
   */
  get offered(): number {
    return this.#offered;
  }

  /** Offers the others everything, be it on the disk here yet or not. */
  offer(): void {
    this.#offered = this.#end.position;
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
    const write = () => {
      const undo = this.#catalog.apply(operation, position, found);
      this.#file
        .statement(
          `insert into log (position, term, seconds, increment, kind, namespace, payload, undo,
             session, txn, statement, result) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
          record?.session ?? null,
          record?.txn ?? null,
          record?.statement ?? null,
          record?.result ?? null,
        );
    };
    try {
      this.#file.writeAtomically(write);
    } catch (error) {
      // Of many operations some may have changed what the catalog holds in memory.
      if (operation.kind === 'transaction') this.#catalog.reload();
      throw error;
    }
    this.#end = { position, term, seconds, increment };
    this.#recent.add(entry);
  }

  /** The offered entries behind `position`: at most `count`, and no more than fit into a message. */
  after(position: number, count: number): LogEntry[] {
    const recent = this.#recent.between(position, this.#offered, count);
    if (recent !== undefined) return recent;
    const entries: LogEntry[] = [];
    let bytes = 0;
    const rows = this.#file
      .statement(`select position, term, seconds, increment, kind, namespace, payload, session, txn, statement, result
           from log where position > ? and position <= ? order by position limit ?`)
      .iterate(position, this.#offered, count);
    for (const row of rows) {
      const entry = entryOf(row as unknown as Row);
      entries.push(entry);
      bytes += entry.operation.payload.length;
      if (bytes > mostBytesAtOnce) break;
    }
    return entries;
  }

  /** The changes of data behind `after` and up to `through` in a range of namespaces, one by one. */
  *changes(
    after: number,
    through: number,
    [first, end]: NamespaceRange,
  ): IterableIterator<LoggedChange> {
    const rows = this.#file
      .statement(
        `select position, term, seconds, increment, kind, namespace, payload, undo, session, txn from log
           where position > ? and position <= ? and ((namespace >= ? and namespace < ?
             and kind in ('insert', 'update', 'pipeline', 'replace', 'delete', 'drop', 'dropDatabase'))
             or kind = 'transaction')
           order by position`,
      )
      .iterate(after, through, first, end);
    for (const each of rows) {
      const row = each as unknown as Row;
      if (row.kind === 'transaction') {
        const { position, term, seconds, increment } = row;
        for (const change of changesWithin(row)) {
          if (change.namespace < first || change.namespace >= end) continue;
          yield { position, term, seconds, increment, ...change };
        }
      } else yield { ...row, transaction: undefined };
    }
  }

  /** What takes back the changes of one collection behind `position`, oldest first. */
  *undosBehind(position: number, namespace: string): IterableIterator<Undo> {
    const rows = this.#file
      .statement(
        `select kind, namespace, undo from log
           where position > ? and (namespace = ? or kind = 'transaction') and kind <> 'noop'
           order by position`,
      )
      .iterate(position, namespace);
    for (const each of rows) {
      const row = each as unknown as Undo;
      if (row.kind !== 'transaction') yield row;
      else {
        for (const part of unpackUndos(row.undo)) {
          if (part.namespace === namespace) yield part;
        }
      }
    }
  }

  pointAt(position: number): LoggedPoint | undefined {
    return this.#file
      .statement(
        'select position, term, seconds, increment, kind, namespace from log where position = ?',
      )
      .get(position) as unknown as LoggedPoint | undefined;
  }

  /** The last entry up to `through` that was written before a time; found by halving. */
  lastBefore(time: LogTime, through: number): LogEnd {
    let low = this.start;
    let high = through;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const { seconds, increment } = this.pointAt(middle) ?? beginning;
      const before =
        seconds < time.seconds || (seconds === time.seconds && increment < time.increment);
      if (before) low = middle;
      else high = middle - 1;
    }
    return this.pointAt(low) ?? { ...beginning, position: low };
  }

  termAt(position: number): number | undefined {
    if (position === 0) return 0;
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
    this.#recent.clear();
    while (this.#end.position > position) {
      this.#file.writeAtomically(() => {
        const row = this.#row(this.#end.position);
        this.#catalog.undo(entryOf(row).operation, row.position, row.undo);
        this.#file.statement('delete from log where position = ?').run(row.position);
      });
      this.#end = this.#endBefore(this.#end.position);
      count += 1;
    }
    this.#durable = this.#end;
    this.#backward += 1;
    this.#offered = this.#end.position;
    return count;
  }

  /** What a statement answered when it was carried out before. */
  resultOf(session: Uint8Array, txn: number, statement: number): LogEntry | undefined {
    const row = this.#file
      .statement('select * from log where session = ? and txn = ? and statement = ?')
      .get(session, txn, statement) as unknown as Row | undefined;
    return row === undefined ? undefined : entryOf(row);
  }

  /** The highest transaction number that the log knows of a session. */
  lastTxnOf(session: Uint8Array): number | undefined {
    const row = this.#file
      .statement('select max(txn) as txn from log where session = ?')
      .get(session);
    return row?.txn === null || row === undefined ? undefined : Number(row.txn);
  }

  /** Forgets entries up to `position` that were written before `seconds`. */
  forget(position: number, seconds: number): void {
    this.#file.writeAtomically(() => {
      this.#file
        .statement(
          `delete from log where position in (
             select position from log where position < ? and seconds < ? order by position limit 5000)`,
        )
        .run(Math.min(position, this.#end.position), seconds);
    });
  }

  /** The position before the oldest entry that is still there. */
  get start(): number {
    const row = this.#file.statement('select min(position) as position from log').get();
    return row?.position === null || row === undefined ? 0 : Number(row.position) - 1;
  }

  #row(position: number): Row {
    const row = this.#file.statement('select * from log where position = ?').get(position);
    if (row === undefined) throw new RangeError(`the log does not hold entry ${position}`);
    return row as unknown as Row;
  }

  #endBefore(position: number): LogEnd {
    const row = this.#file
      .statement(
        'select position, term, seconds, increment from log where position < ? order by position desc limit 1',
      )
      .get(position) as unknown as LogEnd | undefined;
    return row ?? beginning;
  }
}

function entryOf(row: Row): LogEntry {
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

/** What the log of a member says of the past: its changes, what takes them back, and its times. */
import { decodeDocument } from './bson-decoder.ts';
import type { DatabaseFile } from './database-file.ts';
import { beginning, type LogEnd, type LogTime, type OperationKind } from './operation.ts';
import { RecentChanges } from './recent-changes.ts';
import {
  changesWithin,
  type TransactionPlace,
  type Undo,
  unpackUndos,
} from './transaction-entry.ts';
import type { NamespaceRange } from './watched-namespace.ts';

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

/** How many ranges of namespaces have their newest changes kept. */
const mostRanges = 16;

export class LogHistory {
  readonly #file: DatabaseFile;
  readonly #recent = new Map<string, RecentChanges>();

  constructor(file: DatabaseFile) {
    this.#file = file;
  }

  /**
   * The changes behind `after` and up to `through` in a range of namespaces, and all renames, one by
   * one. They have to be on a majority: the newest are read once, and are the same objects whoever
   * asks for them.
   */
  changes(after: number, through: number, range: NamespaceRange): Iterable<LoggedChange> {
    const recent = this.#recentOf(range).between(after, through);
    return recent ?? this.#read(after, through, range);
  }

  #recentOf(range: NamespaceRange): RecentChanges {
    const key = range.join();
    const known = this.#recent.get(key);
    if (known !== undefined) return known;
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined && this.#recent.size === mostRanges) this.#recent.delete(oldest);
    const recent = new RecentChanges((after, through) => this.#read(after, through, range));
    this.#recent.set(key, recent);
    return recent;
  }

  *#read(
    after: number,
    through: number,
    [first, end]: NamespaceRange,
  ): IterableIterator<LoggedChange> {
    const rows = this.#file
      .statement(
        `select position, term, seconds, increment, kind, namespace, payload, undo from log
           where position > ? and position <= ?
             and (namespace >= ? and namespace < ? and kind <> 'noop'
               or kind in ('rename', 'transaction'))
           order by position`,
      )
      .iterate(after, through, first, end);
    for (const each of rows) {
      const row = each as unknown as Omit<LoggedChange, 'transaction'>;
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
        `select kind, namespace, undo, iif(kind = 'rename', payload, null) as renaming from log
           where position > ? and kind <> 'noop'
             and (namespace = ? or kind in ('transaction', 'rename'))
           order by position`,
      )
      .iterate(position, namespace);
    for (const each of rows) {
      const row = each as unknown as Undo & { renaming: Uint8Array | null };
      if (row.renaming !== null) {
        const to = decodeDocument(row.renaming).get('to');
        if (row.namespace === namespace || to === namespace) yield row;
      } else if (row.kind !== 'transaction') yield row;
      else {
        for (const part of unpackUndos(row.undo)) {
          if (part.namespace === namespace) yield part;
        }
      }
    }
  }

  /** The entries from `position` on after which a name means something else than before. */
  *dropsAndRenames(
    position: number,
  ): IterableIterator<Pick<LoggedChange, 'kind' | 'namespace' | 'payload'>> {
    const rows = this.#file
      .statement(
        `select kind, namespace, payload from log
           where position >= ? and kind in ('drop', 'rename') order by position`,
      )
      .iterate(position);
    for (const row of rows) yield row as unknown as LoggedChange;
  }

  pointAt(position: number): LoggedPoint | undefined {
    return this.#file
      .statement(
        'select position, term, seconds, increment, kind, namespace from log where position = ?',
      )
      .get(position) as unknown as LoggedPoint | undefined;
  }

  /** The last entry behind `start` and up to `through` that was written before a time; found by halving. */
  lastBefore(time: LogTime, start: number, through: number): LogEnd {
    let low = start;
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
}

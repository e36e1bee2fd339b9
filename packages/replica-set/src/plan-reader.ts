/** Carrying plans out: the records that a plan names, and how many there are. */
import type { Collection, CollectionIndex, StoredDocument } from './collection.ts';
import type { DatabaseFile } from './database-file.ts';
import type { KeyRange, Plan } from './planner.ts';

/** How many records the ranges of an exact plan name. */
export function countPlan(file: DatabaseFile, { index, ranges }: Plan): number {
  const statement = file.statement(
    'select count(*) as count from entries where "index" = ? and key >= ? and key < ?',
  );
  return ranges.reduce((total, { low, high }) => {
    const row = statement.get(index?.id ?? 0, low, high);
    return total + Number(row?.count ?? 0);
  }, 0);
}

const firstPage = 128;
const mostPerPage = 2048;

/** Reads what a plan names, page by page, so that writes in between disturb nothing. */
export function* readPlan(
  file: DatabaseFile,
  collection: Collection,
  { index, ranges, backward }: Plan,
): IterableIterator<StoredDocument> {
  if (index === undefined) {
    yield* readAll(file, collection);
    return;
  }
  const seen = new Set<number>();
  for (const range of ranges) {
    for (const record of readRange(file, index, range, backward)) {
      if (index.multikey || ranges.length > 1) {
        if (seen.has(record)) continue;
        seen.add(record);
      }
      const stored = collection.get(record);
      if (stored !== undefined) yield stored;
    }
  }
}

function* readAll(file: DatabaseFile, collection: Collection): IterableIterator<StoredDocument> {
  const statement = file.statement(
    'select row, document from documents where row > ? and row < ? order by row limit ?',
  );
  const { first, end } = collection.rows;
  let last = first;
  for (let page = firstPage; ; page = Math.min(page * 2, mostPerPage)) {
    const rows = statement.all(last, end, page);
    for (const { row, document } of rows) {
      last = Number(row);
      yield { record: last - first, bytes: document as Uint8Array };
    }
    if (rows.length < page) return;
  }
}

function* readRange(
  file: DatabaseFile,
  index: CollectionIndex,
  { low, high }: KeyRange,
  backward: boolean,
): IterableIterator<number> {
  const statement = file.statement(
    backward
      ? `select key, record from entries where "index" = ? and key >= ? and (key, record) < (?, ?)
           order by key desc, record desc limit ?`
      : `select key, record from entries where "index" = ? and (key, record) > (?, ?) and key < ?
           order by key, record limit ?`,
  );
  let edge: Uint8Array = backward ? high : low;
  let record = -1;
  for (let page = firstPage; ; page = Math.min(page * 2, mostPerPage)) {
    const rows = backward
      ? statement.all(index.id, low, edge, record, page)
      : statement.all(index.id, edge, record, high, page);
    for (const row of rows) {
      edge = row.key as Uint8Array;
      record = Number(row.record);
      yield record;
    }
    if (rows.length < page) return;
  }
}

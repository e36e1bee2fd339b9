/** Carrying plans out: the records that a plan names, and how many there are. */
import type { Collection, CollectionIndex, StoredDocument } from './collection.ts';
import type { DatabaseFile } from './database-file.ts';
import type { KeyRange, Plan } from './planner.ts';
import { RecordSet } from './record-set.ts';

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
/** Fewer documents than these are read one by one. */
const shortestRun = 8;

/** Reads what a plan names, page by page, so that writes in between disturb nothing. */
export function* readPlan(
  file: DatabaseFile,
  collection: Collection,
  { index, ranges, backward, single }: Plan,
): IterableIterator<StoredDocument> {
  if (index === undefined) {
    yield* readAll(file, collection);
    return;
  }
  const seen = new RecordSet();
  const mayRepeat = index.multikey || ranges.length > 1;
  for (const range of ranges) {
    const pages = single
      ? [collection.recordsOf(index, range.low)]
      : readRange(file, index, range, backward);
    for (const page of pages) {
      const records = mayRepeat ? page.filter((record) => isNew(seen, record)) : page;
      // Of the first page a reader may want one only.
      if (page.length <= firstPage) yield* readEach(collection, records);
      else yield* readRuns(file, collection, records);
    }
  }
}

function isNew(seen: RecordSet, record: number): boolean {
  if (seen.has(record)) return false;
  seen.add(record);
  return true;
}

function* readEach(
  collection: Collection,
  records: readonly number[],
): IterableIterator<StoredDocument> {
  for (const record of records) {
    const stored = collection.get(record);
    if (stored !== undefined) yield stored;
  }
}

/**
 * Reads documents in the order of their records in this list. Where they were stored in this order,
 * as those of a rising `_id` are, it reads them in one go.
 */
function* readRuns(
  file: DatabaseFile,
  collection: Collection,
  records: readonly number[],
): IterableIterator<StoredDocument> {
  const statement = file.statement(
    'select row, document from documents where row >= ? and row <= ? order by row',
  );
  const { first: base } = collection.rows;
  for (let from = 0; from < records.length; ) {
    let to = from + 1;
    while (records[to] === (records[to - 1] ?? 0) + 1) to += 1;
    const run = records.slice(from, to);
    const [first = 0] = run;
    if (run.length < shortestRun) yield* readEach(collection, run);
    else {
      for (const { row, document } of statement.all(base + first, base + first + run.length - 1)) {
        yield { record: Number(row) - base, bytes: document as Uint8Array };
      }
    }
    from = to;
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

/** The records of a range, in pages of rising length. */
function* readRange(
  file: DatabaseFile,
  index: CollectionIndex,
  { low, high }: KeyRange,
  backward: boolean,
): IterableIterator<number[]> {
  const [range, order] = backward
    ? ['key >= ? and (key, record) < (?, ?)', 'key desc, record desc']
    : ['(key, record) > (?, ?) and key < ?', 'key, record'];
  const part = `from entries where "index" = ? and ${range} order by ${order} limit ?`;
  const records = file.statement(`select record ${part}`);
  const lastKey = file.statement(`select key ${part} offset ?`);
  let edge: Uint8Array = backward ? high : low;
  let last = -1;
  for (let length = firstPage; ; length = Math.min(length * 2, mostPerPage)) {
    const bounds = backward ? [low, edge, last] : [edge, last, high];
    const page = records.all(index.id, ...bounds, length).map(({ record }) => Number(record));
    if (page.length === length) {
      edge = lastKey.get(index.id, ...bounds, 1, length - 1)?.key as Uint8Array;
      last = page.at(-1) ?? last;
    }
    if (page.length > 0) yield page;
    if (page.length < length) return;
  }
}

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

/** What was looked at in carrying a plan out, and how many of the documents passed. */
export class Examined {
  keys = 0;
  documents = 0;
  matched = 0;
}

/** Reads what a plan names, page by page, so that writes in between disturb nothing. */
export function* readPlan(
  file: DatabaseFile,
  collection: Collection,
  plan: Plan,
  examined: Examined = new Examined(),
): IterableIterator<StoredDocument> {
  const { index, ranges, backward, single, branches } = plan;
  if (branches.length > 0) {
    yield* readBranches(file, collection, branches, examined);
    return;
  }
  if (index === undefined) {
    for (const stored of readAll(file, collection, backward)) {
      examined.documents += 1;
      yield stored;
    }
    return;
  }
  const seen = new RecordSet();
  const mayRepeat = index.multikey || ranges.length > 1;
  for (const range of ranges) {
    const pages = single
      ? [collection.recordsOf(index, range.low)]
      : readRange(file, index, range, backward);
    for (const page of pages) {
      examined.keys += page.length;
      const records = mayRepeat ? page.filter((record) => isNew(seen, record)) : page;
      // Of the first page a reader may want one only.
      const documents =
        page.length <= firstPage
          ? readEach(collection, records)
          : readRuns(file, collection, records);
      for (const stored of documents) {
        examined.documents += 1;
        yield stored;
      }
    }
  }
}

function* readBranches(
  file: DatabaseFile,
  collection: Collection,
  branches: readonly Plan[],
  examined: Examined,
): IterableIterator<StoredDocument> {
  const seen = new RecordSet();
  for (const branch of branches) {
    for (const stored of readPlan(file, collection, branch, examined)) {
      if (isNew(seen, stored.record)) yield stored;
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

/** All documents behind a record, in the order of the records or, `backward`, all against it. */
export function* readAll(
  file: DatabaseFile,
  collection: Collection,
  backward = false,
  behind = 0,
): IterableIterator<StoredDocument> {
  const statement = file.statement(
    `select row, document from documents where row > ? and row < ?
       order by row ${backward ? 'desc' : 'asc'} limit ?`,
  );
  const { first } = collection.rows;
  let low = first + behind;
  let high = collection.rows.end;
  for (let page = firstPage; ; page = Math.min(page * 2, mostPerPage)) {
    const rows = statement.all(low, high, page);
    for (const { row, document } of rows) {
      if (backward) high = Number(row);
      else low = Number(row);
      yield { record: Number(row) - first, bytes: document as Uint8Array };
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

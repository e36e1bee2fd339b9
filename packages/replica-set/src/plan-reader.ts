/** Carrying plans out: the records that a plan names, and how many there are. */
import { UUID } from 'bson';
import type { Collection, CollectionIndex, StoredDocument } from './collection.ts';
import type { DatabaseFile } from './database-file.ts';
import { rowsPerCollection } from './document-rows.ts';
import type { KeyRange, Plan } from './plan.ts';
import { RecordSet } from './record-set.ts';
import { ServerError } from './server-error.ts';

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

/** Of the first page a reader may want one only. */
const firstPage = 32;
const mostPerPage = 2048;

function nextPage(length: number): number {
  return Math.min(length * 4, mostPerPage);
}

/**
 * Refuses to go on, before a further page, when there is no more to read from: what is gone would
 * seem to have come to its end.
 */
function requireThere(file: DatabaseFile, collection: Collection, index?: CollectionIndex): void {
  const { id, namespace } = collection;
  const found = file
    .statement('select namespace from collections where id = ? and dropped_at is null')
    .get(id);
  const uuid = () => new UUID(collection.uuid).toHexString();
  if (found === undefined) throw planKilled(`collection dropped. UUID ${uuid()}`);
  if (found.namespace !== namespace) {
    const to = String(found.namespace);
    throw planKilled(`collection renamed from '${namespace}' to '${to}'. UUID ${uuid()}`);
  }
  if (index === undefined) return;
  const indexed = file.statement('select 1 as there from indexes where id = ?').get(index.id);
  if (indexed === undefined) {
    throw planKilled(`query plan killed :: index '${index.spec.name}' dropped`);
  }
}

function planKilled(why: string): ServerError {
  return new ServerError(175, why);
}

/** Throws 175 when the collection that a plan reads, or an index that it reads by, is gone. */
export function requirePlan(file: DatabaseFile, collection: Collection, plan: Plan): void {
  requireThere(file, collection, plan.index);
  for (const branch of plan.branches) requirePlan(file, collection, branch);
}

/** A limit that is bound makes SQLite prepare the statement anew each time; one in its text does not. */
function limited(text: string, length: number): string {
  return `${text} limit ${length}`;
}

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
  if (index === undefined && branches.length > 0) {
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
    const documents = single
      ? readKey(file, collection, index, range.low, backward)
      : readRange(file, collection, index, range, backward);
    for (const stored of documents) {
      examined.keys += 1;
      if (mayRepeat && !isNew(seen, stored.record)) continue;
      examined.documents += 1;
      yield stored;
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

/** The documents of one key, by their records. */
function* readKey(
  file: DatabaseFile,
  collection: Collection,
  index: CollectionIndex,
  key: Buffer,
  backward: boolean,
): IterableIterator<StoredDocument> {
  const { first } = collection.rows;
  const text = backward ? ofKeyBackward : ofKey;
  let last = backward ? rowsPerCollection : -1;
  for (let length = firstPage; ; length = nextPage(length)) {
    const page = file.statement(limited(text, length)).all(first, index.id, key, last);
    for (const row of page) {
      last = Number(row.record);
      yield { record: last, bytes: row.document as Uint8Array };
    }
    if (page.length < length) return;
    requireThere(file, collection, index);
  }
}

const documentsOfEntries =
  'select record, document from entries cross join documents on row = record + ? where "index" = ?';
const ofKey = `${documentsOfEntries} and key = ? and record > ? order by record`;
const ofKeyBackward = `${documentsOfEntries} and key = ? and record < ? order by record desc`;

/** All documents behind a record, in the order of the records or, `backward`, all against it. */
export function* readAll(
  file: DatabaseFile,
  collection: Collection,
  backward = false,
  behind = 0,
): IterableIterator<StoredDocument> {
  const text = `select row, document from documents where row > ? and row < ?
    order by row ${backward ? 'desc' : 'asc'}`;
  const { first } = collection.rows;
  let low = first + behind;
  let high = collection.rows.end;
  for (let page = firstPage; ; page = nextPage(page)) {
    const rows = file.statement(limited(text, page)).all(low, high);
    for (const { row, document } of rows) {
      if (backward) high = Number(row);
      else low = Number(row);
      yield { record: Number(row) - first, bytes: document as Uint8Array };
    }
    if (rows.length < page) return;
    requireThere(file, collection);
  }
}

/** The documents of a range, in pages of rising length. */
function* readRange(
  file: DatabaseFile,
  collection: Collection,
  index: CollectionIndex,
  { low, high }: KeyRange,
  backward: boolean,
): IterableIterator<StoredDocument> {
  const { first } = collection.rows;
  const { id } = index;
  const texts = backward ? ofRangeBackward : ofRange;
  let edge: Uint8Array = backward ? high : low;
  let last = -1;
  for (let length = firstPage; ; length = nextPage(length)) {
    const bounds = backward ? [low, edge, last] : [edge, last, high];
    const page = file.statement(limited(texts.documents, length)).all(first, id, ...bounds);
    if (page.length === length) {
      const lastKey = `${texts.lastKey} limit 1 offset ${length - 1}`;
      edge = file.statement(lastKey).get(id, ...bounds)?.key as Uint8Array;
      last = Number(page.at(-1)?.record);
    }
    for (const { record, document } of page) {
      yield { record: Number(record), bytes: document as Uint8Array };
    }
    if (page.length < length) return;
    requireThere(file, collection, index);
  }
}

/** Statements for the documents of a part of an index, and for the key at which such a part ends. */
function rangeStatements(range: string): { readonly documents: string; readonly lastKey: string } {
  return {
    documents: `${documentsOfEntries} and ${range}`,
    lastKey: `select key from entries where "index" = ? and ${range}`,
  };
}

const ofRange = rangeStatements('(key, record) > (?, ?) and key < ? order by key, record');
const ofRangeBackward = rangeStatements(
  'key >= ? and (key, record) < (?, ?) order by key desc, record desc',
);

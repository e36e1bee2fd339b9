/** Every way to write, each on documents of its own that tell afterwards how often it was applied. */
import type { ClientBulkWriteModel, Collection, Document, MongoClient } from 'mongodb';

export const database = 'ledger';

/** A document of the operation `op`; `part` says which of its statements writes it. */
export interface Line extends Document {
  op: number;
  part: string;
  n?: number;
  state?: string;
}

/** Where an operation writes. */
interface Page {
  readonly client: MongoClient;
  readonly collection: string;
}

export interface Verb {
  /** What lies there before. */
  before(op: number): readonly Line[];
  write(page: Page, op: number): Promise<unknown>;
  /** What the answer to a single application says, among other things. */
  readonly answer: Document;
  /** How often each statement was applied, by what lies there afterwards. */
  applied(lines: readonly Line[]): readonly number[];
  /** Whether several commands make it: then some statements may be applied and others not, if it fails. */
  readonly divisible?: boolean;
}

const linesOf = ({ client, collection }: Page): Collection<Line> =>
  client.db(database).collection<Line>(collection);
const command = (page: Page, document: Document) => page.client.db(database).command(document);

/** A document that is added to. */
const counter = (op: number, part: string): Line => ({ op, part, n: 0 });
const add = { $inc: { n: 1 } };
const countOf = (lines: readonly Line[], part: string): number =>
  lines.filter((line) => line.part === part).reduce((sum, { n = 0 }) => sum + n, 0);

/** Documents that are alike: each application of a deletion or replacement takes another one. */
const pile = (op: number): Line[] => [1, 2, 3].map(() => ({ op, part: 'pile', state: 'old' }));
const isOld = ({ state }: Line): boolean => state === 'old';
const takenOf = (lines: readonly Line[]): number => 3 - lines.filter(isOld).length;

/** Documents that all go, or all stay: the answer alone tells whether it was applied a second time. */
const goneOf = (lines: readonly Line[]): number[] => {
  const left = lines.filter(isOld).length;
  return [...Array(left).fill(0), ...Array(3 - left).fill(1)];
};

const insertedOf = (lines: readonly Line[], part: string): number =>
  lines.filter((line) => line.part === part).length;

/** No document meets this, so that every application of an upsert inserts another one. */
const nowhere = (op: number, part: string): Document => ({ op, part, n: { $lt: 0 } });
const one = { $set: { n: 1 } };

const oneCounter = {
  before: (op: number) => [counter(op, 'a')],
  applied: (lines: readonly Line[]) => [countOf(lines, 'a')],
};
const onePile = { before: pile, applied: (lines: readonly Line[]) => [takenOf(lines)] };
const oneInsert = {
  before: () => [],
  applied: (lines: readonly Line[]) => [insertedOf(lines, 'new')],
};
const someCounters = {
  before: (op: number) => ['a', 'b', 'c', 'd'].map((part) => counter(op, part)),
  applied: (lines: readonly Line[]) => ['a', 'b', 'c', 'd'].map((part) => countOf(lines, part)),
};

/** Statements of single documents; the server makes the `_id` of what is inserted. */
const bulk = {
  before: (op: number) => [counter(op, 'a'), counter(op, 'b'), ...pile(op)],
  statements: (op: number) => [
    { updateOne: { filter: { op, part: 'a' }, update: add } },
    { insertOne: { document: { op, part: 'new' } } },
    { updateOne: { filter: { op, part: 'b' }, update: add } },
    { deleteOne: { filter: { op, state: 'old' } } },
    { updateOne: { filter: nowhere(op, 'up'), update: one, upsert: true } },
  ],
  applied: (lines: readonly Line[]) => [
    countOf(lines, 'a'),
    insertedOf(lines, 'new'),
    countOf(lines, 'b'),
    takenOf(lines),
    insertedOf(lines, 'up'),
  ],
  answer: { insertedCount: 1, modifiedCount: 2, deletedCount: 1, upsertedCount: 1 },
  divisible: true,
};

/** Among them statements of many documents. */
const mixedBulk = {
  before: (op: number) => ['a', 'b', 'c'].map((part) => counter(op, part)).concat(pile(op)),
  statements: (op: number) => [
    { updateOne: { filter: { op, part: 'a' }, update: add } },
    { updateMany: { filter: { op, part: { $in: ['b', 'c'] } }, update: add } },
    { insertOne: { document: { op, part: 'new' } } },
    { deleteMany: { filter: { op, state: 'old' } } },
  ],
  applied: (lines: readonly Line[]) => [
    ...['a', 'b', 'c'].map((part) => countOf(lines, part)),
    insertedOf(lines, 'new'),
    ...goneOf(lines),
  ],
  answer: { insertedCount: 1, modifiedCount: 3, deletedCount: 3 },
  divisible: true,
};

const serverMakesIds = { forceServerObjectId: true };

export const verbs: Readonly<Record<string, Verb>> = {
  insertOne: {
    ...oneInsert,
    write: (page, op) => linesOf(page).insertOne({ op, part: 'new' }, serverMakesIds),
    answer: { acknowledged: true },
  },
  'insertOne, _id of the client': {
    ...oneInsert,
    write: (page, op) => linesOf(page).insertOne({ op, part: 'new' }),
    answer: { acknowledged: true },
  },
  insertMany: {
    before: () => [],
    write: (page, op) =>
      linesOf(page).insertMany(
        ['a', 'b', 'c'].map((part) => ({ op, part })),
        { ...serverMakesIds, ordered: op % 2 === 0 },
      ),
    answer: { insertedCount: 3 },
    applied: (lines) => ['a', 'b', 'c'].map((part) => insertedOf(lines, part)),
    divisible: true,
  },
  updateOne: {
    ...oneCounter,
    write: (page, op) => linesOf(page).updateOne({ op }, add),
    answer: { matchedCount: 1, modifiedCount: 1 },
  },
  'updateOne, upsert': {
    ...oneInsert,
    write: (page, op) => linesOf(page).updateOne(nowhere(op, 'new'), one, { upsert: true }),
    answer: { matchedCount: 0, upsertedCount: 1 },
  },
  replaceOne: {
    ...onePile,
    write: (page, op) =>
      linesOf(page).replaceOne({ op, state: 'old' }, { op, part: 'pile', state: 'new' }),
    answer: { matchedCount: 1, modifiedCount: 1 },
  },
  deleteOne: {
    ...onePile,
    write: (page, op) => linesOf(page).deleteOne({ op, state: 'old' }),
    answer: { deletedCount: 1 },
  },
  findOneAndUpdate: {
    ...oneCounter,
    write: (page, op) => linesOf(page).findOneAndUpdate({ op }, add, { returnDocument: 'after' }),
    answer: { n: 1 },
  },
  findOneAndReplace: {
    ...onePile,
    write: (page, op) =>
      linesOf(page).findOneAndReplace(
        { op, state: 'old' },
        { op, part: 'pile', state: 'new' },
        { returnDocument: 'after' },
      ),
    answer: { state: 'new' },
  },
  findOneAndDelete: {
    ...onePile,
    write: (page, op) => linesOf(page).findOneAndDelete({ op, state: 'old' }),
    answer: { state: 'old' },
  },
  'bulkWrite, ordered': {
    ...bulk,
    write: (page, op) => linesOf(page).bulkWrite(bulk.statements(op), serverMakesIds),
  },
  'bulkWrite, unordered': {
    ...bulk,
    write: (page, op) =>
      linesOf(page).bulkWrite(bulk.statements(op), { ...serverMakesIds, ordered: false }),
  },
  'bulkWrite, ordered with many': {
    ...mixedBulk,
    write: (page, op) => linesOf(page).bulkWrite(mixedBulk.statements(op), serverMakesIds),
  },
  'bulkWrite, unordered with many': {
    ...mixedBulk,
    write: (page, op) =>
      linesOf(page).bulkWrite(mixedBulk.statements(op), { ...serverMakesIds, ordered: false }),
  },
  updateMany: {
    ...someCounters,
    write: (page, op) => linesOf(page).updateMany({ op }, add),
    answer: { matchedCount: 4, modifiedCount: 4 },
  },
  'updateMany, upsert': {
    ...oneInsert,
    write: (page, op) => linesOf(page).updateMany(nowhere(op, 'new'), one, { upsert: true }),
    answer: { matchedCount: 0, upsertedCount: 1 },
  },
  deleteMany: {
    before: pile,
    write: (page, op) => linesOf(page).deleteMany({ op, state: 'old' }),
    answer: { deletedCount: 3 },
    applied: goneOf,
  },
  'client.bulkWrite': {
    before: bulk.before,
    write: (page, op) => clientBulk(page, op, { updateMany: false }),
    answer: { insertedCount: 1, modifiedCount: 1, deletedCount: 1 },
    applied: (lines) => [countOf(lines, 'a'), insertedOf(lines, 'new'), takenOf(lines)],
    divisible: true,
  },
  'client.bulkWrite with many': {
    before: mixedBulk.before,
    write: (page, op) => clientBulk(page, op, { updateMany: true }),
    answer: { insertedCount: 1, modifiedCount: 3, deletedCount: 1 },
    applied: (lines) => [
      ...['a', 'b', 'c'].map((part) => countOf(lines, part)),
      insertedOf(lines, 'new'),
      takenOf(lines),
    ],
    divisible: true,
  },
  'command insert': {
    ...oneInsert,
    write: (page, op) =>
      command(page, { insert: page.collection, documents: [{ op, part: 'new' }] }),
    answer: { n: 1 },
  },
  'command update': {
    ...oneCounter,
    write: (page, op) =>
      command(page, { update: page.collection, updates: [{ q: { op }, u: add }] }),
    answer: { n: 1, nModified: 1 },
  },
  'command update, multi': {
    ...someCounters,
    write: (page, op) =>
      command(page, { update: page.collection, updates: [{ q: { op }, u: add, multi: true }] }),
    answer: { n: 4, nModified: 4 },
  },
  'command delete': {
    ...onePile,
    write: (page, op) =>
      command(page, { delete: page.collection, deletes: [{ q: { op, state: 'old' }, limit: 1 }] }),
    answer: { n: 1 },
  },
  'command delete, multi': {
    before: pile,
    write: (page, op) =>
      command(page, { delete: page.collection, deletes: [{ q: { op, state: 'old' }, limit: 0 }] }),
    answer: { n: 3 },
    applied: goneOf,
  },
  'command findAndModify': {
    ...oneCounter,
    write: (page, op) =>
      command(page, { findAndModify: page.collection, query: { op }, update: add, new: true }),
    answer: { value: { n: 1 } },
  },
};

export const verbNames: readonly string[] = Object.keys(verbs);

function clientBulk(
  { client, collection }: Page,
  op: number,
  { updateMany }: { readonly updateMany: boolean },
): Promise<unknown> {
  const namespace = `${database}.${collection}`;
  const models: ClientBulkWriteModel<Record<string, Line>>[] = [
    { name: 'updateOne', namespace, filter: { op, part: 'a' }, update: add },
    { name: 'insertOne', namespace, document: { op, part: 'new' } },
    { name: 'deleteOne', namespace, filter: { op, state: 'old' } },
  ];
  if (updateMany) {
    const filter = { op, part: { $in: ['b', 'c'] } };
    models.push({ name: 'updateMany', namespace, filter, update: add });
  }
  return client.bulkWrite<Record<string, Line>>(models);
}

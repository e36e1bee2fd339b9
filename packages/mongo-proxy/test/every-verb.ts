import type { Collection } from 'mongodb';

export interface Account {
  _id: string;
  n: number;
}

/** What the collection holds before each write of `everyVerb`. */
export const startAccounts = (): Account[] => [
  { _id: 'ada', n: 1 },
  { _id: 'bob', n: 1 },
];

interface Verb {
  verb: string;
  write: (accounts: Collection<Account>) => Promise<unknown>;
  after: Account[];
  /** Sent under no number of its own, but in a transaction. */
  inTransaction?: true;
}

const raised = (n: number): Account[] => [
  { _id: 'ada', n },
  { _id: 'bob', n },
];

/** Every way to write; each tells by what it leaves whether it was applied once. */
export const everyVerb: Verb[] = [
  {
    verb: 'insertOne',
    write: (to) => to.insertOne({ _id: 'eve', n: 1 }),
    after: [
      { _id: 'ada', n: 1 },
      { _id: 'bob', n: 1 },
      { _id: 'eve', n: 1 },
    ],
  },
  {
    verb: 'updateOne',
    write: (to) => to.updateOne({ _id: 'ada' }, { $inc: { n: 1 } }),
    after: [
      { _id: 'ada', n: 2 },
      { _id: 'bob', n: 1 },
    ],
  },
  {
    verb: 'updateOne with upsert',
    write: (to) => to.updateOne({ _id: 'eve' }, { $inc: { n: 1 } }, { upsert: true }),
    after: [
      { _id: 'ada', n: 1 },
      { _id: 'bob', n: 1 },
      { _id: 'eve', n: 1 },
    ],
  },
  {
    verb: 'replaceOne',
    write: (to) => to.replaceOne({ n: 1 }, { n: 5 }),
    after: [
      { _id: 'ada', n: 5 },
      { _id: 'bob', n: 1 },
    ],
  },
  {
    verb: 'deleteOne',
    write: (to) => to.deleteOne({ n: 1 }),
    after: [{ _id: 'bob', n: 1 }],
  },
  {
    verb: 'findOneAndUpdate',
    write: (to) =>
      to.findOneAndUpdate({ _id: 'ada' }, { $inc: { n: 1 } }, { returnDocument: 'after' }),
    after: [
      { _id: 'ada', n: 2 },
      { _id: 'bob', n: 1 },
    ],
  },
  {
    verb: 'findOneAndReplace',
    write: (to) => to.findOneAndReplace({ n: 1 }, { n: 5 }),
    after: [
      { _id: 'ada', n: 5 },
      { _id: 'bob', n: 1 },
    ],
  },
  {
    verb: 'findOneAndDelete',
    write: (to) => to.findOneAndDelete({ n: 1 }),
    after: [{ _id: 'bob', n: 1 }],
  },
  {
    verb: 'insertMany',
    write: (to) =>
      to.insertMany([
        { _id: 'eve', n: 1 },
        { _id: 'fay', n: 1 },
      ]),
    after: [
      { _id: 'ada', n: 1 },
      { _id: 'bob', n: 1 },
      { _id: 'eve', n: 1 },
      { _id: 'fay', n: 1 },
    ],
  },
  {
    verb: 'bulkWrite of one kind',
    write: (to) =>
      to.bulkWrite([
        { updateOne: { filter: { _id: 'ada' }, update: { $inc: { n: 1 } } } },
        { updateOne: { filter: { _id: 'ada' }, update: { $inc: { n: 1 } } } },
      ]),
    after: [
      { _id: 'ada', n: 3 },
      { _id: 'bob', n: 1 },
    ],
  },
  {
    verb: 'bulkWrite of several kinds',
    write: (to) =>
      to.bulkWrite([
        { insertOne: { document: { _id: 'eve', n: 1 } } },
        { updateOne: { filter: { _id: 'eve' }, update: { $inc: { n: 1 } } } },
        { deleteOne: { filter: { n: 1 } } },
        { updateOne: { filter: { _id: 'eve' }, update: { $inc: { n: 1 } } } },
      ]),
    after: [
      { _id: 'bob', n: 1 },
      { _id: 'eve', n: 3 },
    ],
  },
  {
    verb: 'unordered bulkWrite of several kinds',
    write: (to) =>
      to.bulkWrite(
        [
          { updateOne: { filter: { _id: 'ada' }, update: { $inc: { n: 1 } } } },
          { insertOne: { document: { _id: 'eve', n: 1 } } },
          { updateOne: { filter: { _id: 'ada' }, update: { $inc: { n: 1 } } } },
        ],
        { ordered: false },
      ),
    after: [
      { _id: 'ada', n: 3 },
      { _id: 'bob', n: 1 },
      { _id: 'eve', n: 1 },
    ],
  },
  {
    verb: 'ordered bulk built step by step',
    write: (to) => {
      const bulk = to.initializeOrderedBulkOp();
      bulk.insert({ _id: 'eve', n: 1 });
      bulk.find({ _id: 'eve' }).updateOne({ $inc: { n: 1 } });
      bulk.find({ _id: 'bob' }).replaceOne({ n: 7 });
      return bulk.find({ _id: 'ada' }).deleteOne().execute();
    },
    after: [
      { _id: 'bob', n: 7 },
      { _id: 'eve', n: 2 },
    ],
  },
  {
    verb: 'client.bulkWrite',
    write: (to) => {
      const { namespace } = to;
      const update = { $inc: { n: 1 } };
      return to.db.client.bulkWrite<Record<string, Account>>(
        [
          { name: 'updateOne', namespace, filter: { _id: 'ada' }, update },
          { name: 'insertOne', namespace, document: { _id: 'eve', n: 1 } },
          { name: 'deleteOne', namespace, filter: { _id: 'bob' } },
        ],
        { verboseResults: true },
      );
    },
    after: [
      { _id: 'ada', n: 2 },
      { _id: 'eve', n: 1 },
    ],
  },
  {
    verb: 'the command update',
    write: (to) =>
      to.db.command({
        update: to.collectionName,
        updates: [{ q: { _id: 'ada' }, u: { $inc: { n: 1 } } }],
      }),
    after: [
      { _id: 'ada', n: 2 },
      { _id: 'bob', n: 1 },
    ],
  },
  {
    verb: 'the command findAndModify',
    write: (to) =>
      to.db.command({
        findAndModify: to.collectionName,
        query: { _id: 'ada' },
        update: { $inc: { n: 1 } },
      }),
    after: [
      { _id: 'ada', n: 2 },
      { _id: 'bob', n: 1 },
    ],
  },
  {
    verb: 'updateMany',
    write: (to) => to.updateMany({}, { $inc: { n: 1 } }),
    after: raised(2),
    inTransaction: true,
  },
  {
    verb: 'deleteMany',
    write: (to) => to.deleteMany({}),
    after: [],
    inTransaction: true,
  },
  {
    verb: 'bulkWrite with operations on many',
    write: (to) =>
      to.bulkWrite([
        { updateMany: { filter: {}, update: { $inc: { n: 1 } } } },
        { updateOne: { filter: { _id: 'ada' }, update: { $inc: { n: 1 } } } },
        { updateMany: { filter: {}, update: { $inc: { n: 1 } } } },
        { updateMany: { filter: { _id: 'bob' }, update: { $inc: { n: 1 } } } },
        { deleteMany: { filter: { n: 1 } } },
      ]),
    after: raised(4),
    inTransaction: true,
  },
  {
    verb: 'unordered bulkWrite with operations on many',
    write: (to) =>
      to.bulkWrite(
        [
          { updateMany: { filter: {}, update: { $inc: { n: 1 } } } },
          { updateOne: { filter: { _id: 'ada' }, update: { $inc: { n: 1 } } } },
          { insertOne: { document: { _id: 'eve', n: 1 } } },
        ],
        { ordered: false },
      ),
    after: [
      { _id: 'ada', n: 3 },
      { _id: 'bob', n: 2 },
      { _id: 'eve', n: 2 },
    ],
    inTransaction: true,
  },
  {
    verb: 'client.bulkWrite with operations on many',
    write: (to) => {
      const { namespace } = to;
      const update = { $inc: { n: 1 } };
      return to.db.client.bulkWrite<Record<string, Account>>([
        { name: 'updateMany', namespace, filter: {}, update },
        { name: 'updateOne', namespace, filter: { _id: 'ada' }, update },
      ]);
    },
    after: [
      { _id: 'ada', n: 3 },
      { _id: 'bob', n: 2 },
    ],
    inTransaction: true,
  },
  {
    verb: 'the command update of many',
    write: (to) =>
      to.db.command({
        update: to.collectionName,
        updates: [{ q: {}, u: { $inc: { n: 1 } }, multi: true }],
      }),
    after: raised(2),
    inTransaction: true,
  },
];

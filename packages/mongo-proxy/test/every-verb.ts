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

/** Every way to write single documents; each tells by what it leaves whether it was applied once. */
export const everyVerb: {
  verb: string;
  write: (accounts: Collection<Account>) => Promise<unknown>;
  after: Account[];
}[] = [
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
];

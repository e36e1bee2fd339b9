/**
 * How an operation is carried through a fail-over; `ways` says it in words.
 *
 * The tables below decide what the proxy does with each method of the driver, and the README's
 * table is printed from them.
 */
type Way =
  | 'numbered'
  | 'parts'
  | 'transaction'
  | 'read'
  | 'find'
  | 'aggregate'
  | 'cursor'
  | 'watch'
  | 'settled'
  | 'identified'
  | 'command'
  | 'once'
  | 'commit'
  | 'whole';

export const ways: Readonly<Record<Way, string>> = {
  numbered:
    'sent until it is answered, under one transaction number: applied exactly once by the server’s own record',
  parts:
    'each command it is made of likewise, operations on many documents as `updateMany`; the result is that of the driver',
  transaction:
    'in a transaction of its own, run again until it is committed exactly once; where no transaction can be had, sent once (then `OutcomeUnknownError` if its answer is lost)',
  read: 'repeated until it is answered',
  find: 'repeated until answered; a result of several batches is read in a total order at one snapshot, and goes on after a cut at the document that comes next (see Cursors)',
  aggregate:
    'as `find`, if the pipeline ends in a stable order; with `$out` or `$merge` as a write that is sent once',
  cursor: 'repeated until the first batch has arrived',
  watch: 'goes on after the last event delivered, until `ChangeStreamHistoryLostError`',
  settled: 'repeated until it is answered: its end is the same however often it is sent',
  identified:
    'repeated, but never on a collection made in the meantime: a lost answer is settled by looking at the collection’s UUID',
  command: 'by the command’s class (see below)',
  once: 'sent again only while it was refused or has not left; else `OutcomeUnknownError`',
  commit: 'repeated until it is answered; the transaction’s number tells a repetition',
  whole: 'run again as a whole until it is committed exactly once',
};

/** One method: how it is carried through, and at which argument its options are. */
export interface Operation {
  readonly way: Way;
  readonly options: number;
  /** `settled`: the server's code for "it is so already". */
  readonly doneCode?: number;
}

/** The methods of one class of the driver, by name; those that ask no server are not in it. */
export type Operations = ReadonlyMap<string, Operation>;

const at = (way: Way, options: number, doneCode?: number): Operation =>
  doneCode === undefined ? { way, options } : { way, options, doneCode };

const operations = (table: Readonly<Record<string, Operation>>): Operations =>
  new Map(Object.entries(table));

export const collectionOperations: Operations = operations({
  insertOne: at('numbered', 1),
  updateOne: at('numbered', 2),
  replaceOne: at('numbered', 2),
  deleteOne: at('numbered', 1),
  findOneAndUpdate: at('numbered', 2),
  findOneAndReplace: at('numbered', 2),
  findOneAndDelete: at('numbered', 1),
  insertMany: at('parts', 1),
  bulkWrite: at('parts', 1),
  initializeOrderedBulkOp: at('parts', 0),
  initializeUnorderedBulkOp: at('parts', 0),
  updateMany: at('transaction', 2),
  deleteMany: at('transaction', 1),
  findOne: at('read', 1),
  countDocuments: at('read', 1),
  estimatedDocumentCount: at('read', 0),
  count: at('read', 1),
  distinct: at('read', 2),
  options: at('read', 0),
  isCapped: at('read', 0),
  indexes: at('read', 0),
  indexExists: at('read', 1),
  indexInformation: at('read', 0),
  find: at('find', 1),
  aggregate: at('aggregate', 1),
  listIndexes: at('cursor', 0),
  listSearchIndexes: at('cursor', 1),
  watch: at('watch', 1),
  createIndex: at('settled', 1),
  createIndexes: at('settled', 1),
  dropIndex: at('settled', 1, 27),
  dropIndexes: at('settled', 0),
  createSearchIndex: at('once', 1),
  createSearchIndexes: at('once', 1),
  dropSearchIndex: at('once', 1),
  updateSearchIndex: at('once', 2),
  drop: at('identified', 0),
  rename: at('identified', 1),
});

export const dbOperations: Operations = operations({
  command: at('command', 1),
  runCursorCommand: at('cursor', 1),
  aggregate: at('cursor', 1),
  listCollections: at('cursor', 1),
  stats: at('read', 0),
  collections: at('read', 0),
  indexInformation: at('read', 1),
  profilingLevel: at('read', 0),
  watch: at('watch', 1),
  createCollection: at('settled', 1, 48),
  createIndex: at('settled', 2),
  setProfilingLevel: at('settled', 1),
  removeUser: at('settled', 1, 11),
  dropCollection: at('identified', 1),
  renameCollection: at('identified', 2),
  dropDatabase: at('identified', 0),
});

export const adminOperations: Operations = operations({
  command: at('command', 1),
  buildInfo: at('read', 0),
  serverInfo: at('read', 0),
  serverStatus: at('read', 0),
  ping: at('read', 0),
  validateCollection: at('read', 1),
  listDatabases: at('read', 0),
  replSetGetStatus: at('read', 0),
  removeUser: at('settled', 1, 11),
});

export const clientOperations: Operations = operations({
  connect: at('read', 0),
  bulkWrite: at('parts', 1),
  watch: at('watch', 1),
});

export const sessionOperations: Operations = operations({
  withTransaction: at('whole', 1),
  commitTransaction: at('commit', 0),
});

import type { Collection, CommandSucceededEvent, Document, MongoClient } from 'mongodb';

/** A document of the tests. */
export interface Entry {
  _id: string;
  n: number;
}

/** Each way of reading: the promise or cursor it returns, and its answer. */
export interface Reading {
  readonly read: object;
  readonly answer: Promise<unknown>;
}

const promised = (read: Promise<unknown>): Reading => ({ read, answer: read });

/** Every read of a collection that holds `{ _id: 'ada', n: 1 }` and nothing else. */
export const everyRead: readonly {
  readonly verb: string;
  readonly begin: (entries: Collection<Entry>, options?: Document) => Reading;
  readonly answer: unknown;
}[] = [
  {
    verb: 'findOne',
    begin: (entries, options) => promised(entries.findOne({ _id: 'ada' }, options)),
    answer: { _id: 'ada', n: 1 },
  },
  {
    verb: 'find',
    begin: (entries, options) => {
      const read = entries.find({}, options).sort({ _id: 1 });
      return { read, answer: read.toArray() };
    },
    answer: [{ _id: 'ada', n: 1 }],
  },
  {
    verb: 'aggregate',
    begin: (entries, options) => {
      const read = entries.aggregate([{ $project: { _id: 0, n: 1 } }], options);
      return { read, answer: read.toArray() };
    },
    answer: [{ n: 1 }],
  },
  {
    verb: 'countDocuments',
    begin: (entries, options) => promised(entries.countDocuments({}, options)),
    answer: 1,
  },
  {
    verb: 'estimatedDocumentCount',
    begin: (entries, options) => promised(entries.estimatedDocumentCount(options)),
    answer: 1,
  },
  {
    verb: 'distinct',
    begin: (entries, options) => promised(entries.distinct('n', {}, options ?? {})),
    answer: [1],
  },
];

const commands = ['find', 'aggregate', 'count', 'distinct'];

/** The addresses that answered read commands from now on; the client needs `monitorCommands`. */
export function watchAnswers(client: MongoClient): string[] {
  const addresses: string[] = [];
  client.on('commandSucceeded', ({ commandName, address }: CommandSucceededEvent) => {
    if (commands.includes(commandName)) addresses.push(address);
  });
  return addresses;
}

/** Arguments of commands: those that are none are refused before anything is read or written. */
import { type Document, Long, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LoneMember, startLoneMember } from './lone-member.ts';
import { message, RawClient } from './raw-client.ts';

let member: LoneMember;
let client: MongoClient;

beforeAll(async () => {
  member = await startLoneMember();
  client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
  await client
    .db('db')
    .collection('e')
    .insertMany([{ v: 1 }, { v: 2 }, { v: 3 }]);
});

afterAll(async () => {
  await client.close();
  member.server.close();
  member.state.close();
});

const id = Long.fromNumber(1234);
const again = { key: { v: 1 }, name: 'v_1' };

test.each<[command: Document, code: number]>([
  [{ find: 'e', limit: -1.1 }, 51024],
  [{ find: 'e', skip: 'x' }, 14],
  [{ find: 'e', maxTimeMS: 'x' }, 14],
  [{ find: 'e', maxTimeMS: 43.15 }, 9],
  [{ find: '$e' }, 73],
  [{ find: 'e', showRecordId: 0 }, 14],
  [{ find: 'e', singleBatch: null }, 14],
  [{ find: 'e', allowDiskUse: 'x' }, 14],
  [{ find: 'e', projection: { $: 1 } }, 16410],
  [{ find: 'e', projection: { 'v.$.x': 1 } }, 31394],
  [{ distinct: 'e', query: {} }, 40414],
  [{ distinct: 'e', key: 5 }, 14],
  [{ aggregate: 'e', pipeline: [], cursor: {}, other: 1 }, 40415],
  [{ aggregate: 'e', pipeline: [], cursor: { other: 1 } }, 40415],
  [{ aggregate: 'e', pipeline: [], cursor: { batchSize: true } }, 14],
  [{ aggregate: 'e', pipeline: [], cursor: {}, allowDiskUse: 1 }, 14],
  [{ aggregate: 'e', pipeline: [{ $project: { 'v.$.x': 1 } }], cursor: {} }, 31394],
  [{ aggregate: 'e', pipeline: [{ $project: { 'v.$': 0 } }], cursor: {} }, 31324],
  [{ aggregate: 'e', pipeline: [{ $project: { $: 1 } }], cursor: {} }, 16410],
  [{ getMore: 'x', collection: 'e' }, 14],
  [{ getMore: 1234, collection: 'e' }, 14],
  [{ getMore: id }, 40414],
  [{ getMore: id, collection: {} }, 14],
  [{ getMore: id, collection: '' }, 73],
  [{ getMore: id, collection: 'e', other: 1 }, 40415],
  [{ getMore: id, collection: 'e' }, 43],
  [
    {
      update: 'e',
      updates: [
        { q: {}, u: { $set: { w: 1 } } },
        { q: 5, u: {} },
      ],
    },
    14,
  ],
  [
    {
      update: 'e',
      updates: [
        { q: {}, u: { $set: { w: 1 } } },
        { q: {}, u: 5 },
      ],
    },
    9,
  ],
  [{ update: 'e', updates: [{ q: {}, u: { $set: { w: 1 } }, sort: 5 }] }, 14],
  [
    {
      delete: 'e',
      deletes: [
        { q: {}, limit: 1 },
        { q: 5, limit: 1 },
      ],
    },
    14,
  ],
  [
    {
      delete: 'e',
      deletes: [
        { q: {}, limit: 1 },
        { q: {}, limit: 42.13 },
      ],
    },
    9,
  ],
  [{ findAndModify: 'e', remove: '123' }, 14],
  [{ findAndModify: 'e', new: '123' }, 14],
  [{ findAndModify: 'e', upsert: '123' }, 14],
  [{ findAndModify: 'e', remove: true, upsert: 1 }, 9],
  [{ createIndexes: 'e', indexes: [again, again] }, 68],
  [{ dropIndexes: 'e' }, 40414],
  [{ dropIndexes: 'e', index: [{ v: 1 }] }, 14],
  [{ dropIndexes: 'e', index: ['none'] }, 27],
  [{ listCollections: 1, nameOnly: 'x' }, 14],
])('%j is refused with code %d', async (command, code) => {
  const db = client.db('db');
  await expect(db.command(command)).rejects.toMatchObject({ code });
  expect(await db.collection('e').countDocuments({ w: { $exists: false } })).toBe(3);
});

test('numbers of documents are taken without what is behind their point', async () => {
  const db = client.db('db');
  const firstOf = async (command: Document) => (await db.command(command)).cursor.firstBatch;
  expect(await firstOf({ find: 'e', limit: 1.9 })).toHaveLength(1);
  expect(await firstOf({ find: 'e', skip: 1.9, batchSize: -0.5 })).toHaveLength(0);
  expect(await firstOf({ aggregate: 'e', pipeline: [], cursor: { batchSize: 2.5 } })).toHaveLength(
    2,
  );
  expect(await db.command({ count: 'e', limit: -2.5 })).toMatchObject({ n: 2 });
});

test('a read preference has one of five modes', async () => {
  const raw = new RawClient(member.port);
  const codeOf = async (mode: string) =>
    (await raw.ask(message({ find: 'e', $db: 'db', $readPreference: { mode } })))?.get('code');
  expect(await codeOf('nearest')).toBeUndefined();
  expect(await codeOf('next')).toBe(9);
  raw.close();
});

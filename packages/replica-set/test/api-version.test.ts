import { type Document, Long, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

let rs: ReplicaSet;
let client: MongoClient;

beforeAll(async () => {
  rs = await ReplicaSet.start();
  client = new MongoClient(rs.uri);
});

afterAll(async () => {
  await client.close();
  await rs.stop();
});

describe('the Stable API', () => {
  test.each<[Document, number]>([
    [{ ping: 1, apiVersion: '2' }, 322],
    [{ ping: 1, apiVersion: 1 }, 322],
    [{ ping: 1, apiStrict: true }, 4886600],
    [{ ping: 1, apiDeprecationErrors: true }, 4886600],
    [{ distinct: 'a', key: 'b', apiVersion: '1', apiStrict: true }, 323],
    [
      {
        aggregate: 1,
        pipeline: [{ $listLocalSessions: {} }],
        cursor: {},
        apiVersion: '1',
        apiStrict: true,
      },
      323,
    ],
    [{ bogus: 1, apiVersion: '1', apiStrict: true }, 59],
  ])('%j is refused with code %d', async (command, code) => {
    await expect(client.db('api').command(command)).rejects.toMatchObject({ code });
  });

  test('a client that is strict can work', async () => {
    await using strict = new MongoClient(rs.uri, { serverApi: { version: '1', strict: true } });
    const things = strict.db('api').collection('things');
    await things.insertOne({ a: 1 });
    expect(await things.find().toArray()).toHaveLength(1);
  });
});

test.each<[Document, number]>([
  [{ createSearchIndexes: 'a', indexes: [] }, 31082],
  [{ aggregate: 'a', pipeline: [{ $listSearchIndexes: {} }], cursor: {} }, 31082],
  [{ authenticate: 1, mechanism: 'MONGODB-X509' }, 334],
  [{ insert: 'a', documents: [{}], readConcern: { level: 'majority' } }, 72],
  [{ find: 'a', writeConcern: { w: 1 } }, 72],
  [{ count: 'a', writeConcern: { w: 'majority' } }, 72],
  [{ getMore: Long.fromNumber(1), collection: 'a', writeConcern: { w: 1 } }, 72],
  [{ aggregate: 'a', pipeline: [], cursor: {}, writeConcern: { w: 1 } }, 72],
  [{ listCollections: 1, writeConcern: { w: 1 } }, 72],
  [{ explain: { find: 'a' }, writeConcern: { w: 1 } }, 72],
  [{ ping: 1, writeConcern: { w: 1 } }, 72],
  [{ createUser: 'a', pwd: 'b', roles: [], writeConcern: { w: 1 } }, 115],
  [
    {
      aggregate: 'a',
      pipeline: [{ $out: 'b' }],
      cursor: {},
      readConcern: { level: 'linearizable' },
    },
    72,
  ],
  [{ find: 'there', min: { _id: 1 } }, 51173],
  [{ find: 'there', min: { a: 1 }, hint: { _id: 1 } }, 51174],
  [{ find: 'there', min: { _id: 2 }, max: { _id: 2 }, hint: { _id: 1 } }, 51175],
  [{ find: 'there', min: { a: 1 }, max: { _id: 2 }, hint: { _id: 1 } }, 51176],
  [{ find: 'there', min: { _id: 1 }, hint: { $natural: 1 } }, 291],
  [{ distinct: 'there', key: 'a\0b' }, 31032],
  [{ createIndexes: 'there', indexes: [{ key: { a: 1 }, name: 'a' }], bogus: 1 }, 40415],
])('%j is refused with code %d', async (command, code) => {
  await client.db('api').collection('there').insertOne({});
  await expect(client.db('api').command(command)).rejects.toMatchObject({ code });
});

test('min and max bound the hinted index; returnKey and showRecordId tell of it', async () => {
  const things = client.db('api').collection<{ _id: number; a: number }>('bounded');
  await things.insertMany([1, 2, 3, 4].map((a) => ({ _id: -a, a })));
  await things.createIndex({ a: 1 });
  const hint = { a: 1 };
  expect(
    await things.find({}, { hint, min: { a: 2 }, max: { a: 4 }, sort: { _id: 1 } }).toArray(),
  ).toEqual([
    { _id: -3, a: 3 },
    { _id: -2, a: 2 },
  ]);
  expect(await things.find({ a: { $gt: 3 } }, { returnKey: true }).toArray()).toEqual([{ a: 4 }]);
  expect(await things.find({ a: 4 }, { showRecordId: true }).toArray()).toEqual([
    { _id: -4, a: 4, $recordId: 4 },
  ]);
});

test('a fail point on hello knows the client by the very handshake that it fails', async () => {
  await rs.failCommand({
    failCommands: ['hello', 'isMaster'],
    appName: 'doomed',
    errorCode: 91,
    times: Infinity,
  });
  const options = { appName: 'doomed', serverSelectionTimeoutMS: 200 };
  await using doomed = new MongoClient(rs.uri, options);
  await expect(doomed.connect()).rejects.toMatchObject({ name: 'MongoServerSelectionError' });
  await using other = new MongoClient(rs.uri);
  await other.connect();
  await rs.failCommand({ failCommands: ['hello'], times: 0 });
});

test('an error that is made up says nothing of the state of the member', async () => {
  await rs.failCommand({ failCommands: ['find'], errorCode: 91, times: 1 });
  const find = client.db('api').command({ find: 'there' });
  const error = await find.catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 91 });
  expect(error.errorResponse).not.toHaveProperty('topologyVersion');
});

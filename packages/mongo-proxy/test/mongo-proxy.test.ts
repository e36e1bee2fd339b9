import { inspect } from 'node:util';
import { Collection, Db, MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { mongoProxy } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';

const bare = new MongoClient('mongodb://127.0.0.1:1/?replicaSet=rs0', safeClientOptions);

test('is a MongoClient to whoever asks', () => {
  const client = mongoProxy(bare);
  expect(client).toBeInstanceOf(MongoClient);
  expect(inspect(client)).toBe(inspect(bare));
  expect(client.db('a')).toBeInstanceOf(Db);
  expect(client.db('a').collection('b')).toBeInstanceOf(Collection);
  expect(client.db('a').collection('b').namespace).toBe('a.b');
});

test('leads back to itself, never to the client beneath', () => {
  const client = mongoProxy(bare);
  const db = client.db('a');
  const collection = db.collection('b');
  expect(client.on('close', () => {})).toBe(client);
  expect(db.client).toBe(client);
  expect(collection.db).toBe(db);
});

test('many protections of one client listen to it once', () => {
  const shared = new MongoClient('mongodb://localhost');
  for (let count = 0; count < 12; count++) mongoProxy(shared, { patience: 1000 + count });
  expect(shared.listenerCount('topologyDescriptionChanged')).toBe(1);
  expect(shared.listenerCount('connectionPoolCleared')).toBe(1);
});

test('wrapped twice it is wrapped once', () => {
  const client = mongoProxy(bare);
  expect(mongoProxy(client)).toBe(client);
});

test.each([-1, Number.NaN, 25 * 60_000 + 1, Number.POSITIVE_INFINITY])(
  'refuses %d as patience',
  (patience) => {
    expect(() => mongoProxy(bare, { patience })).toThrow(TypeError);
  },
);

test('wrong arguments fail as the driver fails them, without a retry', async () => {
  const collection = mongoProxy(bare).db('a').collection('b');
  await expect(collection.updateOne({}, { n: 1 } as never)).rejects.toMatchObject({
    name: 'MongoInvalidArgumentError',
  });
  await expect(collection.insertMany(7 as never)).rejects.toMatchObject({
    name: 'MongoInvalidArgumentError',
  });
});

test('safe options hold writes to a majority with its journal, and reads likewise', () => {
  expect(bare.writeConcern).toMatchObject({ w: 'majority', journal: true, wtimeoutMS: 30_000 });
  expect(bare.readConcern).toMatchObject({ level: 'majority' });
  expect(bare.options).toMatchObject({ retryReads: true, retryWrites: true });
});

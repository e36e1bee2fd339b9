import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LockStore } from '../src/lock-store.ts';

let rs: ReplicaSet;
let client: MongoClient;
let store: LockStore;
let locks: Collection<{ _id: string; writes?: number }>;
let name: string;
let tests = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  client = new MongoClient(rs.uri);
  store = new LockStore(client, 'locker_room', 'locks');
  locks = client.db('locker_room').collection('locks');
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

beforeEach(() => {
  name = `lock-${++tests}`;
});

const ask = (id: string) => store.ask(name, { id, owner: id, lease: 60_000, permits: 1 }, 'stand');

/** Lets the first in line be taken for gone, as if its time had passed. */
const firstVanishes = () =>
  locks.updateOne({ _id: name }, { $set: { 'waiting.0.until': new Date(0) } });

const inLine = async () => (await store.status(name)).waiting.map(({ owner }) => owner);

test('who asks again after a pause keeps his place, if nobody else has asked since', async () => {
  for (const id of ['holder', 'first', 'second']) await ask(id);
  await firstVanishes();
  expect(await inLine()).toEqual(['second']);
  await ask('first');
  await ask('second'); // had passed over the first, who had just asked
  expect(await inLine()).toEqual(['first', 'second']);
});

test('a release names the first in line who is alive', async () => {
  for (const id of ['holder', 'vanished', 'living']) await ask(id);
  await firstVanishes();
  expect(await store.release(name, 'holder', 1n)).toEqual(['living']);
});

test('a withdrawal leaves the line and gives back its own grant only, in one step', async () => {
  for (const id of ['holder', 'waiter']) await ask(id);
  await store.withdraw(name, 'waiter');
  expect(await store.status(name)).toMatchObject({ locked: true, owner: 'holder', waiting: [] });
  await ask('waiter');
  await store.withdraw(name, 'holder');
  expect(await store.status(name)).toMatchObject({ locked: false, owner: null, token: 1n });
  expect(await inLine()).toEqual(['waiter']);
});

test('the count of fenced writes lives on through grant and release', async () => {
  await ask('holder');
  await client.withSession((session) =>
    session.withTransaction(() => store.touch(name, 'holder', 1n, session)),
  );
  await store.release(name, 'holder', 1n);
  await ask('next');
  expect(await locks.findOne({ _id: name })).toMatchObject({ writes: 1 });
});

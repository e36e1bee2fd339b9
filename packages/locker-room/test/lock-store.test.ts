import assert from 'node:assert';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, type CommandStartedEvent, MongoClient } from 'mongodb';
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
  client = new MongoClient(rs.uri, { monitorCommands: true });
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

test('a release hands the lock on to the first in line who is alive, for 5 s at most', async () => {
  for (const id of ['holder', 'vanished', 'living', 'next']) await ask(id);
  await firstVanishes();
  const timestamp = expect.any(Date);
  expect(await store.release(name, 'holder', 1n, true)).toEqual([
    { id: 'living', token: 2n, timestamp },
  ]);
  const { holders, waiting } = await store.status(name);
  const [{ owner, token, expiresAt, timestamp: since } = assert.fail()] = holders;
  expect([owner, token, Number(expiresAt) - Number(since)]).toEqual(['living', 2n, 5_000]);
  expect(waiting.map((each) => each.owner)).toEqual(['next']);
});

test('whoever has the lock handed on to him has it for his full lease when he asks', async () => {
  for (const id of ['holder', 'waiter']) await ask(id);
  await store.release(name, 'holder', 1n, true);
  const answer = await ask('waiter');
  expect(answer).toMatchObject({ granted: true, token: 2n });
  const { expiresAt, timestamp } = await store.status(name);
  expect(Number(expiresAt) - Number(timestamp)).toBeGreaterThanOrEqual(60_000);
});

test('a withdrawal leaves the line and gives back its own grant only, in one step', async () => {
  for (const id of ['holder', 'waiter']) await ask(id);
  await store.withdraw(name, 'waiter');
  expect(await store.status(name)).toMatchObject({ locked: true, owner: 'holder', waiting: [] });
  await ask('waiter');
  await store.withdraw(name, 'holder');
  expect(await store.status(name)).toMatchObject({ locked: true, owner: 'waiter', token: 2n });
  expect(await inLine()).toEqual([]);
});

test('the count of fenced writes lives on through grant and release', async () => {
  await ask('holder');
  await client.withSession((session) =>
    session.withTransaction(() => store.touch(name, 'holder', 1n, session)),
  );
  await store.release(name, 'holder', 1n, true);
  await ask('next');
  expect(await locks.findOne({ _id: name })).toMatchObject({ writes: 1 });
});

test('a lock that others want is asked for by one request, and so is an idle one again afterwards', async () => {
  const asker = (id: string) => ({ id, owner: id, lease: 60_000, permits: 1 });
  const requests = async (work: () => Promise<unknown>): Promise<string[]> => {
    const names: string[] = [];
    const note = ({ commandName, command }: CommandStartedEvent): void => {
      names.push(command.upsert === true ? 'ask' : commandName);
    };
    client.on('commandStarted', note);
    await work();
    client.off('commandStarted', note);
    return names;
  };
  const askFirst = (id: string) => requests(() => store.askFirst(name, asker(id), 'stand'));
  const release = (owner: string, token: bigint) =>
    requests(() => store.release(name, owner, token, true));
  expect(await askFirst('first')).toEqual(['findAndModify', 'ask']);
  expect(await askFirst('second')).toEqual(['findAndModify', 'ask']);
  await release('first', 1n);
  expect(await askFirst('first')).toEqual(['ask']);
  await release('second', 2n);
  await release('first', 3n);
  expect(await askFirst('second')).toEqual(['findAndModify']);
});

import { safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LockerRoom } from '../src/locker-room.ts';

let rs: ReplicaSet;
let client: MongoClient;
let documents: Collection<{ _id: string }>;
let ours: LockerRoom;
let theirs: LockerRoom;
let name: string;
let tests = 0;

const ann = { owner: 'ann', reentrant: true } as const;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  client = new MongoClient(rs.uri, safeClientOptions);
  documents = client.db('locker_room').collection('locks');
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

beforeEach(() => {
  ours = new LockerRoom({ client });
  theirs = new LockerRoom({ client });
  name = `lock-${++tests}`;
  return () => Promise.all([ours.close(), theirs.close()]);
});

test.each([
  { order: 'the first taken first', first: 0, last: 1 },
  { order: 'the last taken first', first: 1, last: 0 },
])('an owner has it again at once, and gives it back by the last release: $order', async (each) => {
  const locks = [await ours.lock(name, ann), await ours.lock(name, ann)];
  expect(locks.map(({ token }) => token)).toEqual([1n, 1n]);
  expect((await theirs.status(name)).holders).toHaveLength(1);
  await locks[each.first]?.release();
  await locks[each.first]?.release(); // counts once
  expect(locks.map(({ isHeld }) => isHeld)).toEqual([each.last === 0, each.last === 1]);
  expect(await theirs.tryLock(name)).toBeNull();
  await locks[each.last]?.release();
  expect(await theirs.status(name)).toMatchObject({ locked: false, token: 1n });
  await expect(ours.lock(name, ann)).resolves.toMatchObject({ token: 2n });
});

test('by tryLock and by lockAndRelease too', async () => {
  const token = await ours.lockAndRelease(name, ann, async (outer) => {
    const inner = await ours.tryLock(name, ann);
    expect(inner?.token).toBe(outer.token);
    await inner?.release();
    return ours.lockAndRelease(name, ann, (innermost) => innermost.token);
  });
  expect(token).toBe(1n);
  expect(await theirs.status(name)).toMatchObject({ locked: false });
});

test.each([
  { what: 'another owner', again: () => ours.tryLock(name, { ...ann, owner: 'bob' }) },
  { what: 'the same owner elsewhere', again: () => theirs.tryLock(name, ann) },
  { what: 'who does not ask for it', again: () => ours.tryLock(name, { owner: 'ann' }) },
])('$what does not have it again', async ({ again }) => {
  const lock = await ours.lock(name, ann);
  expect(await again()).toBeNull();
  await lock.release();
});

test('who did not ask to take it again is alone in it', async () => {
  const lock = await ours.lock(name, { owner: 'ann' });
  expect(await ours.tryLock(name, ann)).toBeNull();
  await lock.release();
});

test('it is lost for all at once, and the last release tells of the new holder', async () => {
  const [first, second] = [await ours.lock(name, ann), await ours.lock(name, ann)];
  await theirs.break(name);
  const next = await theirs.lock(name);
  await expect(first.extend()).rejects.toMatchObject({ code: 'superseded' });
  expect([first.isHeld, second.isHeld, second.signal.aborted]).toEqual([false, false, true]);
  await first.release();
  await expect(second.release()).rejects.toMatchObject({ name: 'NotOwnerError', token: 1n });
  const waiting = ours.tryLock(name, ann);
  expect(await waiting).toBeNull(); // what is lost is not taken again
  await next.release();
});

test('what is over by the clock is not taken again, even when the timers are late', async () => {
  let now = 0;
  const late = { now: () => now, random: () => 0, after: () => () => {} };
  await using room = new LockerRoom({ client }, late);
  const lock = await room.lock(name, { ...ann, lease: 1_000 });
  now = 900;
  expect(await room.tryLock(name, ann)).toBeNull();
  expect(lock.signal.reason).toMatchObject({ code: 'lease-over' });
});

test('one lease for all: extended by one of them, after another was released', async () => {
  const [first, second] = [await ours.lock(name, ann), await ours.lock(name, ann)];
  await first.release();
  await expect(first.extend()).rejects.toMatchObject({ code: 'released' });
  await second.extend(200_000);
  const { expiresAt, timestamp } = await theirs.status(name);
  expect(Number(expiresAt) - Number(timestamp)).toBeGreaterThan(190_000);
  expect([first.expiresAt, second.expiresAt]).toEqual([expiresAt, expiresAt]);
  await second.release();
});

test('fenced writes through all of them take turns, and end with each release', async () => {
  const [first, second] = [await ours.lock(name, ann), await ours.lock(name, ann)];
  const counters = client.db('test').collection<{ _id: string; n: number }>('counters');
  const fences = [ours.fenced(first, counters), ours.fenced(second, counters)];
  const add = () =>
    fences.map((each) => each.updateOne({ _id: name }, { $inc: { n: 1 } }, { upsert: true }));
  await Promise.all([...add(), ...add()]);
  expect(await counters.findOne({ _id: name })).toMatchObject({ n: 4 });
  await first.release();
  const [refused, accepted] = await Promise.allSettled(add());
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'released' } });
  expect(accepted).toMatchObject({ status: 'fulfilled' });
  await second.release();
});

test('a reader has it again, but does not become a writer', async () => {
  const readers = [await ours.readLock(name, ann), await ours.readLock(name, ann)];
  await expect(ours.writeLock(name, ann)).rejects.toThrow(
    `lock "${name}": ann holds it together with others and asks for it alone, which would wait for itself: release it first`,
  );
  await expect(ours.semaphore(name, 3).acquire(ann)).rejects.toThrow('with 3 permits');
  expect((await ours.status(name)).waiting).toEqual([]);
  await Promise.all(readers.map((each) => each.release()));
  expect(await ours.status(name)).toMatchObject({ locked: false });
});

test('a writer who reads holds it alone still', async () => {
  const [writer, reader] = [await ours.writeLock(name, ann), await ours.readLock(name, ann)];
  expect(reader).toMatchObject({ token: writer.token, isShared: false });
  await writer.release();
  await expect(theirs.readLock(name, { timeout: 0 })).rejects.toMatchObject({ holder: 'ann' });
  await reader.release();
});

test('several locks of which one is held already', async () => {
  const outer = await ours.lock(`${name}-b`, ann);
  const all = await ours.lockAll([`${name}-b`, `${name}-a`], ann);
  expect(all.get(`${name}-b`)?.token).toBe(outer.token);
  await all.release();
  expect(outer.isHeld).toBe(true);
  expect((await ours.status(`${name}-a`)).locked).toBe(false);
  expect((await ours.status(`${name}-b`)).locked).toBe(true);
  await outer.release();
});

test('closed, the room calls it lost for all, and gives it back once', async () => {
  const [first, second] = [await ours.lock(name, ann), await ours.lock(name, ann)];
  await ours.close();
  expect([first, second].map(({ signal }) => signal.reason)).toMatchObject([
    { code: 'closed' },
    { code: 'closed' },
  ]);
  await Promise.all([first.release(), second.release()]);
  await expect(ours.lock(name, ann)).rejects.toThrow('closed');
  expect(await theirs.status(name)).toMatchObject({ locked: false, token: 1n });
});

test('a release after the room was closed, and its client with it, does nothing', async () => {
  const room = new LockerRoom({ uri: rs.uri });
  const lock = await room.lock(name);
  await room.close();
  await lock.release();
  expect(await theirs.status(name)).toMatchObject({ locked: false });
});

test('is refused without an owner, and when the caller has given up', async () => {
  await expect(ours.lock(name, { reentrant: true })).rejects.toBeInstanceOf(TypeError);
  const lock = await ours.lock(name, ann);
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(ours.lock(name, { ...ann, signal })).rejects.toThrow('enough');
  await lock.release();
  expect(await documents.findOne({ _id: name })).toMatchObject({ holders: [] });
});

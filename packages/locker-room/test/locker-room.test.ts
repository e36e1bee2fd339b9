import { setImmediate } from 'node:timers/promises';
import { safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { LockLostError } from '../src/lock-lost-error.ts';
import { LockTimeoutError } from '../src/lock-timeout-error.ts';
import { LockerRoom } from '../src/locker-room.ts';
import { NotOwnerError } from '../src/not-owner-error.ts';
import { type PretendClock, pretendClock } from './pretend-clock.ts';

let rs: ReplicaSet;
let client: MongoClient;
let documents: Collection<{ _id: string } & Document>;
let clock: PretendClock;
/** Two rooms as two programs would have them; their clock stands still unless told otherwise. */
let ours: LockerRoom;
let theirs: LockerRoom;
let name: string;
let tests = 0;

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
  clock = pretendClock();
  ours = new LockerRoom({ client }, clock);
  theirs = new LockerRoom({ client }, clock);
  name = `lock-${++tests}`;
});

afterEach(() => Promise.all([ours.close(), theirs.close()]));

/** Lets the lease of the test's lock end for the server, as if time had passed there. */
const endLease = () =>
  documents.updateOne({ _id: name }, { $set: { 'holders.0.expiresAt': new Date(0) } });

async function untilWaiting(count: number): Promise<void> {
  while ((await ours.status(name)).waiting.length !== count) await setImmediate();
}

test('a broken lock is free for the next, its holder is fenced off, and the break is kept', async () => {
  expect(await ours.break(name)).toEqual([]);
  const lock = await ours.lock(name, { owner: 'gustav' });
  const waiting = theirs.lock(name, { owner: 'edgar' });
  await untilWaiting(1);
  expect(await theirs.break(name, { by: 'the operator' })).toMatchObject([
    { owner: 'gustav', token: 1n },
  ]);
  expect((await waiting).token).toBe(2n);
  await expect(lock.release()).rejects.toBeInstanceOf(NotOwnerError);
  const found = await documents.findOne({ _id: name });
  expect(found?.breaks).toMatchObject([
    { by: 'the operator', owner: 'gustav', at: expect.any(Date) },
  ]);
});

test('a locked function runs under the lock, with its arguments and its this', async () => {
  const seen: boolean[] = [];
  const add = ours.locked(name, { timeout: 0 }, async function (this: { base: number }, n: number) {
    seen.push((await ours.status(name)).locked);
    return this.base + n;
  });
  expect(await add.call({ base: 40 }, 2)).toBe(42);
  expect(seen).toEqual([true]);
  expect((await ours.status(name)).locked).toBe(false);
  expect(() => ours.locked('', {}, () => 1)).toThrow(TypeError);
});

test('as a decorator it is called with the method and its context', async () => {
  const decorate = ours.locked(name);
  const context = { kind: 'method', name: 'add' } as ClassMethodDecoratorContext<{ base: number }>;
  const add = decorate(function (this: { base: number }, n: number) {
    return this.base + n;
  }, context);
  expect(await add.call({ base: 1 }, 1)).toBe(2);
  expect(() => decorate((() => 1) as never, { kind: 'field' } as never)).toThrow(/methods/);
});

test('a lock is held by one owner until it is released', async () => {
  expect(await ours.status(name)).toEqual({
    _id: name,
    locked: false,
    owner: null,
    timestamp: null,
    expiresAt: null,
    token: 0n,
    waiting: [],
    holders: [],
  });

  const lock = await ours.lock(name, { owner: 'gustav', lease: 10_000 });
  expect(lock).toMatchObject({ name, owner: 'gustav', token: 1n, isHeld: true });
  const status = await theirs.status(name);
  expect(status).toMatchObject({ locked: true, owner: 'gustav', token: 1n, waiting: [] });
  expect(Number(status.expiresAt) - Number(status.timestamp)).toBe(10_000);
  expect(status.expiresAt).toEqual(lock.expiresAt);
  expect(await theirs.tryLock(name)).toBeNull();

  await lock.release();
  expect(lock.isHeld).toBe(false);
  expect(lock.signal.aborted).toBe(false);
  expect(await theirs.status(name)).toMatchObject({ locked: false, owner: null, token: 1n });
});

test('tokens rise with every grant and never begin again', async () => {
  const tokens: bigint[] = [];
  for (const room of [ours, theirs, ours]) {
    const lock = await room.lock(name);
    tokens.push(lock.token);
    await lock.release();
  }
  expect(tokens).toEqual([1n, 2n, 3n]);
  await documents.updateOne({ _id: name }, [{ $set: { token: 2n ** 53n } }]);
  await expect(ours.lock(name)).resolves.toMatchObject({ token: 2n ** 53n + 1n });
});

test('the default owner names host and process, and differs between rooms', async () => {
  const first = await ours.lock(`${name}-a`);
  const second = await theirs.lock(`${name}-b`);
  expect(first.owner).toMatch(new RegExp(`^.+:${process.pid}:[0-9a-f]{8}$`));
  expect(second.owner).not.toBe(first.owner);
});

test.each(['$owner', '$$NOW', '{"$set":1}', 'ünïcode 🔒'])('an owner may be %s', async (text) => {
  const named = `of ${text.replaceAll('$', 'S')}`;
  const lock = await ours.lock(named, { owner: text });
  expect(await ours.status(named)).toMatchObject({ _id: named, owner: text, locked: true });
  await lock.release();
});

test('a release hands the lock on to the first in line, with no clock at all', async () => {
  const lock = await ours.lock(name);
  const waiting = theirs.lock(name, { owner: 'next' });
  await clock.untilTimers(2); // a heartbeat, and one of a sleep
  await lock.release();
  await expect(waiting).resolves.toMatchObject({ owner: 'next', token: 2n });
});

test('those who wait are served in the order in which they came, across rooms', async () => {
  const rooms = [new LockerRoom({ client }), new LockerRoom({ client })] as const;
  const first = await ours.lock(name);
  const served: string[] = [];
  const askers: Promise<void>[] = [];
  for (const [index, room] of [0, 1, 0, 1, 1].entries()) {
    const work = () => void served.push(String(index));
    askers.push(rooms[room === 0 ? 0 : 1].lockAndRelease(name, { owner: String(index) }, work));
    await untilWaiting(index + 1);
  }
  expect((await ours.status(name)).waiting.map(({ owner }) => owner)).toEqual([
    '0',
    '1',
    '2',
    '3',
    '4',
  ]);
  await first.release();
  await Promise.all(askers);
  expect(served).toEqual(['0', '1', '2', '3', '4']);
});

const waiterElsewhere = (until: Date) => ({
  waiting: [{ id: 'x', owner: 'elsewhere', permits: 1, since: new Date(), until }],
});

test('someone who vanished from the line is passed over once its time is up', async () => {
  await (await ours.lock(name)).release();
  await documents.updateOne({ _id: name }, { $set: waiterElsewhere(new Date(0)) });
  expect((await ours.status(name)).waiting).toEqual([]);
  await expect(ours.lock(name)).resolves.toMatchObject({ token: 2n });
});

test('tryLock does not push in before those who wait', async () => {
  await (await ours.lock(name)).release();
  const until = new Date(Date.now() + 60_000);
  await documents.updateOne({ _id: name }, { $set: waiterElsewhere(until) });
  expect(await ours.tryLock(name)).toBeNull();
});

test('time runs out: the error names the holder, and the line is left', async () => {
  const lock = await ours.lock(name, { owner: 'gustav' });
  const { timestamp } = await ours.status(name);
  const waiting = theirs.lock(name, { timeout: 2000 }).catch((error: unknown) => error);
  await clock.untilTimers(3); // a heartbeat, the timeout, one of a sleep
  // With time for answers: a database that is silent at the end is not waited for.
  for (let passed = 0; passed < 2000; passed += 50) {
    await clock.advance(50);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  const error = await waiting;
  expect(error).toBeInstanceOf(LockTimeoutError);
  expect(error).toMatchObject({ lock: name, holder: 'gustav', since: timestamp, timeout: 2000 });
  // Who was told so stands in line no more: nothing is handed on to him.
  expect((await ours.status(name)).waiting).toEqual([]);
  await lock.release();
  expect(await ours.status(name)).toMatchObject({ locked: false, token: 1n });
});

test('a timeout of 0 asks once', async () => {
  const lock = await ours.lock(name, { owner: 'gustav', timeout: 0 });
  await expect(theirs.lock(name, { timeout: 0 })).rejects.toMatchObject({
    name: 'LockTimeoutError',
    holder: 'gustav',
  });
  await lock.release();
});

test('the signal of the caller ends the wait with its reason, and the line is left', async () => {
  const lock = await ours.lock(name);
  const stop = new AbortController();
  const waiting = theirs.lock(name, { signal: stop.signal });
  await untilWaiting(1);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await untilWaiting(0);
  await lock.release();
});

test('who asks once gives up by his signal too', async () => {
  const stop = new AbortController();
  const asking = ours.lock(name, { timeout: 0, signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(asking).rejects.toThrow('enough');
  await expect(ours.lock(name, { timeout: 0, signal: stop.signal })).rejects.toThrow('enough');
  await ours.close();
  expect(await theirs.status(name)).toMatchObject({ locked: false });
});

test('a lock granted to one who no longer waits is given back', async () => {
  const stop = new AbortController();
  const waiting = ours.lock(name, { signal: stop.signal });
  stop.abort(new Error('enough')); // the question is on its way
  await expect(waiting).rejects.toThrow('enough');
  await ours.close();
  expect(await theirs.status(name)).toMatchObject({ locked: false, waiting: [] });
});

test.each([
  { how: 'by waiting', ask: () => ours.lock(name, { lease: 1000 }), token: 2n, locked: true },
  { how: 'by tryLock', ask: () => ours.tryLock(name, { lease: 1000 }), token: 1n, locked: false },
])('a grant whose answer comes after its lease is not handed out ($how)', async (each) => {
  const block = { failCommands: ['findAndModify'], blockConnection: true, blockTimeMS: 50 };
  await rs.failCommand(block);
  const asking = each.ask();
  await clock.advance(900);
  const lock = await asking;
  expect(lock?.isHeld ?? false).toBe(each.locked);
  expect(await theirs.status(name)).toMatchObject({ token: each.token, locked: each.locked });
});

test('an ended lease is granted to the next, with a higher token', async () => {
  const stale = await ours.lock(name, { owner: 'paused' });
  await endLease();
  expect(await theirs.status(name)).toMatchObject({ locked: false, owner: null });
  const lock = await theirs.lock(name, { owner: 'next' });
  expect(lock.token).toBe(stale.token + 1n);

  await expect(stale.release()).rejects.toBeInstanceOf(NotOwnerError);
  await expect(stale.release()).rejects.toMatchObject({ token: 1n, latestToken: 2n });
  expect(await theirs.status(name)).toMatchObject({ locked: true, owner: 'next', token: 2n });
});

test('an owner of the same name is still not the owner', async () => {
  const stale = await ours.lock(name, { owner: 'twin' });
  await endLease();
  await theirs.lock(name, { owner: 'twin' });
  await expect(stale.release()).rejects.toBeInstanceOf(NotOwnerError);
  expect(await theirs.status(name)).toMatchObject({ locked: true, token: 2n });
});

test('the lease is renewed at each third, and can be given another length', async () => {
  const lock = await ours.lock(name, { lease: 3000 });
  await endLease(); // nobody has asked since, so it can still be renewed
  await clock.advance(1000);
  while (!(await ours.status(name)).locked) await setImmediate();

  await expect(lock.extend(99)).rejects.toBeInstanceOf(TypeError);
  await lock.extend(60_000);
  const { expiresAt, timestamp } = await ours.status(name);
  expect(expiresAt).toEqual(lock.expiresAt);
  expect(Number(expiresAt) - Number(timestamp)).toBeGreaterThanOrEqual(60_000);
  await lock.release();
});

test('the signal of the lock aborts when a renewal finds somebody else', async () => {
  const stale = await ours.lock(name, { lease: 3000 });
  await endLease();
  await theirs.lock(name);
  const lost = Promise.withResolvers<void>();
  stale.signal.addEventListener('abort', () => lost.resolve());
  await clock.advance(1000);
  await lost.promise;
  expect(stale.signal.reason).toBeInstanceOf(LockLostError);
  expect(stale.signal.reason).toMatchObject({ code: 'superseded', lock: name, token: 1n });
  expect(stale.isHeld).toBe(false);
  await expect(stale.extend()).rejects.toBe(stale.signal.reason);
});

test('the signal of the lock aborts before the lease ends when nobody answers', async () => {
  const lock = await ours.lock(name, { lease: 3000 });
  await rs.failCommand({
    failCommands: ['update'],
    blockConnection: true,
    blockTimeMS: 200,
    times: 3,
  });
  await clock.advance(2700);
  expect(lock.signal.reason).toMatchObject({ code: 'lease-over' });
});

test('lost replies: one grant, one release', async () => {
  await rs.loseReplies(3);
  const lock = await ours.lock(name);
  expect(lock.token).toBe(1n);
  await rs.loseReplies(3);
  await lock.release();
  expect(await ours.status(name)).toMatchObject({ locked: false, token: 1n, waiting: [] });
  await expect(ours.lock(name)).resolves.toMatchObject({ token: 2n });
});

test('a second release does nothing, even when somebody else holds the lock by then', async () => {
  const lock = await ours.lock(name);
  await lock.release();
  await theirs.lock(name);
  await lock.release();
  expect(await ours.status(name)).toMatchObject({ locked: true, token: 2n });
});

test('await using releases', async () => {
  {
    await using lock = await ours.lock(name);
    expect(lock.isHeld).toBe(true);
  }
  expect(await ours.status(name)).toMatchObject({ locked: false, token: 1n });
});

test('lockAndRelease gives the result of the work', async () => {
  const result = await ours.lockAndRelease(name, { owner: 'gustav', timeout: 2000 }, (lock) => {
    expect(lock.isHeld).toBe(true);
    return `token ${lock.token}`;
  });
  expect(result).toBe('token 1');
  expect(await ours.status(name)).toMatchObject({ locked: false });
});

test('lockAndRelease passes the error of the work on, and releases', async () => {
  const failing = ours.lockAndRelease(name, {}, () => {
    throw new Error('business');
  });
  await expect(failing).rejects.toThrow('business');
  expect(await ours.status(name)).toMatchObject({ locked: false });
});

test('the error of the work is not hidden by that of the release', async () => {
  const failing = ours.lockAndRelease(name, {}, async () => {
    await endLease();
    await theirs.lock(name);
    throw new Error('business');
  });
  await expect(failing).rejects.toThrow('business');
});

test('lockAndRelease fails when the lock was lost while the work went on', async () => {
  const losing = ours.lockAndRelease(name, { lease: 3000 }, async (lock) => {
    await endLease();
    await theirs.lock(name, { owner: 'next' });
    await lock.extend().catch(() => {});
  });
  await expect(losing).rejects.toBeInstanceOf(LockLostError);
  expect(await theirs.status(name)).toMatchObject({ locked: true, owner: 'next' });
});

test('list gives every lock by name', async () => {
  await ours.lock(`${name}-b`, { owner: 'b' });
  await ours.lock(`${name}-a`, { owner: 'a' });
  const mine = (await ours.list()).filter(({ _id }) => _id.startsWith(`${name}-`));
  expect(mine.map(({ _id, owner }) => [_id, owner])).toEqual([
    [`${name}-a`, 'a'],
    [`${name}-b`, 'b'],
  ]);
});

test('close ends waits, calls held locks lost and gives them back', async () => {
  const room = new LockerRoom({ uri: rs.uri }, clock);
  const lock = await room.lock(name);
  const waiting = room.lock(name);
  await untilWaiting(1);
  await Promise.all([expect(waiting).rejects.toThrow('closed'), room.close()]);
  expect(lock.signal.reason).toMatchObject({ name: 'LockLostError', code: 'closed' });
  expect(await ours.status(name)).toMatchObject({ locked: false, waiting: [] });
  await expect(room.lock(name)).rejects.toThrow('closed');
  await expect(room.tryLock(name)).rejects.toThrow('closed');
});

test.each([
  { what: 'an empty name', call: () => ours.lock(''), error: TypeError },
  { what: 'a name that is no string', call: () => ours.tryLock(7 as never), error: TypeError },
  { what: 'an empty owner', call: () => ours.lock(name, { owner: '' }), error: TypeError },
  { what: 'a name with a NUL', call: () => ours.lock('a\0b'), error: TypeError },
  { what: 'a name that begins with $', call: () => ours.lock('$a'), error: TypeError },
  { what: 'a name with a $ in it', call: () => ours.status('a$b'), error: TypeError },
  { what: 'a name of 501 bytes', call: () => ours.lock('x'.repeat(501)), error: TypeError },
  { what: 'a negative timeout', call: () => ours.lock(name, { timeout: -1 }), error: TypeError },
  {
    what: 'a timeout of a month',
    call: () => ours.lock(name, { timeout: 2 ** 31 }),
    error: TypeError,
  },
  {
    what: 'a timeout in words',
    call: () => ours.lock(name, { timeout: '5' as never }),
    error: TypeError,
  },
  {
    what: 'a lease in words',
    call: () => ours.lock(name, { lease: '500' as never }),
    error: TypeError,
  },
  {
    what: 'an owner of 501 bytes',
    call: () => ours.lock(name, { owner: 'é'.repeat(251) }),
    error: TypeError,
  },
  { what: 'a break by nobody', call: () => ours.break(name, { by: '' }), error: TypeError },
  { what: 'one name where several are due', call: () => ours.lockAll('name'), error: TypeError },
  { what: 'a timeout of NaN', call: () => ours.lock(name, { timeout: NaN }), error: TypeError },
  { what: 'a lease of 99 ms', call: () => ours.lock(name, { lease: 99 }), error: TypeError },
  { what: 'an endless lease', call: () => ours.lock(name, { lease: Infinity }), error: TypeError },
])('refuses $what', async ({ call, error }) => {
  await expect(call()).rejects.toBeInstanceOf(error);
  expect(await documents.findOne({ _id: name })).toBeNull();
});

test('refuses to be made without a client and with two', () => {
  expect(() => new LockerRoom({} as never)).toThrow(TypeError);
  expect(() => new LockerRoom({ client, uri: rs.uri } as never)).toThrow(TypeError);
});

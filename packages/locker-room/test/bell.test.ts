import { setImmediate } from 'node:timers/promises';
import { safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type CommandStartedEvent, type Document, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Bell } from '../src/bell.ts';
import { LockStore } from '../src/lock-store.ts';
import { LockerRoom } from '../src/locker-room.ts';
import { type PretendClock, pretendClock } from './pretend-clock.ts';

/** A program with a locker room of its own; its clock stands still unless told otherwise. */
interface Program {
  readonly lockers: LockerRoom;
  readonly client: MongoClient;
  readonly commands: CommandStartedEvent[];
}

let rs: ReplicaSet;
let clock: PretendClock;
let programs: Program[];
let name: string;
let tests = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 3 });
});

afterAll(() => rs?.stop());

beforeEach(() => {
  clock = pretendClock();
  programs = [];
  name = `lock-${++tests}`;
});

afterEach(async () => {
  await rs.failCommand({ failCommands: [], times: 0 });
  await Promise.all(programs.map(({ lockers }) => lockers.close()));
  await Promise.all(programs.map(({ client }) => client.close()));
});

/** Starts a program that has looked at the collection already. */
async function start(): Promise<Program> {
  const client = new MongoClient(rs.uri, { ...safeClientOptions, monitorCommands: true });
  const commands: CommandStartedEvent[] = [];
  client.on('commandStarted', (event) => commands.push(event));
  const lockers = new LockerRoom({ client }, clock);
  await lockers.status(name);
  programs.push({ lockers, client, commands });
  return { lockers, client, commands };
}

const isOpening = ({ commandName, command }: CommandStartedEvent) =>
  commandName === 'aggregate' && '$changeStream' in command.pipeline[0];
const isQuestion = ({ commandName }: CommandStartedEvent) => commandName === 'findAndModify';
const isListening = ({ commandName }: CommandStartedEvent) => commandName === 'getMore';

/** Resolves when a waiter's stream is open and he has asked once more since. */
async function untilListening({ commands }: Program): Promise<void> {
  for (;;) {
    const listening = commands.findIndex(isListening);
    const asked = commands.slice(listening + 1).filter(isQuestion).length;
    if (listening >= 0 && asked > 0) break;
    await setImmediate();
  }
  await untilQuiet();
}

/** Resolves when all answers have come, for nothing is asked while the clock stands still. */
async function untilQuiet(): Promise<void> {
  const questions = () => programs.flatMap(({ commands }) => commands.filter(isQuestion)).length;
  for (let before = -1; before !== questions(); ) {
    before = questions();
    for (const { client } of programs) await client.db('admin').command({ ping: 1 });
  }
}

test('each release is one write, and nobody asks: the next of ten has the lock', async () => {
  const holder = await start();
  const waiters = await Promise.all(Array.from({ length: 10 }, start));
  let lock = await holder.lockers.lock(name);
  const turns = [];
  for (const [place, waiter] of waiters.entries()) {
    turns.push(waiter.lockers.lock(name, { owner: `${place}` }));
    await untilListening(waiter);
  }
  for (const { commands } of programs) commands.length = 0;
  for (const [place, turn] of turns.entries()) {
    await lock.release();
    lock = await turn;
    expect([lock.owner, lock.token]).toEqual([`${place}`, BigInt(place + 2)]);
  }
  const all = [holder, ...waiters];
  const writes = all.map(({ commands }) => commands.filter(isQuestion).length);
  expect(writes).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
});

test('all who may hold it together have it after one write', async () => {
  const [holder, first, second] = [await start(), await start(), await start()];
  const lock = await holder.lockers.lock(name);
  const reading = [
    first.lockers.readLock(name),
    first.lockers.readLock(name),
    second.lockers.readLock(name),
  ];
  await Promise.all([untilListening(first), untilListening(second)]);
  while ((await holder.lockers.status(name)).waiting.length < 3) await setImmediate();
  await untilQuiet();
  await lock.release();
  const tokens = (await Promise.all(reading)).map(({ token }) => token);
  expect(tokens.sort()).toEqual([2n, 3n, 4n]);
});

test('a release while the stream is being opened is not missed', async () => {
  const [holder, waiter] = [await start(), await start()];
  const lock = await holder.lockers.lock(name);
  await rs.failCommand({ failCommands: ['aggregate'], blockConnection: true, blockTimeMS: 100 });
  const waiting = waiter.lockers.lock(name);
  while (!waiter.commands.some(isOpening)) await setImmediate();
  await lock.release();
  await expect(waiting).resolves.toMatchObject({ token: 2n });
  // Two of the first question, and one when it was open.
  expect(waiter.commands.filter(isQuestion)).toHaveLength(3);
});

test.each([
  { what: 'its connection is cut', failure: { closeConnection: true } },
  { what: 'its cursor is gone', failure: { errorCode: 43 } },
])('the stream goes on when $what, and a release meanwhile is not missed', async ({ failure }) => {
  const [holder, waiter] = [await start(), await start()];
  const lock = await holder.lockers.lock(name);
  const waiting = waiter.lockers.lock(name);
  await untilListening(waiter);
  await rs.failCommand({ failCommands: ['getMore'], ...failure, times: 2 });
  await lock.release();
  await expect(waiting).resolves.toMatchObject({ token: 2n });
});

test('a server may tell of a call by the whole document', async () => {
  const [holder, waiter] = [await start(), await start()];
  await holder.lockers.lock(name);
  const waiting = waiter.lockers.lock(name);
  await untilListening(waiter);
  const locks = holder.client.db('locker_room').collection<Document & { _id: string }>('locks');
  const { waiting: line, ...lock } = (await locks.findOne({ _id: name })) ?? { waiting: [] };
  const timestamp = new Date();
  const expiresAt = new Date(Date.now() + 60_000);
  const [{ id, owner, permits }] = line;
  await locks.replaceOne(
    { _id: name },
    {
      ...lock,
      token: 2n,
      holders: [{ id, owner, permits, token: 2n, timestamp, expiresAt }],
      waiting: [],
      called: ` ${id}`,
      calledAt: timestamp,
    },
  );
  await expect(waiting).resolves.toMatchObject({ token: 2n });
});

test('a step-down costs no call', async () => {
  const [holder, waiter] = [await start(), await start()];
  for (let round = 1n; round <= 3n; round++) {
    const lock = await holder.lockers.lock(name);
    const waiting = waiter.lockers.lock(name);
    if (round === 1n) await untilListening(waiter);
    while ((await holder.lockers.status(name)).waiting.length === 0) await setImmediate();
    await rs.stepDown(0.1);
    await lock.release();
    const next = await waiting;
    expect(next.token).toBe(2n * round);
    await next.release();
  }
});

test('without a stream whoever waits polls, and another stream is tried later', async () => {
  const [holder, waiter] = [await start(), await start()];
  const lock = await holder.lockers.lock(name);
  await rs.failCommand({ failCommands: ['aggregate'], errorCode: 40_573, times: Infinity });
  const waiting = waiter.lockers.lock(name);
  while (!waiter.commands.some(isOpening)) await setImmediate();
  while (waiter.commands.filter(isQuestion).length < 4) await aLittleLater();
  await lock.release();
  const next = await poll(waiting);
  const triesAtMost = 1 + Math.floor(clock.now() / 5_000);
  expect(waiter.commands.filter(isOpening).length).toBeLessThanOrEqual(triesAtMost);
  await rs.failCommand({ failCommands: [], times: 0 });

  waiter.commands.length = 0;
  const again = waiter.lockers.lock(name);
  while (!waiter.commands.some(isListening)) await aLittleLater();
  await untilListening(waiter);
  await next.release();
  await expect(again).resolves.toMatchObject({ token: 3n });
});

test('a stream that cannot even be asked for is tried again later', async () => {
  let tries = 0;
  const watch = (): never => {
    tries += 1;
    throw new Error('the client is closed');
  };
  const bell = new Bell(watch, clock);
  using sleeper = bell.sleeper('me');
  for (const [passed, expected] of [
    [0, 1],
    [4_999, 1],
    [5_000, 2],
  ] as const) {
    await clock.advance(passed - clock.now());
    const sleeping = sleeper.sleep(1);
    await clock.advance(0);
    sleeper.wake();
    await sleeping;
    expect(tries).toBe(expected);
  }
  expect(bell.isListening).toBe(false);
});

test('a stream that is lost for good wakes those who relied on it, and they poll', async () => {
  const [holder, waiter] = [await start(), await start()];
  const lock = await holder.lockers.lock(name);
  const waiting = waiter.lockers.lock(name);
  await untilListening(waiter);
  waiter.commands.length = 0;
  await rs.failCommand({ failCommands: ['getMore'], errorCode: 280, times: 1 });
  await holder.client.db('locker_room').collection<{ _id: string }>('locks').drop();
  while (!waiter.commands.some(isQuestion)) await setImmediate();
  await lock.release().catch(() => {});
  expect((await poll(waiting)).isHeld).toBe(true);
});

/** Lets a little time pass, and what is asked then be answered. */
async function aLittleLater(): Promise<void> {
  await clock.advance(25);
  await untilQuiet();
}

/** Lets time pass until there is an outcome. */
async function poll<T>(waiting: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  waiting.then(settle, settle);
  while (!isSettled) await aLittleLater();
  return waiting;
}

test('the stream is closed when nobody has waited for a while, and not before', async () => {
  const [holder, waiter] = [await start(), await start()];
  const closings = () => waiter.commands.filter(({ commandName }) => commandName === 'killCursors');
  const lock = await holder.lockers.lock(name);
  const waiting = waiter.lockers.lock(name);
  await untilListening(waiter);
  await lock.release();
  const next = await waiting;
  await clock.advance(29_000);
  const again = waiter.lockers.lock(`${name}-b`);
  await (await again).release();
  await clock.advance(29_999);
  expect(closings()).toHaveLength(0);
  await clock.advance(1);
  while (closings().length === 0) await setImmediate();
  expect(waiter.commands.filter(isOpening)).toHaveLength(1);
  await next.release();
});

test('who waits asks when the lease ends that the first waits for, by the time of the server', async () => {
  const [holder, waiter] = [await start(), await start()];
  const locks = holder.client.db('locker_room').collection<{ _id: string }>('locks');
  await holder.lockers.lock(name, { lease: 60_000 });
  const waiting = waiter.lockers.lock(name);
  await untilListening(waiter);
  const inTime = { expiresAt: { $add: ['$$NOW', 700] } };
  const ending = { $map: { input: '$holders', as: 'h', in: { $mergeObjects: ['$$h', inTime] } } };
  await locks.updateOne({ _id: name }, [{ $set: { holders: ending } }]);
  waiter.commands.length = 0;
  await clock.advance(2_500); // his sign of life, by which he learns of it
  await untilQuiet();
  await locks.updateOne({ _id: name }, { $set: { 'holders.0.expiresAt': new Date(0) } });
  await clock.advance(701);
  await expect(waiting).resolves.toMatchObject({ token: 2n });
});

test('a refusal says when time alone changes who comes next', async () => {
  const { client } = await start();
  const store = new LockStore(client, 'locker_room', 'locks');
  const asker = (id: string) => ({ id, owner: id, lease: 60_000, permits: 1 });
  await store.ask(name, asker('a'), 'stay');
  const first = await store.ask(name, asker('b'), 'stay');
  const second = await store.ask(name, asker('c'), 'stay');
  const locks = client.db('locker_room').collection<{
    _id: string;
    holders: { expiresAt: Date }[];
    waiting: { until: Date }[];
  }>('locks');
  const lock = await locks.findOne({ _id: name });
  const end = lock?.holders[0]?.expiresAt.getTime() ?? 0;
  const [b = 0, c = 0] = lock?.waiting.map(({ until }) => until.getTime()) ?? [];
  expect([first, second]).toMatchObject([
    { granted: false, before: 0, soonest: end - (b - 5_000) },
    { granted: false, before: 1, soonest: b - (c - 5_000) },
  ]);
});

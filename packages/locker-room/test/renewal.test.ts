import { setImmediate } from 'node:timers/promises';
import { safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, type CommandStartedEvent, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Lock } from '../src/lock.ts';
import { LockerRoom } from '../src/locker-room.ts';
import { type PretendClock, pretendClock } from './pretend-clock.ts';

interface LockDocument {
  _id: string;
  holders: { id: string; expiresAt: Date }[];
}

let rs: ReplicaSet;
let client: MongoClient;
let documents: Collection<LockDocument>;
let renewals: CommandStartedEvent[];
let answered: number;
let reads: number;
let clock: PretendClock;
let lockers: LockerRoom;
let name: string;
let tests = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 3 });
  client = new MongoClient(rs.uri, { ...safeClientOptions, monitorCommands: true });
  documents = client.db('locker_room').collection('locks');
  client.on('commandStarted', (event) => {
    if (event.commandName === 'update') renewals.push(event);
    if (event.commandName === 'find') reads += 1;
  });
  const count = ({ commandName }: { readonly commandName: string }) => {
    if (commandName === 'update') answered += 1;
  };
  client.on('commandSucceeded', count).on('commandFailed', count);
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

beforeEach(() => {
  clock = pretendClock();
  lockers = new LockerRoom({ client }, clock);
  name = `lock-${++tests}`;
  forget();
});

afterEach(() => lockers.close());

function forget(): void {
  renewals = [];
  answered = 0;
  reads = 0;
}

/** As many locks, whose leases have ended for the server, though nobody has asked since. */
async function holdMany(count: number, lease = 30_000): Promise<Lock[]> {
  const names = Array.from({ length: count }, (_, index) => `${name}-${index}`);
  const locks = await Promise.all(names.map((each) => lockers.lock(each, { lease })));
  await documents.updateMany(
    { _id: { $in: names } },
    { $set: { 'holders.$[].expiresAt': new Date(0) } },
  );
  forget();
  return locks;
}

/** Lets a third of a lease pass; resolves when all that are held are renewed or lost. */
async function beat(locks: readonly Lock[]): Promise<void> {
  await clock.advance(10_000);
  const isSettled = async ({ name: each, signal }: Lock) =>
    signal.aborted || (await lockers.status(each)).locked;
  for (const lock of locks) while (!(await isSettled(lock))) await setImmediate();
}

const statements = () => renewals.map(({ command }) => command.updates.length);

test('many locks are renewed by one request', async () => {
  const locks = await holdMany(30);
  await beat(locks);
  expect(statements()).toEqual([30]);
  expect(reads).toBe(0);
  expect(locks.map(({ isHeld }) => isHeld)).not.toContain(false);
});

test('of many locks those are lost that were taken, and no others', async () => {
  const locks = await holdMany(10);
  await lockers.break(`${name}-3`);
  const other = await lockers.lock(`${name}-7`); // as its lease had ended
  await beat(locks);
  const lost = locks.filter(({ signal }) => signal.aborted).map((lock) => lock.name);
  expect(lost).toEqual([`${name}-3`, `${name}-7`]);
  expect(locks[3]?.signal.reason).toMatchObject({ code: 'superseded' });
  expect(other.isHeld).toBe(true);
});

test('of several permits of one semaphore one can be lost', async () => {
  const places = lockers.semaphore(name, 3);
  const permits = [await places.acquire(), await places.acquire(), await places.acquire()];
  await documents.updateOne({ _id: name }, [
    { $set: { holders: { $slice: ['$holders', 2] } } }, // the third is gone
  ]);
  await clock.advance(10_000);
  while (permits[2]?.signal.aborted === false) await setImmediate();
  expect(permits.map(({ isHeld }) => isHeld)).toEqual([true, true, false]);
});

test.each([
  { what: 'its replies are lost', trouble: () => rs.loseReplies(3) },
  { what: 'the primary steps down', trouble: () => rs.stepDown(0.1) },
])('a renewal is carried out although $what', async ({ trouble }) => {
  const locks = await holdMany(5);
  await trouble();
  await beat(locks);
  expect(locks.map(({ isHeld }) => isHeld)).not.toContain(false);
});

test('a lock that a transaction holds fast does not cost the others their leases', async () => {
  const locks = await holdMany(4, 4_000);
  const session = client.startSession();
  session.startTransaction();
  await documents.updateOne({ _id: `${name}-1` }, { $inc: { writes: 1 } }, { session });
  forget();
  await clock.advance(1_334);
  for (let requests = 1; requests < 3; requests++) {
    while (answered < requests) await setImmediate();
    // Until the next try: slowly, for the answer is still on its way to the leases.
    while (renewals.length === requests) {
      await setImmediate();
      await clock.advance(1);
    }
  }
  while (answered < 5) await setImmediate();
  expect(statements()).toEqual([4, 4, 1, 1, 1, 1]);
  for (const place of [0, 2, 3]) {
    expect((await lockers.status(`${name}-${place}`)).locked).toBe(true);
  }
  await session.abortTransaction();
  await session.endSession();
  while (answered < 6) await setImmediate();
  expect(locks.map(({ isHeld }) => isHeld)).not.toContain(false);
}, 60_000);

import { EventEmitter } from 'node:events';
import type { ChangeStream, Document } from 'mongodb';
import { beforeEach, expect, test } from 'vitest';
import type { Granted, Refused } from '../src/answer.ts';
import { Bell } from '../src/bell.ts';
import type { CallEvent } from '../src/call.ts';
import type { InLine } from '../src/grant.ts';
import type { LockStore } from '../src/lock-store.ts';
import { Waiter } from '../src/waiter.ts';
import { type OpenWait, Waits } from '../src/waits.ts';
import { type PretendClock, pretendClock } from './pretend-clock.ts';

const asker = { id: 'me', owner: 'ann', lease: 30_000, permits: 1 };
const line = { owner: 'bob', timestamp: new Date(0), holders: 1, waiting: 0, before: 0 };
const refused: Refused = { granted: false, ...line, token: 5n, soonest: 20_000 };
const granted: Granted = { granted: true, token: 9n, expiresAt: new Date(30_000), waiting: 0 };

let clock: PretendClock;
let goOn: OpenWait;
let stream: EventEmitter;
let bell: Bell;
let questions: { at: number; how: InLine }[];
let answers: (Granted | Refused)[];
let withdrawals: number;

beforeEach(() => {
  clock = pretendClock();
  goOn = new Waits(clock).begin(Infinity);
  stream = new EventEmitter();
  const never = new Promise<never>(() => {});
  Object.assign(stream, {
    [Symbol.asyncIterator]: () => ({ next: () => never }),
    close: async () => {},
  });
  bell = new Bell(() => stream as unknown as ChangeStream<Document, CallEvent>, clock);
  questions = [];
  answers = [];
  withdrawals = 0;
});

function waiterWith(lease = 30_000): Waiter {
  const ask = async (_name: string, _asker: unknown, how: InLine) => {
    questions.push({ at: clock.now(), how });
    return answers.shift() ?? refused;
  };
  const store = {
    ask,
    askFirst: ask,
    async withdraw() {
      withdrawals += 1;
    },
  };
  const workings = { store: store as unknown as LockStore, bell, clock };
  return new Waiter(workings, 'name', { ...asker, lease }, false);
}

const call = (token: bigint) => [{ id: 'me', token, timestamp: new Date(1_000) }];

/** As if the first batch of the stream had come. */
async function listen(): Promise<void> {
  await clock.advance(0);
  stream.emit('resumeTokenChanged');
  await clock.advance(0);
}

test('who is granted the lock at once listens to nothing', async () => {
  answers = [granted];
  using waiter = waiterWith();
  const { token, length, sentAt, expiresAt } = await waiter.turn(goOn);
  expect({ token, length, sentAt, expiresAt }).toEqual({
    ...{ token: 9n, length: 30_000, sentAt: 0, expiresAt: new Date(30_000) },
  });
  expect(stream.listenerCount('resumeTokenChanged')).toBe(0);
});

test('who polls shows that he is alive every 2.5 s or so, and asks as often as his place allows', async () => {
  using waiter = waiterWith();
  answers = [refused, { ...refused, before: 3 }];
  void waiter.turn(goOn).catch(() => {});
  await clock.advance(3_000);
  expect(questions.slice(0, 4).map(({ at }) => at)).toEqual([0, 18.75, 93.75, 112.5]);
  expect(questions.filter(({ how }) => how === 'stay').map(({ at }) => at)).toEqual([0, 2_512.5]);
});

test('who listens asks once more when the stream is open, and then to show that he is alive', async () => {
  using waiter = waiterWith();
  void waiter.turn(goOn).catch(() => {});
  await listen();
  await clock.advance(5_000);
  expect(questions).toEqual([
    { at: 0, how: 'stay' },
    { at: 0, how: 'stay' },
    { at: 2_500, how: 'stay' },
    { at: 5_000, how: 'stay' },
  ]);
});

test('who listens asks as soon as time alone may have changed something', async () => {
  using waiter = waiterWith();
  answers = [refused, { ...refused, soonest: 300 }];
  void waiter.turn(goOn).catch(() => {});
  await listen();
  await clock.advance(301);
  expect(questions.at(-1)).toEqual({ at: 301, how: 'stay' });
});

test('a call is a grant, counted from the question before it and for 5 s at most', async () => {
  using waiter = waiterWith();
  const turn = waiter.turn(goOn);
  await listen();
  await clock.advance(2_400);
  bell.ring(call(6n));
  expect(await turn).toEqual({
    ...{ token: 6n, length: 5_000, sentAt: 0, expiresAt: new Date(6_000), isWanted: true },
  });
  expect(questions).toHaveLength(2);
});

test('a call for a shorter lease is for that', async () => {
  using waiter = waiterWith(400);
  const turn = waiter.turn(goOn);
  await listen();
  await clock.advance(200);
  bell.ring(call(6n));
  expect(await turn).toMatchObject({ length: 400, expiresAt: new Date(1_400) });
});

test.each([
  { what: 'that is older than the last answer', token: 5n, lease: 30_000, passed: 0 },
  { what: 'that comes when half of its lease is over', token: 6n, lease: 400, passed: 201 },
])('a call $what has to be asked for', async ({ token, lease, passed }) => {
  using waiter = waiterWith(lease);
  answers = [refused, refused, granted];
  const turn = waiter.turn(goOn);
  await listen();
  await clock.advance(passed);
  bell.ring(call(token));
  expect(await turn).toMatchObject({ token: 9n, sentAt: passed });
  expect(questions).toHaveLength(3);
});

test('a call that comes while he asks is taken when he is refused', async () => {
  using waiter = waiterWith();
  const turn = waiter.turn(goOn);
  bell.ring(call(6n));
  expect(await turn).toMatchObject({ token: 6n });
  expect(questions).toHaveLength(1);
});

test('a call is kept when something else wakes him at the same time', async () => {
  using waiter = waiterWith();
  const turn = waiter.turn(goOn);
  await clock.advance(0);
  bell.ring(call(6n));
  stream.emit('resumeTokenChanged');
  expect(await turn).toMatchObject({ token: 6n });
  expect(questions).toHaveLength(1);
});

test('a call for somebody else wakes nobody', async () => {
  using waiter = waiterWith();
  void waiter.turn(goOn).catch(() => {});
  await listen();
  bell.ring([{ id: 'another', token: 6n, timestamp: new Date() }]);
  await clock.advance(1_000);
  expect(questions).toHaveLength(2);
});

test('a grant that comes too late is given back, and asked for again', async () => {
  using waiter = waiterWith(100);
  answers = [granted, { ...granted, token: 10n }];
  const turn = waiter.turn(goOn);
  await clock.jump(90);
  expect(await turn).toMatchObject({ token: 10n, sentAt: 90 });
  expect(withdrawals).toBe(1);
});

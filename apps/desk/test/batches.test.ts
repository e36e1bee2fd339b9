import { expect, test } from 'vitest';
import { type Alarm, batches } from '../src/ingest/batches.ts';

/** Alarms that ring when the test says so. */
function bells() {
  const ringing: (() => void)[] = [];
  const after = (): Alarm => {
    const { promise, resolve } = Promise.withResolvers<'due'>();
    ringing.push(() => resolve('due'));
    return { rings: promise, cancel: () => undefined };
  };
  return { after, ring: () => ringing.shift()?.() };
}

const silent = bells().after;

async function* counting(upTo: number) {
  for (let number = 1; number <= upTo; number += 1) yield number;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

test('fills batches and gives the rest at the end', async () => {
  const limits = { size: 3, delay: 1 };
  expect(await collect(batches(counting(7), limits, silent))).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  expect(await collect(batches(counting(0), limits, silent))).toEqual([]);
});

test('does not hold an item back for longer than the delay', async () => {
  const { after, ring } = bells();
  const { promise: never, resolve } = Promise.withResolvers<void>();
  async function* slow() {
    yield 'first';
    await never;
    yield 'second';
  }
  const gathered = batches(slow(), { size: 10, delay: 1 }, after);
  const batch = gathered.next();
  await Promise.resolve();
  setImmediate(ring);
  expect((await batch).value).toEqual(['first']);
  resolve();
  expect((await gathered.next()).value).toEqual(['second']);
});

test('gives what it has before it fails', async () => {
  async function* failing() {
    yield 1;
    throw new Error('the line is down');
  }
  const gathered = batches(failing(), { size: 10, delay: 1 }, silent);
  expect((await gathered.next()).value).toEqual([1]);
  await expect(gathered.next()).rejects.toThrow('the line is down');
});

test('closes the source when it is left early', async () => {
  let closed = false;
  async function* endless() {
    try {
      for (;;) yield 1;
    } finally {
      closed = true;
    }
  }
  for await (const batch of batches(endless(), { size: 2, delay: 1 }, silent)) {
    expect(batch).toEqual([1, 1]);
    break;
  }
  expect(closed).toBe(true);
});

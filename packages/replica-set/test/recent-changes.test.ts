import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LoggedChange } from '../src/log-history.ts';
import { RecentChanges } from '../src/recent-changes.ts';

function changeAt(position: number, bytes = 10): LoggedChange {
  return {
    ...{ position, term: 1, seconds: 1, increment: position },
    ...{ kind: 'insert', namespace: 'db.things', transaction: undefined },
    payload: new Uint8Array(bytes),
    undo: new Uint8Array(0),
  };
}

/** A log with two changes in every fifth entry, none in every third; and how often each was read. */
function logOf(length: number, bytes?: (position: number) => number) {
  const changes = Array.from({ length }, (_, index) => index + 1).flatMap((position) => {
    if (position % 3 === 0) return [];
    const change = changeAt(position, bytes?.(position));
    return position % 5 === 0 ? [change, { ...change }] : [change];
  });
  const within = (after: number, through: number) =>
    changes.filter(({ position }) => position > after && position <= through);
  const reads = new Map<LoggedChange, number>();
  const recent = new RecentChanges((after, through) => {
    const read = within(after, through);
    for (const each of read) reads.set(each, (reads.get(each) ?? 0) + 1);
    return read;
  });
  return { within, reads, recent };
}

test('streams that follow the log get the same objects, read once', () => {
  const { reads, recent, within } = logOf(500);
  for (let end = 2; end <= 500; end += 2) {
    const first = recent.between(end - 2, end);
    expect(first).toEqual(within(end - 2, end));
    for (const behind of [2, 7, 40]) {
      const later = recent.between(Math.max(0, end - behind), end) ?? [];
      expect(later.slice(-1)[0]).toBe(first?.at(-1) ?? later.at(-1));
    }
  }
  expect(new Set(reads.values())).toEqual(new Set([1]));
});

test.each([
  { what: 'who is far behind', after: 10, through: 120 },
  { what: 'who asks for what was before the first question', after: 90, through: 95 },
])('$what reads the log by itself', ({ after, through }) => {
  const { recent } = logOf(300);
  recent.between(100, 110);
  expect(recent.between(after, through)).toBeUndefined();
});

test('whatever is asked for, and however large, all of it comes or nothing', () => {
  const questions = fc.array(fc.tuple(fc.nat(290), fc.nat(110)), { minLength: 20, maxLength: 60 });
  const sizes = fc.array(fc.constantFrom(10, 10, 10, 10, 1_000, 100_000), {
    minLength: 301,
    maxLength: 301,
  });
  fc.assert(
    fc.property(questions, sizes, (asked, bytes) => {
      const { within, recent } = logOf(300, (position) => bytes[position] ?? 0);
      for (const [after, length] of asked) {
        const through = Math.min(300, after + length);
        const found = recent.between(after, through);
        const all = within(after, through);
        expect(found?.every((change, place) => change === all[place]) ?? true).toBe(true);
        expect(found?.length ?? all.length).toBe(all.length);
      }
    }),
    { numRuns: 20 },
  );
});

test('what is too large is let go of, and what comes behind it is kept again', () => {
  const { within, reads, recent } = logOf(40, (position) => (position === 10 ? 9_000_000 : 10));
  expect(recent.between(0, 20)).toEqual(within(0, 20));
  expect(recent.between(0, 20)).toBeUndefined();
  expect(recent.between(20, 30)).toEqual(within(20, 30));
  expect(recent.between(20, 30)).toEqual(within(20, 30));
  expect(within(20, 30).map((each) => reads.get(each))).toEqual(within(20, 30).map(() => 1));
});

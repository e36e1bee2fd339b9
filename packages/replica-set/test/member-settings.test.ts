import { expect, test } from 'vitest';
import {
  type MemberOptions,
  meetsTags,
  memberList,
  settingsOf,
  type TagCounts,
} from '../src/member-settings.ts';
import { seededRandom } from '../src/seeded-random.ts';

test.each<{ members: number | MemberOptions[]; says: string }>([
  { members: 2, says: '1, 3, 5 or 7 members, not 2' },
  { members: [], says: '1 to 7 members, not 0' },
  { members: [{ priority: -1 }], says: 'from 0 to 1000, not -1' },
  { members: [{ priority: Number.NaN }], says: 'from 0 to 1000, not NaN' },
  { members: [{}, { hidden: true, priority: 1 }], says: 'member 1 is hidden' },
  { members: [{}, { votes: 0, priority: 2 }], says: 'its priority has to be 0' },
  { members: [{ votes: 2 as 1 }], says: 'votes are 0 or 1' },
  { members: [{ priority: 0 }], says: 'no member may become primary' },
])('$members makes no set', ({ members, says }) => {
  expect(() => memberList(members)).toThrow(RangeError);
  expect(() => memberList(members)).toThrow(says);
});

test('a member without a vote, or hidden, has priority 0', () => {
  expect(settingsOf({})).toEqual({ priority: 1, votes: 1, hidden: false, tags: {} });
  expect(settingsOf({ votes: 0 }).priority).toBe(0);
  expect(settingsOf({ hidden: true }).priority).toBe(0);
  expect(memberList([{}, { votes: 0 }])).toHaveLength(2);
});

test.each<{ counts: TagCounts; dcs: string[]; met: boolean }>([
  { counts: { dc: 1 }, dcs: ['a', 'a'], met: true },
  { counts: { dc: 2 }, dcs: ['a', 'a'], met: false },
  { counts: { dc: 2 }, dcs: ['a', 'b'], met: true },
  { counts: { dc: 2, rack: 1 }, dcs: ['a', 'b'], met: false },
  { counts: { constructor: 1 }, dcs: ['a'], met: false },
  { counts: {}, dcs: [], met: true },
])('$dcs meet $counts: $met', ({ counts, dcs, met }) => {
  expect(
    meetsTags(
      counts,
      dcs.map((dc) => ({ tags: { dc } })),
    ),
  ).toBe(met);
});

test('a seed and a name decide the numbers, which are spread from 0 to 1', () => {
  const take = (seed: number, name: string) => {
    const random = seededRandom(seed, name);
    return Array.from({ length: 1000 }, () => random());
  };
  const numbers = take(7, 'member 0');
  expect(take(7, 'member 0')).toEqual(numbers);
  expect(take(7, 'member 1')).not.toEqual(numbers);
  expect(take(8, 'member 0')).not.toEqual(numbers);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
});

import { expect, test } from 'vitest';
import { type Freshness, type FreshOptions, planRead } from '../src/freshness.ts';

const east = [{ region: 'east' }];
const minutes = (count: number) => ({ maxStalenessSeconds: count * 60 });

test.each<{
  freshness: Freshness;
  options?: FreshOptions;
  mode: string;
  level: string | undefined;
}>([
  { freshness: 'latest', mode: 'primary', level: 'linearizable' },
  {
    freshness: 'latest',
    options: { readPreference: 'primary', tags: [] },
    mode: 'primary',
    level: 'linearizable',
  },
  { freshness: 'own-writes', mode: 'primaryPreferred', level: 'majority' },
  {
    freshness: 'own-writes',
    options: { readPreference: 'nearest', tags: east },
    mode: 'nearest',
    level: 'majority',
  },
  { freshness: 'any', mode: 'nearest', level: 'local' },
  { freshness: 'any', options: { readPreference: 'primary' }, mode: 'primary', level: 'local' },
  { freshness: minutes(2), mode: 'secondaryPreferred', level: undefined },
  {
    freshness: { maxStalenessSeconds: 90 },
    options: { tags: east },
    mode: 'secondaryPreferred',
    level: undefined,
  },
])(
  '$freshness with $options reads by $mode and $level',
  ({ freshness, options = {}, mode, level }) => {
    const { readPreference, readConcern } = planRead(freshness, options, 10_000);
    expect(readPreference.mode).toBe(mode);
    expect(readConcern?.level).toBe(level);
    expect(readPreference.tags ?? []).toEqual(options.tags ?? []);
    const { maxStalenessSeconds } = typeof freshness === 'string' ? {} : freshness;
    expect(readPreference.maxStalenessSeconds).toBe(maxStalenessSeconds);
  },
);

test.each([
  { freshness: 'newest', says: "freshness is 'latest', 'own-writes', 'any' or" },
  { freshness: 'toString', says: "freshness is 'latest'" },
  { freshness: undefined, says: "freshness is 'latest'" },
  { freshness: null, says: "freshness is 'latest'" },
  { freshness: {}, says: "freshness is 'latest'" },
  { freshness: 'any', options: { readPreference: 'Nearest' }, says: 'readPreference is one of' },
  { freshness: 'latest', options: { readPreference: 'nearest' }, says: 'only the primary knows' },
  { freshness: 'latest', options: { tags: east }, says: 'tags cannot go with' },
  {
    freshness: 'any',
    options: { readPreference: 'primary', tags: east },
    says: 'tags cannot go with',
  },
  {
    freshness: minutes(2),
    options: { readPreference: 'primary' },
    says: 'maxStalenessSeconds cannot go with',
  },
  { freshness: 'any', options: { tags: { region: 'east' } }, says: 'tags is a list' },
  { freshness: 'any', options: { tags: [{ region: 7 }] }, says: 'tags is a list' },
  { freshness: 'any', options: { tags: ['east'] }, says: 'tags is a list' },
])('refuses $freshness with $options', ({ freshness, options = {}, says }) => {
  const asking = () => planRead(freshness as Freshness, options as FreshOptions, 10_000);
  expect(asking).toThrow(TypeError);
  expect(asking).toThrow(says);
});

test.each([
  { seconds: 89, heartbeat: 10_000 },
  { seconds: 0, heartbeat: 10_000 },
  { seconds: -1, heartbeat: 10_000 },
  { seconds: 90.5, heartbeat: 10_000 },
  { seconds: Number.NaN, heartbeat: 10_000 },
  { seconds: Number.POSITIVE_INFINITY, heartbeat: 10_000 },
  { seconds: '120', heartbeat: 10_000 },
  { seconds: 90, heartbeat: 80_001 },
])('refuses $seconds seconds at a heartbeat of $heartbeat ms', ({ seconds, heartbeat }) => {
  const freshness = { maxStalenessSeconds: seconds as number };
  expect(() => planRead(freshness, {}, heartbeat)).toThrow(RangeError);
});

test('takes 90 seconds at a heartbeat of 80 s', () => {
  const { readPreference } = planRead({ maxStalenessSeconds: 90 }, {}, 80_000);
  expect(readPreference.maxStalenessSeconds).toBe(90);
});

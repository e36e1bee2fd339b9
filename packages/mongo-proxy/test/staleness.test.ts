import { expect, test } from 'vitest';
import { estimateStaleness, type KnownMembers } from '../src/staleness.ts';

type Known = Parameters<KnownMembers['servers']['get']>[0];
const member = (
  type: 'RSPrimary' | 'RSSecondary' | 'Mongos' | 'Standalone' | 'Unknown',
  lastUpdateTime: number,
  lastWrite: number,
) => ({
  type,
  lastUpdateTime,
  lastWriteDate: new Date(lastWrite) as unknown as number,
});
const withPrimary = 'ReplicaSetWithPrimary';
const noPrimary = 'ReplicaSetNoPrimary';

// The formulas of server-selection.md, worked by hand: S = secondary, P = primary, H = heartbeat.
test.each([
  {
    what: 'a primary is never stale',
    type: withPrimary,
    servers: { a: member('RSPrimary', 5_000, 1_000) },
    of: 'a',
    milliseconds: 0,
  },
  {
    what: 'a secondary with all that the primary has: H',
    type: withPrimary,
    servers: { a: member('RSSecondary', 7_000, 3_000), p: member('RSPrimary', 7_000, 3_000) },
    of: 'a',
    milliseconds: 10_000,
  },
  {
    what: 'the clocks of updates cancel: (7000 − 3000) − (9000 − 5000) + H',
    type: withPrimary,
    servers: { a: member('RSSecondary', 7_000, 3_000), p: member('RSPrimary', 9_000, 5_000) },
    of: 'a',
    milliseconds: 10_000,
  },
  {
    what: 'behind: (9000 − 3000) − (9000 − 8000) + H',
    type: withPrimary,
    servers: { a: member('RSSecondary', 9_000, 3_000), p: member('RSPrimary', 9_000, 8_000) },
    of: 'a',
    milliseconds: 15_000,
  },
  {
    what: 'never below zero, though it was heard of long after the primary',
    type: withPrimary,
    servers: { a: member('RSSecondary', 1_000, 9_000), p: member('RSPrimary', 9_000, 1_000) },
    of: 'a',
    milliseconds: 0,
  },
  {
    what: 'without a primary the newest secondary is the measure: 8000 − 3000 + H',
    type: noPrimary,
    servers: {
      a: member('RSSecondary', 9_000, 3_000),
      b: member('RSSecondary', 1_000, 8_000),
      c: member('Unknown', 9_000, 90_000),
    },
    of: 'a',
    milliseconds: 15_000,
  },
  {
    what: 'without a primary the newest itself: H',
    type: noPrimary,
    servers: { a: member('RSSecondary', 9_000, 3_000), b: member('RSSecondary', 1_000, 8_000) },
    of: 'b',
    milliseconds: 10_000,
  },
  {
    what: 'one member by a direct connection: no saying',
    type: 'Single',
    servers: { a: member('RSSecondary', 9_000, 3_000) },
    of: 'a',
    milliseconds: undefined,
  },
  {
    what: 'a router: no saying',
    type: 'Sharded',
    servers: { a: member('Mongos', 9_000, 0) },
    of: 'a',
    milliseconds: undefined,
  },
  {
    what: 'a member that is not known: no saying',
    type: withPrimary,
    servers: { p: member('RSPrimary', 9_000, 1_000) },
    of: 'a',
    milliseconds: undefined,
  },
] as const)('$what', ({ type, servers, of, milliseconds }) => {
  const known = {
    type,
    heartbeatFrequencyMS: 10_000,
    servers: new Map<Known, ReturnType<typeof member>>(Object.entries(servers)),
  };
  expect(estimateStaleness(known, of)).toBe(milliseconds);
});

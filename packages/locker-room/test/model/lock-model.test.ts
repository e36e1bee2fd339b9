import { expect, test } from 'vitest';
import { type Exploration, explore } from './exploration.ts';
import { LockModel } from './lock-model.ts';
import type { Bounds, Rules } from './lock-terms.ts';

/** Nothing goes wrong. */
const three: Bounds = {
  clients: 3,
  rounds: 1,
  tokens: 2,
  pending: 1,
  failOvers: 0,
  lostReplies: 0,
  deaths: 0,
  renewals: 0,
  writes: 0,
  aborts: 0,
  tryLocks: 0,
  streamLosses: 0,
};
const two: Bounds = { ...three, clients: 2, tokens: 3 };
const faults = { failOvers: 1, lostReplies: 1, deaths: 1, renewals: 1, writes: 1, aborts: 1 };
const callsOnly = { polls: false, beats: false } as const;

function explored(title: string, bounds: Bounds, rules: Partial<Rules> = {}): Exploration {
  const began = performance.now();
  const found = explore(new LockModel(bounds, rules), { grants: true });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const { states, transitions, violation } = found;
  const trace = violation === undefined ? [] : [violation.what, ...violation.trace];
  const figures = `${states} states, ${transitions} transitions, ${seconds} s`;
  console.log([`${title}: ${figures}`, ...trace].join('\n  '));
  return found;
}

const configurations: { title: string; bounds: Bounds; rules?: Partial<Rules>; least: number }[] = [
  {
    title: 'three clients, a fenced write, a fail-over, a tryLock',
    bounds: { ...three, failOvers: 1, writes: 1, tryLocks: 1 },
    least: 1_000_000,
  },
  {
    title: 'three clients, a lost reply',
    bounds: { ...three, lostReplies: 1 },
    least: 800_000,
  },
  { title: 'three clients, a death', bounds: { ...three, deaths: 1 }, least: 500_000 },
  {
    title: 'two clients, two writes that no majority has, each fault once',
    bounds: { ...two, ...faults, pending: 2, tryLocks: 1 },
    least: 1_000_000,
  },
  {
    title: 'three clients that wait to be called, a death',
    bounds: { ...three, deaths: 1 },
    rules: callsOnly,
    least: 500_000,
  },
  {
    title: 'two clients that wait to be called twice, a death, a fail-over, a wait given up',
    bounds: { ...two, rounds: 2, deaths: 1, failOvers: 1, aborts: 1 },
    rules: callsOnly,
    least: 500_000,
  },
  {
    title: 'two clients that wait to be called, a death, a fail-over, a stream lost',
    bounds: { ...two, tokens: 4, deaths: 1, failOvers: 1, streamLosses: 1 },
    rules: callsOnly,
    least: 500_000,
  },
];

test.each(configurations)(
  'keeps its promises: $title',
  ({ title, bounds, rules, least }) => {
    const { states, violation } = explored(title, bounds, rules);
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(least);
  },
  120_000,
);

const mutants: { title: string; bounds?: Bounds; rules: Partial<Rules>; violation: RegExp }[] = [
  {
    title: 'a fenced write that does not look for its token',
    rules: { write: 'touches-unchecked' },
    violation: /a write with token 1 was accepted after a majority had a newer grant/,
  },
  {
    title: 'a fenced write that asks for its token beforehand',
    rules: { write: 'asks-before' },
    violation: /a write with token 1 was accepted after a majority had a newer grant/,
  },
  {
    title: 'a release by anybody',
    bounds: { ...three, tokens: 3 },
    rules: { owner: false },
    violation: /two holders have a lease that has not ended/,
  },
  {
    title: 'grants acknowledged before a majority has them',
    rules: { acknowledgedBy: 'primary' },
    violation: /token 1 was granted when it or a later one was known already/,
  },
  {
    title: 'no line',
    rules: { line: false },
    violation: /client \d was granted the lock before one who came first/,
  },
  {
    title: 'a document deleted by the release',
    rules: { keeps: false },
    violation: /token 1 was granted when it or a later one was known already/,
  },
  {
    title: 'calls only, and nothing is handed on by who gives up',
    rules: { ...callsOnly, handsOn: 'not-when-withdrawn' },
    bounds: { ...two, aborts: 1 },
    violation: /somebody waits, and nothing will wake him/,
  },
  {
    title: 'calls only, and who waits does not ask again when his stream is open',
    rules: { ...callsOnly, asksWhenOpen: false },
    bounds: two,
    violation: /somebody waits, and nothing will wake him/,
  },
  {
    title: 'calls only, and who waits does not ask when the lease of the holder ends',
    rules: { ...callsOnly, asksInTime: false },
    bounds: { ...two, deaths: 1 },
    violation: /somebody waits, and nothing will wake him/,
  },
  {
    title: 'calls only, and a call that is no change because the one before was the same',
    rules: { ...callsOnly, clears: false },
    bounds: { ...two, tokens: 4 },
    violation: /somebody waits, and nothing will wake him/,
  },
  {
    title: 'a call that is taken for a grant although an answer came since',
    rules: { trusts: 'any' },
    bounds: { ...two, tokens: 4 },
    violation: /two holders have a lease that has not ended/,
  },
];

test.each(mutants)('is seen to fail: $title', ({ title, bounds, rules, violation }) => {
  const some = bounds ?? { ...three, failOvers: 1, writes: 1 };
  expect(explored(title, some, rules).violation?.what).toMatch(violation);
});

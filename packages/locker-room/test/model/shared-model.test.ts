import { expect, test } from 'vitest';
import { type Exploration, explore } from './exploration.ts';
import { type SharedBounds, SharedModel, type SharedRules } from './shared-model.ts';

const reads = Infinity;
const nothing = { deaths: 0, losses: 0, aborts: 0, tryLocks: 0, silences: 0, lateAnswers: 0 };
const faults = { ...nothing, losses: 1, aborts: 1 };
const callsOnly = { polls: false } as const;

function explored(title: string, bounds: SharedBounds, rules: Partial<SharedRules>): Exploration {
  const began = performance.now();
  const found = explore(new SharedModel(bounds, rules), { grants: true });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const { states, transitions, violation } = found;
  const trace = violation === undefined ? [] : [violation.what, ...violation.trace];
  const figures = `${states} states, ${transitions} transitions, ${seconds} s`;
  console.log([`${title}: ${figures}`, ...trace].join('\n  '));
  return found;
}

const configurations: { title: string; bounds: SharedBounds; least: number }[] = [
  {
    title: 'two readers and a writer, a lease lost, a wait given up, a death, a silence',
    bounds: { permits: [reads, reads, 1], rounds: 1, ...faults, deaths: 1, silences: 1 },
    least: 500_000,
  },
  {
    title: 'two readers and a writer, a lease lost, a wait given up, a late answer',
    bounds: { permits: [reads, reads, 1], rounds: 1, ...faults, lateAnswers: 1 },
    least: 200_000,
  },
  {
    title: 'three who do not agree on the permits, a lease lost, a wait given up, a death',
    bounds: { permits: [2, 2, 3], rounds: 1, ...faults, deaths: 1 },
    least: 200_000,
  },
  {
    title: 'a reader, a writer and one of a semaphore, who may ask once only, a death',
    bounds: { permits: [reads, 1, 2], rounds: 1, ...nothing, deaths: 1, tryLocks: 1 },
    least: 150_000,
  },
  {
    title: 'two readers, a writer and one of a semaphore',
    bounds: { permits: [reads, reads, 1, 2], rounds: 1, ...nothing },
    least: 1_500_000,
  },
];

test.each(configurations)(
  'keeps its promises: $title',
  ({ title, bounds, least }) => {
    const { states, violation } = explored(title, bounds, callsOnly);
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(least);
  },
  120_000,
);

const two: SharedBounds = { permits: [reads, reads, 1], rounds: 1, ...nothing };

const mutants: { title: string; rules: Partial<SharedRules>; violation: RegExp }[] = [
  {
    title: 'a reader who does not ask what those who hold it allow',
    rules: { limit: 'own' },
    violation: /the lock is held by more than one of them allows/,
  },
  {
    title: 'readers who pass a writer in line',
    rules: { line: false },
    violation: /client \d was granted the lock before one who came first/,
  },
  {
    title: 'a lock that is handed on to one reader only',
    rules: { handsOn: 'one' },
    violation: /somebody waits, and nothing will wake him/,
  },
];

test.each(mutants)('is seen to fail: $title', ({ title, rules, violation }) => {
  const found = explored(title, two, { ...callsOnly, ...rules });
  expect(found.violation?.what).toMatch(violation);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dice } from '../soak/dice.ts';
import { isLinearizable, type RegisterOperation } from '../soak/linearizability.ts';

const never = Number.POSITIVE_INFINITY;

function read(invoked: number, completed: number, value: unknown): RegisterOperation {
  return { step: { kind: 'read', value }, invoked, completed };
}

function write(invoked: number, completed: number, value: unknown): RegisterOperation {
  return { step: { kind: 'write', value }, invoked, completed };
}

function swap(
  invoked: number,
  completed: number,
  from: unknown,
  value: unknown,
): RegisterOperation {
  return { step: { kind: 'swap', from, value }, invoked, completed };
}

test.each<{ what: string; history: RegisterOperation[]; holds: boolean }>([
  { what: 'nothing', history: [], holds: true },
  { what: 'a read of nothing', history: [read(0, 1, null)], holds: true },
  { what: 'a read of what nobody wrote', history: [read(0, 1, 7)], holds: false },
  { what: 'a read behind its write', history: [write(0, 1, 1), read(2, 3, 1)], holds: true },
  { what: 'a read that misses a write', history: [write(0, 1, 1), read(2, 3, null)], holds: false },
  {
    what: 'a read beside a write, before it',
    history: [write(0, 5, 1), read(1, 2, null)],
    holds: true,
  },
  {
    what: 'a read that goes back behind another',
    history: [write(0, 9, 1), read(1, 2, 1), read(3, 4, null)],
    holds: false,
  },
  {
    what: 'two reads that see two writes in different orders',
    history: [write(0, 9, 1), write(0, 9, 2), read(1, 2, 1), read(3, 4, 2), read(5, 6, 1)],
    holds: false,
  },
  {
    what: 'a write of unknown outcome that shows late',
    history: [write(0, never, 1), read(1, 2, null), read(3, 4, 1)],
    holds: true,
  },
  {
    what: 'a write of unknown outcome that shows and is gone again',
    history: [write(0, never, 1), read(1, 2, 1), read(3, 4, null)],
    holds: false,
  },
  {
    what: 'a write that shows before it begins',
    history: [read(0, 1, 1), write(2, 3, 1)],
    holds: false,
  },
  {
    what: 'a swap of what is there',
    history: [write(0, 1, 1), swap(2, 3, 1, 2), read(4, 5, 2)],
    holds: true,
  },
  {
    what: 'a swap of what is no more',
    history: [write(0, 1, 1), write(2, 3, 2), swap(4, 5, 1, 3)],
    holds: false,
  },
  {
    what: 'two swaps of one value',
    history: [write(0, 1, 1), swap(2, 9, 1, 2), swap(2, 9, 1, 3)],
    holds: false,
  },
])('judges $what: $holds', ({ history, holds }) => {
  expect(isLinearizable(history)).toBe(holds);
});

/** What clients note of a register that is atomic: each operation takes effect at one moment of its time. */
function atomicHistory(seed: string, count: number): RegisterOperation[] {
  const dice = new Dice(seed);
  let state: unknown = null;
  return Array.from({ length: count }, (_, at) => {
    const invoked = at * 2 - dice.between(0, 12);
    const completed = dice.chance(0.1) ? never : at * 2 + dice.between(1, 12);
    const kind = dice.pick(['read', 'write', 'swap'] as const);
    if (kind === 'read') return read(invoked, at * 2 + dice.between(1, 12), state);
    const from = state;
    const isDone = completed < never || dice.chance(0.5);
    if (isDone) state = at;
    return kind === 'write' ? write(invoked, completed, at) : swap(invoked, completed, from, at);
  });
}

test('the histories of an atomic register pass', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 8, maxLength: 8 }),
      fc.integer({ min: 0, max: 40 }),
      (seed, count) => {
        expect(isLinearizable(atomicHistory(seed, count))).toBe(true);
      },
    ),
  );
});

test('a read of a value that was overwritten before it began fails', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8, maxLength: 8 }), (seed) => {
      const history = atomicHistory(seed, 24);
      const writes = history.filter(
        ({ step, completed }) => step.kind === 'write' && Number.isFinite(completed),
      );
      const [old] = writes;
      fc.pre(old?.step.kind === 'write' && writes.length > 1);
      const barrier = write(900, 901, 'barrier');
      const stale = read(902, 903, old?.step.kind === 'write' ? old.step.value : undefined);
      expect(isLinearizable([...history, barrier, stale])).toBe(false);
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldBytes } from '../src/held-bytes.ts';

test('those that have waited longest give up first, and no more of them than needed', () => {
  const held = new HeldBytes(100);
  const gone: string[] = [];
  const holders = { a: {}, b: {}, c: {} };
  const hold = (name: keyof typeof holders, bytes: number) =>
    held.hold(holders[name], bytes, () => gone.push(name));
  hold('a', 40);
  hold('b', 40);
  hold('a', 45);
  expect(gone).toEqual([]);
  hold('c', 50);
  expect(gone).toEqual(['b']);
  expect(held.total).toBe(95);
  held.release(holders.a);
  held.release(holders.a);
  expect(held.total).toBe(50);
  hold('a', 101);
  expect(gone).toEqual(['b', 'c', 'a']);
  expect(held.total).toBe(0);
});

test('however much comes, what is held stays within the bound', () => {
  const step = fc.record({ holder: fc.nat(5), bytes: fc.nat(60) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const held = new HeldBytes(100);
      const holders = Array.from({ length: 6 }, () => ({}));
      for (const { holder, bytes } of steps) {
        held.hold(holders[holder] ?? {}, bytes, () => {});
        expect(held.total).toBeLessThanOrEqual(100);
      }
      for (const holder of holders) held.release(holder);
      expect(held.total).toBe(0);
    }),
  );
});

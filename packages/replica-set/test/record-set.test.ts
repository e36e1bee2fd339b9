import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordSet } from '../src/record-set.ts';

test('holds what a Set of the same numbers holds', () => {
  const record = fc.oneof(fc.nat(100), fc.nat(2 ** 31), fc.nat({ max: 2 ** 45 }));
  const step = fc.tuple(fc.boolean(), record);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const records = new RecordSet();
      const oracle = new Set<number>();
      for (const [isAdded, each] of steps) {
        if (isAdded) {
          records.add(each);
          oracle.add(each);
        }
        expect(records.has(each)).toBe(oracle.has(each));
      }
      for (const [, each] of steps) expect(records.has(each)).toBe(oracle.has(each));
    }),
  );
});

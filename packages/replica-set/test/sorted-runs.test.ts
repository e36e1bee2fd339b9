import { expect, test } from 'vitest';
import { seededRandom } from '../src/seeded-random.ts';
import { SortedRuns } from '../src/sorted-runs.ts';

test.each([0, 1, 2, 4095, 4096, 4097, 8192, 30_000])(
  '%d items come in their order, equal ones in that in which they were added',
  (count) => {
    const random = seededRandom(count, 'items');
    const items = Array.from({ length: count }, (_, place) => ({
      key: Math.floor(random() * 500),
      place,
    }));
    const runs = new SortedRuns<(typeof items)[number]>((a, b) => a.key - b.key);
    for (const item of items) runs.add(item);
    expect(runs.size).toBe(count);
    expect([...runs.merged()]).toEqual(items.toSorted((a, b) => a.key - b.key));
  },
);

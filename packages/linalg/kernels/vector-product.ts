import type { Element } from './element.ts';
import type { FunctionBuilder } from './function-builder.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { add, load, loadSplat, mul, shuffle, type Value, zero } from './value.ts';

/** Rows that are summed side by side, so that no sum waits for the one before it. */
const rowsAtOnce = 8;

/**
 * y = A · x for m × k entries in rows, each sum in the order of k: a square of each lanes' rows is
 * turned, so that a vector holds one column of it.
 */
export function defineVectorProduct(module: ModuleBuilder, e: Element): void {
  const parameters = { m: 'i32', k: 'i32', a: 'i32', aRow: 'i32', x: 'i32', y: 'i32' } as const;
  module.define(`${e.name}VectorProduct`, parameters, undefined, (f, { m, k, a, aRow, x, y }) => {
    const sums = Array.from({ length: rowsAtOnce / e.lanes }, () => f.local(e.vector));
    const [column, row, l, i] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];
    const loaded = Array.from({ length: e.lanes }, () => f.local(e.vector));
    const factors = Array.from({ length: e.lanes }, () => f.local(e.vector));

    /** Adds to y[row], entry by entry from l on, what is left of a row. */
    const finish = (to: Value, from: Value) => {
      const sum = f.let(load(e.scalar, to));
      const at = f.local('i32', l);
      f.blocks(at, k, 1, () => {
        const offset = f.let(mul(at, e.size));
        const product = mul(load(e.scalar, add(from, offset)), load(e.scalar, add(x, offset)));
        f.set(sum, add(sum, product));
      });
      f.store(to, sum);
    };

    f.set(i, 0);
    f.blocks(i, m, rowsAtOnce, () => {
      for (const sum of sums) f.set(sum, 0);
      f.set(column, add(a, mul(i, aRow)));
      f.set(l, 0);
      f.blocks(l, k, e.lanes, () => {
        const entries = add(x, mul(l, e.size));
        for (const [c, factor] of factors.entries()) {
          f.set(factor, loadSplat(e.vector, entries, c * e.size));
        }
        f.set(row, column);
        for (const sum of sums) {
          for (const each of loaded) {
            f.set(each, load(e.vector, row));
            f.step(row, aRow);
          }
          for (const [c, turned] of columnsOf(f, loaded).entries()) {
            f.set(sum, e.madd(turned, factors[c] ?? 0, sum));
          }
        }
        f.step(column, 16);
      });
      const to = f.let(add(y, mul(i, e.size)));
      for (const [at, sum] of sums.entries()) f.store(to, sum, at * 16);
      f.set(row, add(a, mul(i, aRow)));
      for (let r = 0; r < rowsAtOnce; r++) {
        finish(add(to, r * e.size), row);
        f.step(row, aRow);
      }
    });
    f.blocks(i, m, 1, () => {
      const to = f.let(add(y, mul(i, e.size)));
      f.store(to, zero(e.scalar));
      f.set(l, 0);
      finish(to, f.let(add(a, mul(i, aRow))));
    });
  });
}

/** The columns of a square whose rows are given. */
function columnsOf(f: FunctionBuilder, rows: readonly Value[]): Value[] {
  const [r0, r1, r2, r3] = rows;
  if (r0 === undefined || r1 === undefined) return [];
  if (r2 === undefined || r3 === undefined)
    return [shuffle(r0, r1, [0, 2]), shuffle(r0, r1, [1, 3])];
  const interleaved = (lanes: readonly number[]) =>
    [f.let(shuffle(r0, r1, lanes)), f.let(shuffle(r2, r3, lanes))] as const;
  const even = interleaved([0, 4, 2, 6]);
  const odd = interleaved([1, 5, 3, 7]);
  return [
    shuffle(even[0], even[1], [0, 1, 4, 5]),
    shuffle(odd[0], odd[1], [0, 1, 4, 5]),
    shuffle(even[0], even[1], [2, 3, 6, 7]),
    shuffle(odd[0], odd[1], [2, 3, 6, 7]),
  ];
}

/**
 * Products of small matrices, straight from where they lie: for a B that the first cache holds,
 * packing would cost more than it saves.
 */
import type { Element } from './element.ts';
import type { Kernel, ModuleBuilder } from './module-builder.ts';
import { add, load, loadSplat, lt, mul, zero } from './value.ts';

/**
 * C = initial + A · B. The rows of B and C are whole vectors, `width` bytes of them; the strides of
 * A are free. Row i of what C starts from lies at initial + i · initialRow; at address 0 it is 0.
 */
export function defineDirectProduct(module: ModuleBuilder, e: Element): Kernel {
  const parameters = {
    m: 'i32',
    width: 'i32',
    k: 'i32',
    a: 'i32',
    aRow: 'i32',
    aColumn: 'i32',
    b: 'i32',
    bRow: 'i32',
    initial: 'i32',
    initialRow: 'i32',
    c: 'i32',
    cRow: 'i32',
  } as const;
  return module.define(`${e.name}DirectProduct`, parameters, undefined, (f, p) => {
    const { m, width, k, a, aRow, aColumn, b, bRow, initial, initialRow, c, cRow } = p;
    const aRows = [undefined, aRow, ...[2, 3, 4].map((row) => f.let(mul(aRow, row)))];
    const sums = Array.from({ length: 10 }, () => f.local(e.vector));
    const [x, y0, y1] = [f.local(e.vector), f.local(e.vector), f.local(e.vector)];
    const [from, to, aAt, bAt] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')];

    /** The tile of so many rows and vectors at row i, byte j. */
    const tile = (rows: number, vectors: number) => {
      const tileSums = sums.slice(0, rows * vectors);
      const columns = [y0, y1].slice(0, vectors);
      f.if(
        initial,
        () => {
          f.set(from, add(add(initial, mul(i, initialRow)), j));
          for (let row = 0; row < rows; row++) {
            for (let v = 0; v < vectors; v++) {
              const sum = tileSums[row * vectors + v];
              if (sum !== undefined) f.set(sum, load(e.vector, from, v * 16));
            }
            f.step(from, initialRow);
          }
        },
        () => {
          for (const sum of tileSums) f.set(sum, zero(e.vector));
        },
      );
      f.set(aAt, add(a, mul(i, aRow)));
      f.set(bAt, add(b, j));
      f.count(0, k, 1, () => {
        for (const [v, y] of columns.entries()) f.set(y, load(e.vector, bAt, v * 16));
        for (let row = 0; row < rows; row++) {
          const offset = aRows[row];
          f.set(x, loadSplat(e.vector, offset === undefined ? aAt : add(aAt, offset)));
          for (const [v, y] of columns.entries()) {
            const sum = tileSums[row * vectors + v];
            if (sum !== undefined) f.set(sum, e.madd(x, y, sum));
          }
        }
        f.step(aAt, aColumn);
        f.step(bAt, bRow);
      });
      f.set(to, add(add(c, mul(i, cRow)), j));
      for (let row = 0; row < rows; row++) {
        for (let v = 0; v < vectors; v++) {
          const sum = tileSums[row * vectors + v];
          if (sum !== undefined) f.store(to, sum, v * 16);
        }
        f.step(to, cRow);
      }
    };

    const i = f.local('i32', 0);
    const j = f.local('i32');
    // Five, as batches often are tens.
    for (const rows of [5, 4, 2, 1]) {
      f.blocks(i, m, rows, () => {
        f.set(j, 0);
        f.blocks(j, width, 32, () => tile(rows, 2));
        f.if(lt(j, width), () => tile(rows, 1));
      });
    }
  });
}

/** The passes over a symmetric matrix and its vectors that take the time of finding them. */
import type { Element } from './element.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { add, load, loadSplat, mul, sub } from './value.ts';

/** Defines Reflect and RotateRows. */
export function defineEigen(module: ModuleBuilder, e: Element): void {
  defineReflect(module, e);
  defineRotateRows(module, e);
}

/**
 * A −= v · wᵀ + w · vᵀ and then p += Aᵀ · next, in one pass over n rows of `width` bytes, each of
 * whose vectors is read and written once.
 */
function defineReflect(module: ModuleBuilder, e: Element): void {
  const parameters = {
    n: 'i32',
    width: 'i32',
    a: 'i32',
    aRow: 'i32',
    v: 'i32',
    w: 'i32',
    next: 'i32',
    p: 'i32',
  } as const;
  module.define(`${e.name}Reflect`, parameters, undefined, (f, parameter) => {
    const { n, width, a, aRow, v, w, next, p } = parameter;
    const i = f.local('i32', 0);
    const factors = Array.from({ length: 4 }, () =>
      [v, w, next].map((vector) => ({ vector, local: f.local(e.vector) })),
    );
    const [sum, x, y, z] = ['sum', 'x', 'y', 'z'].map(() => f.local(e.vector));
    if (sum === undefined || x === undefined || y === undefined || z === undefined) return;
    for (const rows of [4, 1]) {
      f.blocks(i, n, rows, () => {
        const offset = f.let(mul(i, e.size));
        const chosen = factors.slice(0, rows);
        for (const [r, each] of chosen.entries()) {
          for (const { vector, local } of each) {
            f.set(local, loadSplat(e.vector, add(vector, offset), r * e.size));
          }
        }
        const top = f.let(add(a, mul(i, aRow)));
        f.count(0, width, 16, (j) => {
          f.set(sum, load(e.vector, add(p, j)));
          f.set(x, load(e.vector, add(v, j)));
          f.set(y, load(e.vector, add(w, j)));
          const row = f.let(add(top, j));
          for (const [r, [ofV, ofW, ofNext]] of chosen.entries()) {
            if (ofV === undefined || ofW === undefined || ofNext === undefined) continue;
            if (r > 0) f.step(row, aRow);
            f.set(z, e.nmadd(ofV.local, y, load(e.vector, row)));
            f.set(z, e.nmadd(ofW.local, x, z));
            f.store(row, z);
            f.set(sum, e.madd(ofNext.local, z, sum));
          }
          f.store(add(p, j), sum);
        });
      });
    }
  });
}

/**
 * Rotates rows `to` and `to` − 1, then `to` − 1 and `to` − 2, down to `from`: of rows i and i + 1,
 * cosine[i] · row[i] − sine[i] · row[i + 1] and sine[i] · row[i] + cosine[i] · row[i + 1].
 */
function defineRotateRows(module: ModuleBuilder, e: Element): void {
  const parameters = {
    from: 'i32',
    to: 'i32',
    width: 'i32',
    z: 'i32',
    zRow: 'i32',
    cosines: 'i32',
    sines: 'i32',
  } as const;
  module.define(`${e.name}RotateRows`, parameters, undefined, (f, p) => {
    const { from, to, width, z, zRow, cosines, sines } = p;
    const carried = Array.from({ length: 4 }, () => f.local(e.vector));
    const [cosine, sine, x] = [f.local(e.vector), f.local(e.vector), f.local(e.vector)];
    const [j, row, angle, left] = [0, 1, 2, 3].map(() => f.local('i32'));
    if (j === undefined || row === undefined || angle === undefined || left === undefined) return;
    f.set(j, 0);
    for (const vectors of [4, 1]) {
      const chosen = carried.slice(0, vectors);
      f.blocks(j, width, vectors * 16, () => {
        f.set(row, add(add(z, mul(to, zRow)), j));
        f.set(angle, mul(to, e.size));
        for (const [v, each] of chosen.entries()) f.set(each, load(e.vector, row, v * 16));
        f.set(left, sub(to, from));
        f.while(left, () => {
          f.step(angle, -e.size);
          f.set(cosine, loadSplat(e.vector, add(cosines, angle)));
          f.set(sine, loadSplat(e.vector, add(sines, angle)));
          const above = f.let(sub(row, zRow));
          for (const [v, each] of chosen.entries()) {
            f.set(x, load(e.vector, above, v * 16));
            f.store(row, e.madd(sine, x, mul(cosine, each)), v * 16);
            f.set(each, e.nmadd(sine, each, mul(cosine, x)));
          }
          f.set(row, above);
          f.step(left, -1);
        });
        for (const [v, each] of chosen.entries()) f.store(row, each, v * 16);
      });
    }
  });
}

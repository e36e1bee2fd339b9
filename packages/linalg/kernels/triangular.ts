/** What triangular matrices need beyond products; rows are whole vectors, the padding holds 0. */
import type { Element } from './element.ts';
import type { FunctionBuilder, Local } from './function-builder.ts';
import type { ModuleBuilder } from './module-builder.ts';
import {
  add,
  and,
  constant,
  div,
  eq,
  gt,
  load,
  loadSplat,
  mul,
  splat,
  sqrt,
  sub,
  type Value,
} from './value.ts';

/** Defines SolveLower, CholeskyRows and CholeskyRotate. */
export function defineTriangular(module: ModuleBuilder, e: Element): void {
  defineSolveLower(module, e);
  defineCholeskyRows(module, e);
  defineCholeskyRotate(module, e);
}

/**
 * Overwrites B with the X of L · X = B, row by row; strides may be negative, which makes an upper
 * triangle a lower one. `width` is the bytes of a row of B.
 */
function defineSolveLower(module: ModuleBuilder, e: Element): void {
  const parameters = {
    n: 'i32',
    width: 'i32',
    l: 'i32',
    lRow: 'i32',
    lColumn: 'i32',
    b: 'i32',
    bRow: 'i32',
    unit: 'i32',
  } as const;
  module.define(`${e.name}SolveLower`, parameters, undefined, (f, p) => {
    const { n, width, l, lRow, lColumn, b, bRow, unit } = p;
    const sums = Array.from({ length: 4 }, () => f.local(e.vector));
    const [factor, at, from] = [f.local(e.vector), f.local('i32'), f.local('i32')];
    f.count(0, n, 1, (i) => {
      const row = f.let(add(b, mul(i, bRow)));
      const j = f.local('i32', 0);
      for (const vectors of [4, 1]) {
        const chosen = sums.slice(0, vectors);
        f.blocks(j, width, vectors * 16, () => {
          const to = f.let(add(row, j));
          for (const [v, sum] of chosen.entries()) f.set(sum, load(e.vector, to, v * 16));
          f.set(at, add(l, mul(i, lRow)));
          f.set(from, add(b, j));
          f.count(0, i, 1, () => {
            f.set(factor, loadSplat(e.vector, at));
            for (const [v, sum] of chosen.entries()) {
              f.set(sum, e.nmadd(factor, load(e.vector, from, v * 16), sum));
            }
            f.step(at, lColumn);
            f.step(from, bRow);
          });
          f.if(eq(unit, 0), () => {
            f.set(factor, loadSplat(e.vector, at));
            for (const sum of chosen) f.set(sum, div(sum, factor));
          });
          for (const [v, sum] of chosen.entries()) f.store(to, sum, v * 16);
        });
      }
    });
  });
}

/**
 * Makes rows `from` to `to` of the upper triangle U with A = Uᵀ · U from those of A, less what the
 * rows above take away. Gives the row whose pivot is not above 0, or −1.
 */
function defineCholeskyRows(module: ModuleBuilder, e: Element): void {
  const parameters = { u: 'i32', rowBytes: 'i32', from: 'i32', to: 'i32' } as const;
  module.define(`${e.name}CholeskyRows`, parameters, 'i32', (f, { u, rowBytes, from, to }) => {
    f.count(from, to, 1, (k) => {
      const row = f.let(add(u, mul(k, rowBytes)));
      const diagonal = f.let(add(row, mul(k, e.size)));
      const pivot = f.let(load(e.scalar, diagonal));
      f.if(eq(gt(pivot, 0), 0), () => f.return(k));
      f.set(pivot, sqrt(pivot));
      const divisor = f.let(splat(e.vector, pivot));
      eachVector(f, e, k, rowBytes, (at) => {
        const address = f.let(add(row, at));
        f.store(address, div(load(e.vector, address), divisor));
      });
      f.store(diagonal, pivot);
      const below = f.local('i32', row);
      f.count(add(k, 1), to, 1, (i) => {
        f.step(below, rowBytes);
        const factor = f.let(loadSplat(e.vector, add(row, mul(i, e.size))));
        eachVector(f, e, i, rowBytes, (at) => {
          const address = f.let(add(below, at));
          const rest = e.nmadd(factor, load(e.vector, add(row, at)), load(e.vector, address));
          f.store(address, rest);
        });
      });
    });
    f.return(constant('i32', -1));
  });
}

/**
 * Turns the U of A = Uᵀ · U into that of A + sign · x · xᵀ; x is used up. Gives the row at which it
 * would not be positive definite, or −1.
 *
 * Rotations, hyperbolic ones for a downdate, in the mixed form that Chambers gave: U is renewed
 * first, and x from the new U.
 */
function defineCholeskyRotate(module: ModuleBuilder, e: Element): void {
  const parameters = { u: 'i32', rowBytes: 'i32', n: 'i32', x: 'i32', sign: e.scalar } as const;
  module.define(`${e.name}CholeskyRotate`, parameters, 'i32', (f, { u, rowBytes, n, x, sign }) => {
    const row = f.local('i32', u);
    f.count(0, n, 1, (k) => {
      const offset = f.let(mul(k, e.size));
      const diagonal = f.let(load(e.scalar, add(row, offset)));
      const first = f.let(load(e.scalar, add(x, offset)));
      const square = f.let(add(mul(diagonal, diagonal), mul(sign, mul(first, first))));
      f.if(eq(gt(square, 0), 0), () => f.return(k));
      const length = f.let(sqrt(square));
      const cosine = f.let(splat(e.vector, div(length, diagonal)));
      const inverse = f.let(splat(e.vector, div(diagonal, length)));
      const sine = f.let(splat(e.vector, div(first, diagonal)));
      const signed = f.let(mul(sine, splat(e.vector, sign)));
      eachVector(f, e, k, rowBytes, (at) => {
        const [toRow, toX] = [f.let(add(row, at)), f.let(add(x, at))];
        const old = f.let(load(e.vector, toX));
        const renewed = f.let(mul(e.madd(signed, old, load(e.vector, toRow)), inverse));
        f.store(toRow, renewed);
        f.store(toX, sub(mul(cosine, old), mul(sine, renewed)));
      });
      f.store(add(row, offset), length);
      f.step(row, rowBytes);
    });
    f.return(constant('i32', -1));
  });
}

/** Visits the vectors of a row from the one that holds number `first` on. */
function eachVector(
  f: FunctionBuilder,
  e: Element,
  first: Value,
  rowBytes: Value,
  visit: (at: Local) => void,
): void {
  f.count(and(mul(first, e.size), -16), rowBytes, 16, visit);
}

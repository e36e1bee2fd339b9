/**
 * Products of large matrices: both factors are packed, block by block, into panels that the caches
 * hold, and a tile of C at a time is summed in registers.
 *
 * Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008), as five loops
 * around one inner kernel.
 */
import { blocking } from '../src/kernel-layout.ts';
import type { Element } from './element.ts';
import type { FunctionBuilder, Local } from './function-builder.ts';
import { call, type Kernel, type ModuleBuilder } from './module-builder.ts';
import { definePacking } from './packing.ts';
import {
  add,
  and,
  constant,
  eq,
  ge,
  gt,
  load,
  loadSplat,
  lt,
  mul,
  type Operand,
  or,
  select,
  sub,
  type Value,
} from './value.ts';

/** Rows of B that are packed at a time: the first cache holds them, whatever their distance. */
const linesAtOnce = 16;

/** A tile of C: so many rows, and two vectors wide. Its sums just fit sixteen registers. */
function tileOf(e: Element): { readonly rows: number; readonly columns: number } {
  return { rows: e.fused ? 6 : 4, columns: 2 * e.lanes };
}

/**
 * C = sign · A · B, or C += sign · A · B. Triangle 1 leaves out tiles that lie above the diagonal of
 * C, −1 those below it.
 */
export function defineProduct(module: ModuleBuilder, e: Element): Kernel {
  const tile = tileOf(e);
  const inner = defineTile(module, e);
  const packRows = definePacking(module, e, 'PackRows', tile.rows);
  const packColumns = definePacking(module, e, 'PackColumns', tile.columns);
  const parameters = {
    m: 'i32',
    n: 'i32',
    k: 'i32',
    a: 'i32',
    aRow: 'i32',
    aColumn: 'i32',
    b: 'i32',
    bRow: 'i32',
    bColumn: 'i32',
    c: 'i32',
    cRow: 'i32',
    accumulate: 'i32',
    sign: e.scalar,
    triangle: 'i32',
    scratch: 'i32',
  } as const;

  return module.define(`${e.name}Product`, parameters, undefined, (f, p) => {
    const { m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, sign, scratch } = p;
    const packedB = scratch;
    const packedA = f.let(add(scratch, blocking.steps * blocking.columns * e.size));
    const edge = f.let(add(packedA, blocking.steps * blocking.rows * e.size));

    f.count(0, n, blocking.columns, (left) => {
      const width = f.let(smaller(blocking.columns, sub(n, left)));
      f.count(0, k, blocking.steps, (first) => {
        const steps = f.let(smaller(blocking.steps, sub(k, first)));
        const panel = f.let(mul(steps, e.size));
        const adds = f.let(add(p.accumulate, first));
        f.count(0, steps, linesAtOnce, (l) => {
          const few = f.let(smaller(linesAtOnce, sub(steps, l)));
          const line = f.let(add(b, mul(add(first, l), bRow)));
          f.count(0, width, tile.columns, (j) => {
            const to = add(packedB, add(mul(j, panel), mul(l, tile.columns * e.size)));
            const source = add(line, mul(add(left, j), bColumn));
            const columns = smaller(tile.columns, sub(width, j));
            const one = constant(e.scalar, 1);
            f.run(call(packColumns, to, source, bColumn, bRow, columns, few, one));
          });
        });
        f.count(0, m, blocking.rows, (top) => {
          const height = f.let(smaller(blocking.rows, sub(m, top)));
          f.count(0, height, tile.rows, (i) => {
            const source = add(add(a, mul(add(top, i), aRow)), mul(first, aColumn));
            const rows = smaller(tile.rows, sub(height, i));
            f.run(
              call(packRows, add(packedA, mul(i, panel)), source, aRow, aColumn, rows, steps, sign),
            );
          });
          f.count(0, width, tile.columns, (j) => {
            const columns = f.let(smaller(tile.columns, sub(width, j)));
            f.count(0, height, tile.rows, (i) => {
              const rows = f.let(smaller(tile.rows, sub(height, i)));
              const row = add(top, i);
              const column = add(left, j);
              const above = gt(column, add(row, tile.rows - 1));
              const below = gt(row, add(column, tile.columns - 1));
              const leftOut = and(eq(p.triangle, 1), above);
              const rightOut = and(eq(p.triangle, -1), below);
              f.if(eq(or(leftOut, rightOut), 0), () => {
                const at = f.let(add(add(c, mul(row, cRow)), mul(column, e.size)));
                const panels = [steps, add(packedA, mul(i, panel)), add(packedB, mul(j, panel))];
                f.if(
                  and(ge(rows, tile.rows), ge(columns, tile.columns)),
                  () => f.run(call(inner, ...panels, at, cRow, adds)),
                  () => {
                    const edgeRow = tile.columns * e.size;
                    f.if(adds, () => copyTile(f, e, rows, columns, at, cRow, edge, edgeRow));
                    f.run(call(inner, ...panels, edge, edgeRow, adds));
                    copyTile(f, e, rows, columns, edge, edgeRow, at, cRow);
                  },
                );
              });
            });
          });
        });
      });
    });
  });
}

/** One tile of C from a panel of A and one of B; the old C is added when `adds` is not 0. */
function defineTile(module: ModuleBuilder, e: Element): Kernel {
  const { rows, columns } = tileOf(e);
  const parameters = {
    steps: 'i32',
    a: 'i32',
    b: 'i32',
    c: 'i32',
    cRow: 'i32',
    adds: 'i32',
  } as const;
  return module.define(
    `${e.name}Tile`,
    parameters,
    undefined,
    (f, { steps, a, b, c, cRow, adds }) => {
      const sums = Array.from({ length: rows }, () => [f.local(e.vector), f.local(e.vector)]);
      const row = f.local('i32');
      const eachRow = (visit: (sum: Local, offset: number) => void) => {
        f.set(row, c);
        for (const pair of sums) {
          for (const [v, sum] of pair.entries()) visit(sum, v * 16);
          f.step(row, cRow);
        }
      };
      f.if(adds, () => eachRow((sum, at) => f.set(sum, load(e.vector, row, at))));

      const [b0, b1, x] = [f.local(e.vector), f.local(e.vector), f.local(e.vector)];
      const step = (at: number) => {
        f.set(b0, load(e.vector, b, at * columns * e.size));
        f.set(b1, load(e.vector, b, at * columns * e.size + 16));
        for (const [i, [left, right]] of sums.entries()) {
          if (left === undefined || right === undefined) continue;
          f.set(x, loadSplat(e.vector, a, (at * rows + i) * e.size));
          f.set(left, e.madd(x, b0, left));
          f.set(right, e.madd(x, b1, right));
        }
      };
      const unrolled = 4;
      const advance = (count: number) => {
        for (let at = 0; at < count; at++) step(at);
        f.step(a, count * rows * e.size);
        f.step(b, count * columns * e.size);
      };
      const at = f.local('i32');
      f.blocks(at, steps, unrolled, () => advance(unrolled));
      f.blocks(at, steps, 1, () => advance(1));

      eachRow((sum, at) => f.store(row, sum, at));
    },
  );
}

/** The smaller of two numbers. */
function smaller(limit: number, value: Value): Value {
  const bound = constant('i32', limit);
  return select(lt(value, bound), value, bound);
}

function copyTile(
  f: FunctionBuilder,
  e: Element,
  rows: Value,
  columns: Value,
  from: Value,
  fromRow: Operand,
  to: Value,
  toRow: Operand,
): void {
  f.count(0, rows, 1, (i) => {
    f.count(0, columns, 1, (j) => {
      const column = mul(j, e.size);
      const value = load(e.scalar, add(add(from, mul(i, fromRow)), column));
      f.store(add(add(to, mul(i, toRow)), column), value);
    });
  });
}

/** What a dense layer does to its sums, forward and back, on blocks of whole vectors. */
import { activationNumbers as activations } from '../src/kernel-layout.ts';
import type { Element } from './element.ts';
import { exp, expm1, log, log1p, sigmoid } from './elementary.ts';
import type { FunctionBuilder } from './function-builder.ts';
import type { Kernel, ModuleBuilder } from './module-builder.ts';
import {
  abs,
  add,
  choose,
  convert,
  div,
  eq,
  lane,
  lanesBelow,
  load,
  max,
  mul,
  neg,
  splat,
  sub,
  type Value,
} from './value.ts';

/** h = activation(z) in place on `bytes` of vectors; linear and softmax leave them alone. */
export function defineActivate(module: ModuleBuilder, e: Element): Kernel {
  const parameters = { kind: 'i32', z: 'i32', bytes: 'i32', slope: e.scalar } as const;
  return module.define(
    `${e.name}Activate`,
    parameters,
    undefined,
    (f, { kind, z, bytes, slope }) => {
      const each = (name: keyof typeof activations, result: (x: Value) => Value) =>
        f.if(eq(kind, activations[name]), () => {
          const at = f.local('i32', 0);
          // Two at a time: neither waits for the other's series.
          for (const vectors of [2, 1]) {
            f.blocks(at, bytes, vectors * 16, () => {
              const address = f.let(add(z, at));
              for (let v = 0; v < vectors; v++) {
                f.store(address, result(f.let(load(e.vector, address, v * 16))), v * 16);
              }
            });
          }
        });
      each('sigmoid', (x) => sigmoid(f, e, x));
      each('tanh', (x) => {
        const t = expm1(f, e, mul(abs(x), -2));
        const size = f.let(neg(div(t, add(t, 2))));
        return choose(lanesBelow(x, 0), neg(size), size);
      });
      each('rectifiedLinear', (x) => choose(lanesBelow(x, 0), mul(splat(e.vector, slope), x), x));
      each('softplus', (x) => softplus(f, e, x));
    },
  );
}

/** log(1 + exp(x)). */
function softplus(f: FunctionBuilder, e: Element, x: Value): Value {
  return add(max(x, 0), log1p(f, e, exp(f, e, neg(abs(x)))));
}

/** delta · derivative of the activation, in place on delta, from the layer's output h. */
export function defineActivationGradient(module: ModuleBuilder, e: Element): Kernel {
  const parameters = {
    kind: 'i32',
    h: 'i32',
    delta: 'i32',
    bytes: 'i32',
    slope: e.scalar,
  } as const;
  return module.define(`${e.name}ActivationGradient`, parameters, undefined, (f, p) => {
    const each = (name: keyof typeof activations, result: (d: Value, h: Value) => Value) =>
      f.if(eq(p.kind, activations[name]), () => {
        f.count(0, p.bytes, 16, (at) => {
          const address = f.let(add(p.delta, at));
          const d = f.let(load(e.vector, address));
          const h = f.let(load(e.vector, add(p.h, at)));
          f.store(address, result(d, h));
        });
      });
    each('sigmoid', (d, h) => mul(mul(d, h), sub(1, h)));
    each('tanh', (d, h) => mul(d, sub(1, mul(h, h))));
    each('rectifiedLinear', (d, h) => {
      const left = choose(lanesBelow(h, 0), mul(splat(e.vector, p.slope), d), 0);
      return choose(lanesBelow(0, h), d, left);
    });
    each('softplus', (d, h) => mul(d, neg(expm1(f, e, neg(h)))));
  });
}

/**
 * Turns rows of z into the probabilities of their classes, in place. With targets, at an address
 * other than 0, adds to `cost` the sum over the rows of −Σ target · log probability; gives `cost`.
 *
 * Lanes beyond the classes hold −∞ and get probability 0.
 */
export function defineSoftmax(module: ModuleBuilder, e: Element): Kernel {
  const parameters = {
    z: 'i32',
    rows: 'i32',
    classes: 'i32',
    rowBytes: 'i32',
    targets: 'i32',
    cost: 'f64',
  } as const;
  return module.define(`${e.name}Softmax`, parameters, 'f64', (f, p) => {
    const { z, rows, classes, rowBytes, targets, cost } = p;
    const row = f.local('i32', z);
    const target = f.local('i32', targets);
    const eachVector = (visit: (address: Value, x: Value) => void) =>
      f.count(0, rowBytes, 16, (at) => {
        const address = f.let(add(row, at));
        visit(address, f.let(load(e.vector, address)));
      });
    f.count(0, rows, 1, () => {
      const highest = f.local(e.vector, load(e.vector, row));
      eachVector((_, x) => f.set(highest, max(highest, x)));
      const lanes = Array.from({ length: e.lanes }, (_, i) => lane(highest, i));
      f.set(highest, splat(e.vector, lanes.reduce(max)));
      eachVector((address, x) => f.store(address, sub(x, highest)));

      const mass = f.local('f64', 0);
      const dot = f.local('f64', 0);
      f.if(targets, () => {
        f.count(0, classes, 1, (k) => {
          const offset = f.let(mul(k, e.size));
          const y = f.let(numberAt(e, add(target, offset)));
          f.step(mass, y);
          f.step(dot, mul(y, numberAt(e, add(row, offset))));
        });
      });

      eachVector((address, x) => f.store(address, exp(f, e, x)));
      const sum = f.local(e.scalar, 0);
      f.count(0, classes, 1, (k) => f.step(sum, load(e.scalar, add(row, mul(k, e.size)))));
      const divisor = f.let(splat(e.vector, sum));
      eachVector((address, x) => f.store(address, div(x, divisor)));

      f.if(targets, () => {
        const sums = f.let(convert('f64', sum));
        f.step(cost, sub(mul(mass, log(f, e, sums)), dot));
        f.step(target, rowBytes);
      });
      f.step(row, rowBytes);
    });
    f.return(cost);
  });
}

/** The number at an address, in f64. */
function numberAt(e: Element, address: Value): Value {
  return convert('f64', load(e.scalar, address));
}

/**
 * Adds to `cost`, over rows and units, what an output that is no softmax costs: of a sigmoid, from
 * z, softplus(z) − target · z; of a linear one (z − target)². `work` holds the softplus of one row.
 */
export function defineUnitCost(module: ModuleBuilder, e: Element): Kernel {
  const parameters = {
    kind: 'i32',
    z: 'i32',
    rows: 'i32',
    units: 'i32',
    rowBytes: 'i32',
    targets: 'i32',
    cost: 'f64',
    work: 'i32',
  } as const;
  return module.define(`${e.name}UnitCost`, parameters, 'f64', (f, p) => {
    const { kind, z, rows, units, rowBytes, targets, cost, work } = p;
    const eachUnit = (term: (z: Value, target: Value, work: Value) => Value) =>
      f.count(0, units, 1, (unit) => {
        const offset = f.let(mul(unit, e.size));
        const [x, y, w] = [z, targets, work].map((base) => numberAt(e, add(base, offset)));
        if (x !== undefined && y !== undefined && w !== undefined) {
          f.step(cost, term(f.let(x), f.let(y), w));
        }
      });
    f.count(0, rows, 1, () => {
      f.if(
        eq(kind, activations.sigmoid),
        () => {
          f.count(0, rowBytes, 16, (at) => {
            f.store(add(work, at), softplus(f, e, f.let(load(e.vector, add(z, at)))));
          });
          eachUnit((x, y, w) => sub(w, mul(y, x)));
        },
        () => eachUnit((x, y) => mul(sub(x, y), sub(x, y))),
      );
      f.step(z, rowBytes);
      f.step(targets, rowBytes);
    });
    f.return(cost);
  });
}

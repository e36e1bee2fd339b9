import {
  activationNumbers as activations,
  directBytes,
  layerRecord,
} from '../src/kernel-layout.ts';
import { defineActivationGradient } from './activation.ts';
import type { Element } from './element.ts';
import type { FunctionBuilder } from './function-builder.ts';
import { call, type Kernel, type ModuleBuilder } from './module-builder.ts';
import type { Products } from './net.ts';
import { inputsOf, layerField, layerNumber, netField } from './net-record.ts';
import {
  add,
  constant,
  convert,
  div,
  eq,
  ge,
  le,
  load,
  mul,
  ne,
  splat,
  sub,
  type Value,
} from './value.ts';

/** Leaves the gradients of the mean cost of the rows, which have been run forward. */
export function defineBackward(
  module: ModuleBuilder,
  e: Element,
  { product, direct }: Products,
): Kernel {
  const activationGradient = defineActivationGradient(module, e);
  const transpose = defineTranspose(module, e);
  const one = constant(e.scalar, 1);
  return module.define(
    `${e.name}NetBackward`,
    { net: 'i32', inputs: 'i32', rows: 'i32', targets: 'i32' },
    undefined,
    (f, { net, inputs, rows, targets }) => {
      const first = f.let(netField(net, 'layers'));
      const gradients = f.let(netField(net, 'gradients'));
      const scratch = f.let(netField(net, 'scratch'));
      const layer = f.local('i32', first);
      f.step(layer, mul(sub(netField(net, 'layerCount'), 1), layerRecord.bytes));

      const divisor = f.let(convert(e.scalar, rows));
      const outputKind = f.let(layerField(layer, 'activation'));
      f.if(eq(outputKind, activations.sigmoid), () => {
        f.set(divisor, mul(divisor, convert(e.scalar, layerField(layer, 'units'))));
      });
      f.if(eq(outputKind, activations.linear), () => f.set(divisor, mul(divisor, 0.5)));
      const divisors = f.let(splat(e.vector, divisor));
      const [delta, output] = [layerField(layer, 'delta'), layerField(layer, 'output')].map((x) =>
        f.let(x),
      );
      if (delta === undefined || output === undefined) return;
      f.count(0, mul(rows, layerField(layer, 'row')), 16, (at) => {
        const error = sub(load(e.vector, add(output, at)), load(e.vector, add(targets, at)));
        f.store(add(delta, at), div(error, divisors));
      });

      f.while(ge(layer, first), () => {
        const [k, units] = [f.let(layerField(layer, 'inputs')), f.let(layerField(layer, 'units'))];
        const [row, inputRow] = [
          f.let(layerField(layer, 'row')),
          f.let(layerField(layer, 'inputRow')),
        ];
        const from = inputsOf(f, layer, first, inputs);
        const size = constant('i32', e.size);
        f.set(delta, layerField(layer, 'delta'));

        const weightGradients = f.let(add(layerField(layer, 'weights'), gradients));
        f.if(
          le(mul(rows, row), directBytes),
          () => {
            const a = [from, size, inputRow];
            f.run(call(direct, k, row, rows, ...a, delta, row, 0, 0, weightGradients, row));
          },
          () => {
            const a = [from, size, inputRow];
            const b = [delta, row, size];
            const c = [weightGradients, row];
            f.run(call(product, k, units, rows, ...a, ...b, ...c, 0, one, 0, scratch));
          },
        );
        sumRows(f, e, delta, f.let(add(layerField(layer, 'biases'), gradients)), rows, row);

        f.if(ne(layer, first), () => {
          const below = f.let(sub(layer, layerRecord.bytes));
          const belowDelta = f.let(layerField(below, 'delta'));
          const weights = f.let(layerField(layer, 'weights'));
          f.if(
            le(mul(units, inputRow), directBytes),
            () => {
              const transposed = f.let(layerField(layer, 'transposed'));
              f.run(call(transpose, weights, row, k, units, transposed, inputRow));
              const a = [delta, row, size];
              const b = [transposed, inputRow];
              f.run(call(direct, rows, inputRow, units, ...a, ...b, 0, 0, belowDelta, inputRow));
            },
            () => {
              const a = [delta, row, size];
              const b = [weights, size, row];
              const c = [belowDelta, inputRow];
              f.run(call(product, rows, k, units, ...a, ...b, ...c, 0, one, 0, scratch));
            },
          );
          const slope = layerNumber(e, below, 'leftSlope');
          const [kind, h] = [layerField(below, 'activation'), layerField(below, 'output')];
          f.run(call(activationGradient, kind, h, belowDelta, mul(rows, inputRow), slope));
        });
        f.step(layer, -layerRecord.bytes);
      });
    },
  );
}

/** The sum of the rows, from the first on. */
function sumRows(
  f: FunctionBuilder,
  e: Element,
  from: Value,
  to: Value,
  rows: Value,
  row: Value,
): void {
  f.count(0, row, 16, (j) => {
    const sum = f.local(e.vector, 0);
    const at = f.let(add(from, j));
    f.count(0, rows, 1, () => {
      f.step(sum, load(e.vector, at));
      f.step(at, row);
    });
    f.store(add(to, j), sum);
  });
}

/** The transposed of rows × columns numbers; what pads the rows of the result is left alone. */
function defineTranspose(module: ModuleBuilder, e: Element): Kernel {
  const parameters = {
    from: 'i32',
    fromRow: 'i32',
    rows: 'i32',
    columns: 'i32',
    to: 'i32',
    toRow: 'i32',
  } as const;
  return module.define(`${e.name}Transpose`, parameters, undefined, (f, p) => {
    const { from, fromRow, rows, columns, to, toRow } = p;
    f.count(0, columns, 1, (j) => {
      const source = f.let(add(from, mul(j, e.size)));
      const target = f.let(add(to, mul(j, toRow)));
      f.count(0, rows, 1, () => {
        f.store(target, load(e.scalar, source));
        f.step(source, fromRow);
        f.step(target, e.size);
      });
    });
  });
}

import {
  activationNumbers as activations,
  directBytes,
  layerRecord,
} from '../src/kernel-layout.ts';
import { defineActivate, defineSoftmax, defineUnitCost } from './activation.ts';
import type { Element } from './element.ts';
import type { FunctionBuilder, Local } from './function-builder.ts';
import { call, type Kernel, type ModuleBuilder } from './module-builder.ts';
import type { Products } from './net.ts';
import { inputsOf, layerField, layerNumber, netField } from './net-record.ts';
import { add, constant, eq, le, load, mul, sub, type Value } from './value.ts';

/**
 * Leaves what each layer makes of the rows; with targets, at an address other than 0, adds what they
 * cost to `cost`, which it gives.
 */
export function defineForward(
  module: ModuleBuilder,
  e: Element,
  { product, direct }: Products,
): Kernel {
  const activate = defineActivate(module, e);
  const softmax = defineSoftmax(module, e);
  const unitCost = defineUnitCost(module, e);
  const one = constant(e.scalar, 1);
  return module.define(
    `${e.name}NetForward`,
    { net: 'i32', inputs: 'i32', rows: 'i32', targets: 'i32', cost: 'f64' },
    'f64',
    (f, { net, inputs, rows, targets, cost }) => {
      const first = f.let(netField(net, 'layers'));
      const layer = f.local('i32', first);
      const last = f.let(add(first, mul(sub(netField(net, 'layerCount'), 1), layerRecord.bytes)));
      f.while(le(layer, last), () => {
        const [k, units] = [f.let(layerField(layer, 'inputs')), f.let(layerField(layer, 'units'))];
        const row = f.let(layerField(layer, 'row'));
        const from = inputsOf(f, layer, first, inputs);
        const [weights, biases] = [layerField(layer, 'weights'), layerField(layer, 'biases')];
        const z = f.let(layerField(layer, 'output'));
        f.if(
          le(mul(k, row), directBytes),
          () => {
            const a = [from, layerField(layer, 'inputRow'), constant('i32', e.size)];
            f.run(call(direct, rows, row, k, ...a, weights, row, biases, 0, z, row));
          },
          () => {
            copyRows(f, e, biases, z, rows, row);
            const a = [from, layerField(layer, 'inputRow'), constant('i32', e.size)];
            const b = [weights, row, constant('i32', e.size)];
            const scratch = netField(net, 'scratch');
            f.run(call(product, rows, units, k, ...a, ...b, z, row, 1, one, 0, scratch));
          },
        );
        const kind = f.let(layerField(layer, 'activation'));
        const shape = [rows, units, row];
        const isLast = f.let(eq(layer, last));
        f.if(
          eq(kind, activations.softmax),
          () => f.set(cost, call(softmax, z, ...shape, targets, cost)),
          () => {
            f.if(isLast, () => {
              f.if(targets, () => {
                const work = netField(net, 'work');
                f.set(cost, call(unitCost, kind, z, ...shape, targets, cost, work));
              });
            });
            f.run(call(activate, kind, z, mul(rows, row), layerNumber(e, layer, 'leftSlope')));
          },
        );
        f.step(layer, layerRecord.bytes);
      });
      f.return(cost);
    },
  );
}

/** Every row of C becomes the one row. */
function copyRows(
  f: FunctionBuilder,
  e: Element,
  from: Value,
  to: Local,
  rows: Value,
  row: Value,
): void {
  const [source, at] = [f.let(from), f.local('i32', to)];
  f.count(0, rows, 1, () => {
    f.count(0, row, 16, (j) => f.store(add(at, j), load(e.vector, add(source, j))));
    f.step(at, row);
  });
}

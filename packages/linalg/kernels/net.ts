/**
 * Nets of dense layers, trained by minibatch gradient descent: a whole epoch a call.
 *
 * A net is a record in memory that names its layers, also records, and its work space; all of it is
 * laid out by `src/wasm-net.ts`. Every row of a matrix is padded to whole vectors.
 */
import type { Element } from './element.ts';
import { call, type Kernel, type ModuleBuilder } from './module-builder.ts';
import { defineBackward } from './net-backward.ts';
import { defineForward } from './net-forward.ts';
import { netField } from './net-record.ts';
import { defineUpdate } from './net-update.ts';
import { add, load, lt, mul, sub } from './value.ts';

/** The products a net is made of: of large factors, and of small ones. */
export interface Products {
  readonly product: Kernel;
  readonly direct: Kernel;
}

/** Defines what runs and trains nets. */
export function defineNet(module: ModuleBuilder, e: Element, products: Products): void {
  const forward = defineForward(module, e, products);
  const backward = defineBackward(module, e, products);
  const update = defineUpdate(module, e);

  const gather = module.define(
    `${e.name}GatherRows`,
    { source: 'i32', order: 'i32', rows: 'i32', row: 'i32', to: 'i32' },
    undefined,
    (f, { source, order, rows, row, to }) => {
      f.count(0, rows, 1, (i) => {
        const from = f.let(add(source, mul(load('i32', add(order, mul(i, 4))), row)));
        f.count(0, row, 16, (at) => f.store(add(to, at), load(e.vector, add(from, at))));
        f.step(to, row);
      });
    },
  );

  module.define(
    `${e.name}NetEpoch`,
    {
      net: 'i32',
      inputs: 'i32',
      targets: 'i32',
      order: 'i32',
      count: 'i32',
      batch: 'i32',
    },
    undefined,
    (f, { net, inputs, targets, order, count, batch }) => {
      const x = f.let(netField(net, 'batchInputs'));
      const y = f.let(netField(net, 'batchTargets'));
      f.count(0, count, batch, (done) => {
        const rows = f.local('i32', sub(count, done));
        f.if(lt(batch, rows), () => f.set(rows, batch));
        const chosen = f.let(add(order, mul(done, 4)));
        f.run(call(gather, inputs, chosen, rows, netField(net, 'inputRow'), x));
        f.run(call(gather, targets, chosen, rows, netField(net, 'targetRow'), y));
        f.drop(call(forward, net, x, rows, 0, 0));
        f.run(call(backward, net, x, rows, y));
        f.run(call(update, net));
      });
    },
  );
}

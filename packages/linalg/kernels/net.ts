/**
 * Nets of dense layers, trained by minibatch gradient descent with momentum: a whole epoch a call.
 *
 * A net is a record in memory that names its layers, also records, and its work space; all of it is
 * laid out by `src/wasm-net.ts`. Every row of a matrix is padded to whole vectors.
 */

import {
  activationNumbers as activations,
  directBytes,
  layerRecord,
  netRecord,
} from '../src/kernel-layout.ts';
import {
  defineActivate,
  defineActivationGradient,
  defineSoftmax,
  defineUnitCost,
} from './activation.ts';
import type { Element } from './element.ts';
import type { FunctionBuilder, Local } from './function-builder.ts';
import { call, type Kernel, type ModuleBuilder } from './module-builder.ts';
import {
  add,
  constant,
  convert,
  div,
  eq,
  ge,
  le,
  load,
  lt,
  mul,
  ne,
  splat,
  sub,
  type Value,
} from './value.ts';

type Field = keyof typeof layerRecord;

/** Defines what trains and runs nets; the public kernels are Forward, Backward, Update and Epoch. */
export function defineNet(
  module: ModuleBuilder,
  e: Element,
  product: Kernel,
  direct: Kernel,
): void {
  const activate = defineActivate(module, e);
  const activationGradient = defineActivationGradient(module, e);
  const softmax = defineSoftmax(module, e);
  const unitCost = defineUnitCost(module, e);
  const transpose = defineTranspose(module, e);
  const one = constant(e.scalar, 1);

  const netField = (net: Value, field: keyof typeof netRecord) =>
    load('i32', net, netRecord[field]);
  const field = (layer: Value, name: Field) => load('i32', layer, layerRecord[name]);
  const number = (layer: Value, name: Field) =>
    convert(e.scalar, load('f64', layer, layerRecord[name]));

  /** The inputs of a layer: the outputs of the one before, or what the net is given. */
  const inputsOf = (f: FunctionBuilder, layer: Value, first: Value, inputs: Value) => {
    const from = f.local('i32', inputs);
    f.if(ne(layer, first), () => f.set(from, field(sub(layer, layerRecord.bytes), 'output')));
    return from;
  };

  const forward = module.define(
    `${e.name}NetForward`,
    { net: 'i32', inputs: 'i32', rows: 'i32', targets: 'i32', cost: 'f64' },
    'f64',
    (f, { net, inputs, rows, targets, cost }) => {
      const first = f.let(netField(net, 'layers'));
      const layer = f.local('i32', first);
      const last = f.let(add(first, mul(sub(netField(net, 'layerCount'), 1), layerRecord.bytes)));
      f.while(le(layer, last), () => {
        const [k, units] = [f.let(field(layer, 'inputs')), f.let(field(layer, 'units'))];
        const row = f.let(field(layer, 'row'));
        const from = inputsOf(f, layer, first, inputs);
        const [weights, biases] = [field(layer, 'weights'), field(layer, 'biases')];
        const z = f.let(field(layer, 'output'));
        f.if(
          le(mul(k, row), directBytes),
          () => {
            const a = [from, field(layer, 'inputRow'), constant('i32', e.size)];
            f.run(call(direct, rows, row, k, ...a, weights, row, biases, 0, z, row));
          },
          () => {
            copyRows(f, e, biases, z, rows, row);
            const a = [from, field(layer, 'inputRow'), constant('i32', e.size)];
            const b = [weights, row, constant('i32', e.size)];
            const scratch = netField(net, 'scratch');
            f.run(call(product, rows, units, k, ...a, ...b, z, row, 1, one, 0, scratch));
          },
        );
        const kind = f.let(field(layer, 'activation'));
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
            f.run(call(activate, kind, z, mul(rows, row), number(layer, 'leftSlope')));
          },
        );
        f.step(layer, layerRecord.bytes);
      });
      f.return(cost);
    },
  );

  const backward = module.define(
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
      const outputKind = f.let(field(layer, 'activation'));
      f.if(eq(outputKind, activations.sigmoid), () => {
        f.set(divisor, mul(divisor, convert(e.scalar, field(layer, 'units'))));
      });
      f.if(eq(outputKind, activations.linear), () => f.set(divisor, mul(divisor, 0.5)));
      const divisors = f.let(splat(e.vector, divisor));
      const [delta, output] = [field(layer, 'delta'), field(layer, 'output')].map((x) => f.let(x));
      if (delta === undefined || output === undefined) return;
      f.count(0, mul(rows, field(layer, 'row')), 16, (at) => {
        const error = sub(load(e.vector, add(output, at)), load(e.vector, add(targets, at)));
        f.store(add(delta, at), div(error, divisors));
      });

      f.while(ge(layer, first), () => {
        const [k, units] = [f.let(field(layer, 'inputs')), f.let(field(layer, 'units'))];
        const [row, inputRow] = [f.let(field(layer, 'row')), f.let(field(layer, 'inputRow'))];
        const from = inputsOf(f, layer, first, inputs);
        const size = constant('i32', e.size);
        f.set(delta, field(layer, 'delta'));

        const weightGradients = f.let(add(field(layer, 'weights'), gradients));
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
        sumRows(f, e, delta, f.let(add(field(layer, 'biases'), gradients)), rows, row);

        f.if(ne(layer, first), () => {
          const below = f.let(sub(layer, layerRecord.bytes));
          const belowDelta = f.let(field(below, 'delta'));
          const weights = f.let(field(layer, 'weights'));
          f.if(
            le(mul(units, inputRow), directBytes),
            () => {
              const transposed = f.let(field(layer, 'transposed'));
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
          const slope = number(below, 'leftSlope');
          const [kind, h] = [field(below, 'activation'), field(below, 'output')];
          f.run(call(activationGradient, kind, h, belowDelta, mul(rows, inputRow), slope));
        });
        f.step(layer, -layerRecord.bytes);
      });
    },
  );

  const update = module.define(
    `${e.name}NetUpdate`,
    { net: 'i32', learningRate: 'f64', momentum: e.scalar, nesterov: 'i32' },
    undefined,
    (f, { net, learningRate, momentum, nesterov }) => {
      const layer = f.let(netField(net, 'layers'));
      const gradients = f.let(netField(net, 'gradients'));
      const velocities = f.let(netField(net, 'velocities'));
      const momenta = f.let(splat(e.vector, momentum));
      const rates = f.local(e.vector);
      const apply = (from: Value, bytes: Value, rate: Field) => {
        const factor = mul(learningRate, load('f64', layer, layerRecord[rate]));
        f.set(rates, splat(e.vector, convert(e.scalar, factor)));
        const base = f.let(from);
        f.count(0, bytes, 16, (at) => {
          const parameter = f.let(add(base, at));
          const step = f.let(mul(rates, load(e.vector, add(parameter, gradients))));
          const velocityAt = f.let(add(parameter, velocities));
          const velocity = f.let(sub(mul(momenta, load(e.vector, velocityAt)), step));
          f.store(velocityAt, velocity);
          f.if(nesterov, () => f.set(velocity, sub(mul(momenta, velocity), step)));
          f.store(parameter, add(load(e.vector, parameter), velocity));
        });
      };
      f.count(0, netField(net, 'layerCount'), 1, () => {
        apply(
          field(layer, 'weights'),
          mul(field(layer, 'inputs'), field(layer, 'row')),
          'weightRate',
        );
        apply(field(layer, 'biases'), field(layer, 'row'), 'biasRate');
        f.step(layer, layerRecord.bytes);
      });
    },
  );

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
      learningRate: 'f64',
      momentum: e.scalar,
      nesterov: 'i32',
    },
    undefined,
    (f, { net, inputs, targets, order, count, batch, learningRate, momentum, nesterov }) => {
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
        f.run(call(update, net, learningRate, momentum, nesterov));
      });
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

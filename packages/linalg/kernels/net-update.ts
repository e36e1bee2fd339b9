import { layerRecord } from '../src/kernel-layout.ts';
import type { Element } from './element.ts';
import type { Kernel, ModuleBuilder } from './module-builder.ts';
import { type LayerField, layerField, netField } from './net-record.ts';
import { add, convert, load, mul, splat, sub, type Value } from './value.ts';

/** Moves the parameters by their velocities, renewed by the gradients. */
export function defineUpdate(module: ModuleBuilder, e: Element): Kernel {
  return module.define(
    `${e.name}NetUpdate`,
    { net: 'i32', learningRate: 'f64', momentum: e.scalar, nesterov: 'i32' },
    undefined,
    (f, { net, learningRate, momentum, nesterov }) => {
      const layer = f.let(netField(net, 'layers'));
      const gradients = f.let(netField(net, 'gradients'));
      const velocities = f.let(netField(net, 'velocities'));
      const momenta = f.let(splat(e.vector, momentum));
      const rates = f.local(e.vector);
      const apply = (from: Value, bytes: Value, rate: LayerField) => {
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
          layerField(layer, 'weights'),
          mul(layerField(layer, 'inputs'), layerField(layer, 'row')),
          'weightRate',
        );
        apply(layerField(layer, 'biases'), layerField(layer, 'row'), 'biasRate');
        f.step(layer, layerRecord.bytes);
      });
    },
  );
}

import { layerRecord, netRecord, ruleNumbers } from '../src/kernel-layout.ts';
import type { Element } from './element.ts';
import type { FunctionBuilder, Local } from './function-builder.ts';
import { call, type Kernel, type ModuleBuilder } from './module-builder.ts';
import { layerField, layerNumber, netField, netNumber } from './net-record.ts';
import {
  add,
  atLeast,
  choose,
  convert,
  div,
  eq,
  lanesBelow,
  load,
  mul,
  ne,
  neg,
  or,
  splat,
  sqrt,
  sub,
  type Value,
} from './value.ts';

/** Moves the parameters of a net by their gradients, by the rule that its record names. */
export function defineUpdate(module: ModuleBuilder, e: Element): Kernel {
  const rules = {
    momentum: defineMomentum(module, e, 'Momentum', (velocity) => velocity),
    nesterov: defineMomentum(module, e, 'Nesterov', (velocity, momentum, pull) =>
      sub(mul(momentum, velocity), pull),
    ),
    scaled: defineScaled(module, e),
    adam: defineAdam(module, e),
  };
  return module.define(`${e.name}NetUpdate`, { net: 'i32' }, undefined, (f, { net }) => {
    const rate = f.let(netNumber(net, 'learningRate'));
    const rule = f.let(netField(net, 'rule'));
    f.if(eq(rule, ruleNumbers.adam), () => {
      for (const [power, kept] of [
        ['power', 'keep'],
        ['powerSquare', 'keepSquare'],
      ] as const) {
        f.store(net, mul(netNumber(net, power), netNumber(net, kept)), netRecord[power]);
      }
    });
    const layer = f.let(netField(net, 'layers'));
    f.count(0, netField(net, 'layerCount'), 1, () => {
      const bytes = f.let(layerField(layer, 'row'));
      const all = f.let(mul(layerField(layer, 'inputs'), bytes));
      const [weights, biases] = [layerField(layer, 'weights'), layerField(layer, 'biases')];
      const decays = (['weightDecay', 'l1Decay'] as const).map((each) =>
        layerNumber(e, layer, each),
      );
      const rateOf = (field: 'weightRate' | 'biasRate') =>
        mul(rate, load('f64', layer, layerRecord[field]));
      for (const [name, step] of Object.entries(rules)) {
        f.if(eq(rule, ruleNumbers[name as keyof typeof rules]), () => {
          f.run(call(step, net, weights, all, rateOf('weightRate'), ...decays));
          f.run(call(step, net, biases, bytes, rateOf('biasRate'), 0, 0));
        });
      }
      f.step(layer, layerRecord.bytes);
    });
  });
}

/** What the kernel of a rule has at hand. */
interface Rule {
  readonly f: FunctionBuilder;
  /** f64: the learning rate times the factor of these parameters. */
  readonly rate: Local;
  /** f64: a number of the net's record. */
  readonly number: (field: keyof typeof netRecord) => Value;
  /** The number in each lane, rounded to the precision of the net. */
  readonly lanes: (value: Value) => Local;
  /** Visits each vector of parameters, with its gradient and decay, and stores what `move` leaves. */
  readonly each: (move: (parameter: Value, gradient: Local, beside: Beside) => Value) => void;
}

/** What a rule remembers of a vector of parameters. */
interface Beside {
  get(which: 'velocities' | 'squares'): Value;
  set(which: 'velocities' | 'squares', value: Value): void;
}

/** A kernel that moves `bytes` of parameters, from `first` on. */
function defineRule(
  module: ModuleBuilder,
  e: Element,
  name: string,
  write: (rule: Rule) => void,
): Kernel {
  const parameters = {
    net: 'i32',
    first: 'i32',
    bytes: 'i32',
    rate: 'f64',
    decay: e.scalar,
    l1: e.scalar,
  } as const;
  return module.define(`${e.name}${name}Step`, parameters, undefined, (f, p) => {
    const { net, first, bytes, rate, decay, l1 } = p;
    const offsets = {
      velocities: f.let(netField(net, 'velocities')),
      squares: f.let(netField(net, 'squares')),
    };
    const gradients = f.let(netField(net, 'gradients'));
    const decays = f.let(splat(e.vector, decay));
    const l1Decays = f.let(splat(e.vector, l1));
    const decayed = (slope: Value, parameter: Value) => {
      const sign = choose(lanesBelow(0, parameter), l1Decays, 0);
      const signed = choose(lanesBelow(parameter, 0), neg(l1Decays), sign);
      return add(e.madd(decays, parameter, slope), signed);
    };
    write({
      ...{ f, rate, number: (field) => netNumber(net, field) },
      lanes: (value) => f.let(splat(e.vector, convert(e.scalar, value))),
      each(move) {
        const loop = (gradientOf: (slope: Value, parameter: Value) => Value) =>
          f.count(0, bytes, 16, (at) => {
            const address = f.let(add(first, at));
            const parameter = f.let(load(e.vector, address));
            const slope = load(e.vector, add(address, gradients));
            const moved = move(parameter, f.let(gradientOf(slope, parameter)), {
              get: (which) => load(e.vector, add(address, offsets[which])),
              set: (which, value) => f.store(add(address, offsets[which]), value),
            });
            f.store(address, moved);
          });
        // Biases have none: 0 times the −∞ that pads them would be NaN.
        f.if(
          or(ne(decay, 0), ne(l1, 0)),
          () => loop(decayed),
          () => loop((slope) => slope),
        );
      },
    });
  });
}

/** velocity = momentum · velocity − pull, where pull = rate · gradient; parameter += `moves`. */
function defineMomentum(
  module: ModuleBuilder,
  e: Element,
  name: string,
  moves: (velocity: Local, momentum: Local, pull: Local) => Value,
): Kernel {
  return defineRule(module, e, name, ({ f, rate, number, lanes, each }) => {
    const [momentum, rates] = [lanes(number('keep')), lanes(rate)];
    each((parameter, gradient, beside) => {
      const pull = f.let(mul(rates, gradient));
      const velocity = f.let(sub(mul(momentum, beside.get('velocities')), pull));
      beside.set('velocities', velocity);
      return add(parameter, moves(velocity, momentum, pull));
    });
  });
}

/** square = keep · square + take · gradient²; parameter −= rate · gradient / max(floor, √square). */
function defineScaled(module: ModuleBuilder, e: Element): Kernel {
  return defineRule(module, e, 'Scaled', ({ f, rate, number, lanes, each }) => {
    const [keep, take] = [lanes(number('keepSquare')), lanes(number('takeSquare'))];
    const [rates, floor] = [lanes(rate), lanes(number('floor'))];
    each((parameter, gradient, beside) => {
      const fresh = mul(mul(take, gradient), gradient);
      const square = f.let(e.madd(keep, beside.get('squares'), fresh));
      beside.set('squares', square);
      return sub(parameter, div(mul(rates, gradient), atLeast(sqrt(square), floor)));
    });
  });
}

/**
 * The mean of the gradients through the root of the mean of their squares, both undone of their start
 * from 0.
 */
function defineAdam(module: ModuleBuilder, e: Element): Kernel {
  return defineRule(module, e, 'Adam', ({ f, rate, number, lanes, each }) => {
    const [keep, take] = [lanes(number('keep')), lanes(number('take'))];
    const keepSquare = lanes(number('keepSquare'));
    const takeSquare = lanes(number('takeSquare'));
    const rates = lanes(div(rate, sub(1, number('power'))));
    const scale = lanes(div(1, sqrt(sub(1, number('powerSquare')))));
    const epsilon = lanes(number('floor'));
    each((parameter, gradient, beside) => {
      const mean = f.let(e.madd(keep, beside.get('velocities'), mul(take, gradient)));
      beside.set('velocities', mean);
      const fresh = mul(mul(takeSquare, gradient), gradient);
      const square = f.let(e.madd(keepSquare, beside.get('squares'), fresh));
      beside.set('squares', square);
      return sub(parameter, div(mul(rates, mean), add(mul(sqrt(square), scale), epsilon)));
    });
  });
}

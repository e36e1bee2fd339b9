import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { stepPlan } from '../src/descent-step.ts';
import { type Activation, type DenseLayer, DenseNet, type DescentStep } from '../src/index.ts';
import { kernelMemory } from '../src/kernel-memory.ts';
import type { LoadedExamples, NetEngine, NetPlan } from '../src/net-engine.ts';
import { PlainNet } from '../src/plain-net.ts';
import { WasmNet } from '../src/wasm-net.ts';
import { sampler } from './sample.ts';

const hidden = ['linear', 'sigmoid', 'tanh', 'rectifiedLinear', 'softplus'] as const;
const outputs = ['softmax', 'sigmoid', 'linear'] as const;

function bothEngines(plan: NetPlan): NetEngine[] {
  const memory = kernelMemory({ fma: false });
  if (memory === undefined) throw new Error('these tests need an engine with WebAssembly SIMD');
  return [new PlainNet(plan), new WasmNet(memory, plan)];
}

/** A net in the plain loops and in the kernels, each trained alike; gives all that each holds. */
function trainedAlike(plan: NetPlan, rows: number, seed: number, step: DescentStep): number[][] {
  return bothEngines(plan).map((engine) => {
    const draw = sampler(seed);
    const units = plan.layers.at(-1)?.units ?? 0;
    for (const [i, layer] of plan.layers.entries()) {
      const inputs = plan.layers[i - 1]?.units ?? plan.inputs;
      const [weights, biases] = [draw(inputs * layer.units), draw(layer.units)];
      engine.setNumbers('parameters', i, { weights, biases });
    }
    const examples = engine.load(
      rows,
      draw(rows * plan.inputs, 2),
      draw(rows * units).map(Math.abs),
    );
    const order = Int32Array.from({ length: rows }, (_, i) => (i * 7) % rows);
    engine.epoch(examples, order, stepPlan(step, 3));
    engine.backward(examples, order.subarray(0, Math.min(rows, plan.batchSize)));
    engine.update(stepPlan({ learningRate: 0.05, momentum: 0.9 }, 0));
    return everything(engine, examples, plan);
  });
}

function everything(engine: NetEngine, examples: LoadedExamples, plan: NetPlan): number[] {
  return [
    engine.cost(examples),
    ...plan.layers.flatMap((_, layer) => [
      ...engine.forward(examples, layer),
      ...(['parameters', 'gradients', 'velocities', 'squares'] as const).flatMap((kind) => {
        const { weights, biases } = engine.numbers(kind, layer);
        return [...weights, ...biases];
      }),
    ]),
  ];
}

function planOf(
  inputs: number,
  layers: readonly (readonly [number, Activation])[],
  batchSize: number,
  element: 'f64' | 'f32',
): NetPlan {
  const plans = layers.map(([units, activation], i) => ({
    units,
    activation,
    leftSlope: 0.125,
    weightRate: 1 - i / 4,
    biasRate: 0.5 + i / 4,
    weightDecay: i % 2 === 0 ? i / 64 : 0,
    l1Decay: i / 128,
  }));
  return { inputs, layers: plans, batchSize, element };
}

const steps: readonly DescentStep[] = [
  { learningRate: 0.1 },
  { rule: 'momentum', learningRate: 0.1, momentum: 0.5 },
  { learningRate: 0.1, momentum: 0.5, nesterov: true },
  { rule: 'adaGrad', learningRate: 0.1, maxScaling: 10 },
  { rule: 'rmsProp', learningRate: 0.01, decay: 0.75 },
  { rule: 'adam', learningRate: 0.01, beta2: 0.99 },
];

describe('the kernels give the bits of the plain loops', () => {
  const size = fc.integer({ min: 1, max: 11 });
  const shapes = fc.record({
    inputs: size,
    layers: fc.array(fc.tuple(size, fc.constantFrom<Activation>(...hidden)), { maxLength: 3 }),
    output: fc.tuple(size, fc.constantFrom<Activation>(...outputs)),
    batchSize: fc.integer({ min: 1, max: 9 }),
    rows: fc.integer({ min: 1, max: 40 }),
    element: fc.constantFrom('f64' as const, 'f32' as const),
    step: fc.constantFrom(...steps),
    seed: fc.integer(),
  });

  test('for nets of any kind with up to four small layers', () => {
    fc.assert(
      fc.property(shapes, ({ inputs, layers, output, batchSize, element, rows, step, seed }) => {
        const plan = planOf(inputs, [...layers, output], batchSize, element);
        const [plain, kernels] = trainedAlike(plan, rows, seed, step);
        expect(kernels).toEqual(plain);
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  test.each(['f64', 'f32'] as const)(
    'for a layer so large that its products are packed, and more rows than are run at a time, %s',
    (element) => {
      const plan = planOf(
        30,
        [
          [301, 'tanh'],
          [7, 'softmax'],
        ],
        64,
        element,
      );
      const [plain, kernels] = trainedAlike(plan, 130, 5, { learningRate: 0.1, momentum: 0.5 });
      expect(kernels).toEqual(plain);
    },
  );
});

test.each(['f64', 'f32'] as const)(
  'and for numbers that are huge, 0 or none, in any layer, %s',
  (element) => {
    const inputs = [-1e30, -800, -88, -1e-30, -0, 0, 1e-30, 20, 88, 800, 1e30, Number.NaN];
    for (const activation of hidden) {
      const plan = planOf(1, [[1, activation]], 4, element);
      const [plain, kernels] = bothEngines(plan).map((engine) => {
        engine.setNumbers('parameters', 0, {
          weights: Float64Array.of(1),
          biases: Float64Array.of(0),
        });
        return [...engine.forwardOnce(inputs.length, inputs, 0)];
      });
      expect(kernels, activation).toEqual(plain);
    }
  },
);

/** A net with parameters drawn at random, and examples for it. */
function drawn(layers: readonly DenseLayer[], element: 'f64' | 'f32' = 'f64', fma = false) {
  const draw = sampler(11);
  const net = new DenseNet({ inputs: 4, layers, element, fma });
  let inputs = 4;
  for (const [i, { units }] of layers.entries()) {
    net.parameters.set(i, { weights: draw(inputs * units), biases: draw(units) });
    inputs = units;
  }
  const examples = net.load(6, draw(24), distributions(draw(6 * inputs).map(Math.abs), inputs));
  return { net, examples };
}

/** Rows scaled to the sum 1. */
function distributions(values: Float64Array, columns: number): Float64Array {
  return values.map((value, at) => {
    const from = at - (at % columns);
    return value / values.subarray(from, from + columns).reduce((a, b) => a + b);
  });
}

describe('gradients', () => {
  const cases = [
    ...hidden.map((h) => [h, 'softmax'] as const),
    ...outputs.map((o) => ['tanh', o] as const),
  ];
  test.each(cases)('of %s under %s are those of finite differences', (below, output) => {
    const { net, examples } = drawn([
      { units: 5, activation: below, leftSlope: 0.3 },
      { units: 3, activation: output },
    ]);
    net.backward(examples, [0, 1, 2, 3, 4, 5]);
    for (const layer of [0, 1]) {
      const kept = net.parameters.get(layer);
      const gradients = net.gradients.get(layer);
      for (const kind of ['weights', 'biases'] as const) {
        for (const [at, gradient] of gradients[kind].entries()) {
          const costs = [-1e-5, 1e-5].map((shift) => {
            const moved = { weights: kept.weights.slice(), biases: kept.biases.slice() };
            moved[kind][at] = (moved[kind][at] ?? 0) + shift;
            net.parameters.set(layer, moved);
            return net.cost(examples);
          });
          net.parameters.set(layer, kept);
          expect(gradient).toBeCloseTo(((costs[1] ?? 0) - (costs[0] ?? 0)) / 2e-5, 8);
        }
      }
    }
  });
});

describe('a net of 2, 2 and 2 units does what a NumPy port of Pylearn2 does', () => {
  // Weights, inputs and results from that port: sigmoid and softmax, learning rate .1, momentum .5.
  const start = () => {
    const net = new DenseNet({
      inputs: 2,
      layers: [
        { units: 2, activation: 'sigmoid' },
        { units: 2, activation: 'softmax' },
      ],
    });
    net.parameters.set(0, {
      weights: Float64Array.of(0.1, -0.2, 0.3, 0.4),
      biases: Float64Array.of(1, 1),
    });
    net.parameters.set(1, {
      weights: Float64Array.of(0.5, -0.5, -0.25, 0.25),
      biases: new Float64Array(2),
    });
    return { net, examples: net.load(2, [1, 0, 0, 1], [0, 1, 1, 0]) };
  };
  const step = { learningRate: 0.1, momentum: 0.5 };
  const close = (found: ArrayLike<number>, due: readonly number[]) => {
    for (const [i, value] of due.entries()) expect(found[i]).toBeCloseTo(value, 14);
  };

  test('forward and cost', () => {
    const { net, examples } = start();
    close(
      net.forward(examples),
      [0.5999538607747027, 0.40004613922529725, 0.5950165549525657, 0.4049834450474343],
    );
    expect(net.cost(examples)).toBeCloseTo(0.7176707204184352, 14);
  });

  test('two steps with momentum', () => {
    const { net, examples } = start();
    net.trainEpoch(examples, [0, 1], step);
    close(
      net.parameters.get(0).weights,
      [0.0943793358686287, -0.1967916012928876, 0.3034079025314281, 0.3983933810883807],
    );
    close(net.parameters.get(1).biases, [-0.009748520786363419, 0.009748520786363428]);
    net.backward(examples, [0, 1]);
    net.update(step);
    close(
      net.parameters.get(0).weights,
      [0.08608459884122131, -0.19197691304470937, 0.3085463695367884, 0.39591888895131755],
    );
    expect(net.cost(examples)).toBeCloseTo(0.7094780262029285, 14);
  });

  test('two steps with Nesterov momentum', () => {
    const { net, examples } = start();
    net.trainEpoch(examples, [0, 1], { ...step, nesterov: true });
    net.trainEpoch(examples, [0, 1], { ...step, nesterov: true });
    close(
      net.parameters.get(0).weights,
      [0.08203918639551766, -0.1895691769791296, 0.31113470346383554, 0.3946323773982396],
    );
    expect(net.cost(examples)).toBeCloseTo(0.7076212288792789, 14);
  });
});

test('Adam goes on where it was, if told how many steps it has taken', () => {
  const layers: DenseLayer[] = [{ units: 3, activation: 'softmax', weightDecay: 0.01 }];
  const step: DescentStep = { rule: 'adam', learningRate: 0.1 };
  const [one, two, three] = [drawn(layers), drawn(layers), drawn(layers)];
  for (let i = 0; i < 3; i++) one.net.trainEpoch(one.examples, [0, 1, 2, 3, 4, 5], step);
  two.net.trainEpoch(two.examples, [0, 1, 2, 3, 4, 5], step);
  expect(two.net.steps).toBe(1);
  for (const kind of ['parameters', 'velocities', 'squares'] as const) {
    three.net[kind].set(0, two.net[kind].get(0));
  }
  three.net.steps = two.net.steps;
  for (let i = 0; i < 2; i++) {
    three.net.backward(three.examples, [0, 1, 2, 3, 4, 5]);
    three.net.update(step);
  }
  expect(three.net.parameters.get(0)).toEqual(one.net.parameters.get(0));
});

test('inputs that are not kept give the same, and leave no trace', () => {
  const layers: DenseLayer[] = [
    { units: 5, activation: 'tanh' },
    { units: 3, activation: 'softmax' },
  ];
  const { net, examples } = drawn(layers);
  const inputs = sampler(3)(4 * 500);
  const kept = net.load(500, inputs);
  expect(net.forwardOnce(500, inputs)).toEqual(net.forward(kept));
  expect(net.forwardOnce(500, inputs, 0)).toEqual(net.forward(kept, 0));
  const before = net.cost(examples);
  net.load(1, [1, 2, 3, 4]);
  expect(net.cost(examples)).toBe(before);

  const memory = kernelMemory({ fma: false });
  if (memory === undefined) throw new Error('these tests need an engine with WebAssembly SIMD');
  const engine = new WasmNet(memory, planOf(4, [[2, 'linear']], 1, 'f64'));
  engine.forwardOnce(500, inputs, 0);
  const { size, used } = memory;
  for (let i = 0; i < 100; i++) engine.forwardOnce(500, inputs, 0);
  expect([memory.size, memory.used]).toEqual([size, used]);
});

test('fused kernels train to the same within rounding', () => {
  const layers: DenseLayer[] = [
    { units: 5, activation: 'sigmoid' },
    { units: 3, activation: 'softmax' },
  ];
  const [steady, fused] = [false, true].map((fma) => {
    const { net, examples } = drawn(layers, 'f64', fma);
    for (let i = 0; i < 50; i++)
      net.trainEpoch(examples, [5, 4, 3, 2, 1, 0], { learningRate: 0.5 });
    return net.cost(examples);
  });
  expect(fused).toBeCloseTo(steady ?? Number.NaN, 12);
});

test('an engine without WebAssembly gives the same bits', async () => {
  const layers: DenseLayer[] = [
    { units: 3, activation: 'softplus' },
    { units: 2, activation: 'sigmoid' },
  ];
  const result = ({ net, examples }: ReturnType<typeof drawn>) => {
    net.trainEpoch(examples, [0, 3, 2], { learningRate: 0.5, momentum: 0.5 });
    return [...net.forward(examples), net.cost(examples)];
  };
  const due = result(drawn(layers));
  vi.stubGlobal('WebAssembly', undefined);
  vi.resetModules();
  try {
    const { DenseNet: PlainDenseNet } = await import('../src/dense-net.ts');
    const { kernelMemory: none } = await import('../src/kernel-memory.ts');
    expect(none({ fma: false })).toBe(undefined);
    const draw = sampler(11);
    const net = new PlainDenseNet({ inputs: 4, layers });
    net.parameters.set(0, { weights: draw(12), biases: draw(3) });
    net.parameters.set(1, { weights: draw(6), biases: draw(2) });
    const examples = net.load(6, draw(24), distributions(draw(12).map(Math.abs), 2));
    net.trainEpoch(examples, [0, 3, 2], { learningRate: 0.5, momentum: 0.5 });
    expect([...net.forward(examples), net.cost(examples)]).toEqual(due);
  } finally {
    vi.unstubAllGlobals();
  }
});

test('numbers that overflow show as NaN and end nothing', () => {
  const { net, examples } = drawn([{ units: 2, activation: 'linear' }]);
  for (let i = 0; i < 5; i++) net.trainEpoch(examples, [0, 1], { learningRate: 1e200 });
  expect(net.cost(examples)).toBeNaN();
});

describe('refuses', () => {
  const one: readonly DenseLayer[] = [{ units: 2, activation: 'softmax' }];
  const { net, examples } = drawn(one);
  const other = drawn(one);
  test.each([
    {
      what: 'no layers',
      act: () => new DenseNet({ inputs: 1, layers: [] }),
      says: /at least one layer/,
    },
    {
      what: 'no inputs',
      act: () => new DenseNet({ inputs: 0, layers: one }),
      says: /inputs must be/,
    },
    {
      what: 'a softmax below another layer',
      act: () => new DenseNet({ inputs: 1, layers: [...one, ...one] }),
      says: /layer 0 is a softmax/,
    },
    {
      what: 'an unknown activation',
      act: () =>
        new DenseNet({ inputs: 1, layers: [{ units: 1, activation: 'relu' as Activation }] }),
      says: /layer 0 has no activation relu; there are linear, sigmoid, tanh, rectifiedLinear/,
    },
    {
      what: 'half a unit',
      act: () => new DenseNet({ inputs: 1, layers: [{ units: 0.5, activation: 'tanh' }] }),
      says: /units of layer 0 must be a whole number above 0, not 0.5/,
    },
    {
      what: 'a negative slope',
      act: () =>
        new DenseNet({ inputs: 1, layers: [{ units: 1, activation: 'tanh', leftSlope: -1 }] }),
      says: /leftSlope of layer 0/,
    },
    {
      what: 'inputs of another width',
      act: () => net.load(2, [1, 2, 3]),
      says: /inputs must have 2 × 4/,
    },
    {
      what: 'inputs of another width, not kept',
      act: () => net.forwardOnce(2, [1, 2, 3]),
      says: /inputs must have 2 × 4/,
    },
    {
      what: 'targets too few',
      act: () => net.load(1, [1, 2, 3, 4], [1]),
      says: /targets must have 1 × 2/,
    },
    {
      what: 'a row that is not there',
      act: () => net.backward(examples, [6]),
      says: /row 6 at 0; .* 0 to 5/,
    },
    {
      what: 'too large a batch',
      act: () => net.backward(examples, new Int32Array(129)),
      says: /1 to 128 rows, not 129/,
    },
    {
      what: 'momentum 1',
      act: () => net.update({ learningRate: 1, momentum: 1 }),
      says: /momentum must be/,
    },
    {
      what: 'an unknown rule',
      act: () => net.update({ rule: 'adamW', learningRate: 1 } as unknown as DescentStep),
      says: /no rule adamW; there are momentum, adaGrad, rmsProp, adam/,
    },
    {
      what: 'beta1 1',
      act: () => net.update({ rule: 'adam', learningRate: 1, beta1: 1 }),
      says: /beta1 must be at least 0 and below 1, not 1/,
    },
    {
      what: 'scaling by 0',
      act: () => net.update({ rule: 'rmsProp', learningRate: 1, maxScaling: 0 }),
      says: /maxScaling must be a number above 0, not 0/,
    },
    {
      what: 'half a step',
      act: () => {
        net.steps = 0.5;
      },
      says: /steps must be a whole number of at least 0, not 0.5/,
    },
    {
      what: 'weights that grow',
      act: () => {
        const layers: DenseLayer[] = [{ units: 1, activation: 'linear', weightDecay: -1 }];
        return new DenseNet({ inputs: 1, layers });
      },
      says: /weightDecay of layer 0 must be at least 0 and finite, not -1/,
    },
    {
      what: 'a rate that is no number',
      act: () => net.update({ learningRate: Number.NaN }),
      says: /learningRate/,
    },
    {
      what: 'a layer that is not there',
      act: () => net.gradients.get(1),
      says: /layers 0 to 0, not 1/,
    },
    {
      what: 'examples of another net',
      act: () => net.cost(other.examples),
      says: /not loaded into this net/,
    },
    {
      what: 'examples without targets',
      act: () => net.cost(net.load(1, [1, 2, 3, 4])),
      says: /without targets/,
    },
    {
      what: 'learning an output without a cost',
      act: () => {
        const tanh = drawn([{ units: 2, activation: 'tanh' }]);
        tanh.net.cost(tanh.examples);
      },
      says: /kind tanh has no cost; use softmax, sigmoid, linear/,
    },
    {
      what: 'weights of another size',
      act: () =>
        net.parameters.set(0, { weights: new Float64Array(7), biases: new Float64Array(2) }),
      says: /weights must have 4 × 2 numbers, not 7/,
    },
  ])('$what', ({ act, says }) => {
    expect(act).toThrow(says);
  });
});

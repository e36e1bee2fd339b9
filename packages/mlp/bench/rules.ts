import {
  AdaDelta,
  AdaGrad,
  Adam,
  Default,
  Dropout,
  L1WeightDecay,
  MLP,
  Momentum,
  RMSProp,
  SGD,
  type SGDOptions,
  Sigmoid,
  Softmax,
  SumOfCosts,
  WeightDecay,
} from '../src/index.ts';
import { processorSeconds } from './processor-time.ts';
import { datasetOf, pima, type Task } from './task.ts';

type Asked = Pick<SGDOptions, 'learningRule' | 'cost'> & { readonly maxColNorm?: number };

const learningRule = new Momentum(0.5);
const decayed = (decay: WeightDecay | L1WeightDecay) => new SumOfCosts([new Default(), decay]);
const asked: Readonly<Record<string, Asked>> = {
  Momentum: { learningRule },
  'Momentum and WeightDecay': { learningRule, cost: decayed(new WeightDecay([1e-4, 1e-4])) },
  AdaGrad: { learningRule: new AdaGrad() },
  RMSProp: { learningRule: new RMSProp() },
  Adam: { learningRule: new Adam() },
  AdaDelta: { learningRule: new AdaDelta() },
  'Momentum and L1WeightDecay': { learningRule, cost: decayed(new L1WeightDecay([1e-5, 1e-5])) },
  'Momentum and maxColNorm': { learningRule, maxColNorm: 2 },
  'Momentum and Dropout': { learningRule, cost: new Dropout() },
};

/** Seconds of an epoch of the Pima net by what is asked for, round by round, all in turn. */
export function measureRules(rounds: number): Record<string, number[]> {
  const task = pima();
  const sides = Object.entries(asked).map(([name, each]) => {
    return { name, train: trainer(task, each), seconds: [] as number[] };
  });
  const repeats = 500;
  for (let round = -1; round < rounds; round++) {
    for (const { train, seconds } of sides) {
      const begun = process.cpuUsage();
      for (let i = 0; i < repeats; i++) train();
      const taken = processorSeconds(begun) / repeats;
      // The first round warms up.
      if (round >= 0) seconds.push(taken);
    }
  }
  return Object.fromEntries(sides.map(({ name, seconds }) => [name, seconds]));
}

function trainer(task: Task, { maxColNorm, ...more }: Asked): () => void {
  const { W1, b1, b2 } = task.weights;
  const limits = maxColNorm === undefined ? {} : { maxColNorm };
  const hidden = new Sigmoid({ layerName: 'hidden', dim: b1.length, irange: 0.05, ...limits });
  const output = new Softmax({ layerName: 'output', nClasses: b2.length, irange: 0.05 });
  const net = new MLP({ layers: [hidden, output], nvis: W1.length });
  const data = datasetOf(task);
  const sgd = new SGD({ learningRate: 1e-6, batchSize: task.batchSize, ...more });
  sgd.setup(net, data);
  return () => sgd.train(data);
}

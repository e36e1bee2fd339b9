import {
  DenseDesignMatrix,
  type DesignMatrix,
  MLP,
  Momentum,
  RandomState,
  SGD,
  Sigmoid,
  Softmax,
  SparseDesignMatrix,
  type SparseRow,
} from '../src/index.ts';
import { processorSeconds } from './processor-time.ts';

const features = 2 ** 16;

/** Seconds of a step of a net with a million weights, by sparse and by dense examples, round by round. */
export function measureSparse(rounds: number): { sparse: number[]; dense: number[] } {
  const rng = new RandomState(1);
  const rows = (count: number): SparseRow[] =>
    Array.from({ length: count }, () => {
      const columns = new Set(Array.from({ length: 30 }, () => rng.randint(0, features)));
      return [...columns].map((column) => [column, 1] as const);
    });
  // An epoch ends with a look at every weight; sparse examples are few bytes, so there are many.
  const many = rows(4000);
  const few = many.slice(0, 40).map((row) => {
    const all = new Array<number>(features).fill(0);
    for (const [column, value] of row) all[column] = value;
    return all;
  });
  const labels = (count: number) => Array.from({ length: count }, (_, i) => i % 2);
  const steps = {
    sparse: stepper(new SparseDesignMatrix({ X: many, features, y: labels(4000), yLabels: 2 })),
    dense: stepper(new DenseDesignMatrix({ X: few, y: labels(40), yLabels: 2 })),
  };
  const seconds = { sparse: [] as number[], dense: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    for (const which of ['sparse', 'dense'] as const) {
      const taken = steps[which]();
      if (round >= 0) seconds[which].push(taken);
    }
  }
  return seconds;
}

/** Trains an epoch, and tells the seconds of a step. */
function stepper(data: DesignMatrix): () => number {
  const hidden = new Sigmoid({ layerName: 'h', dim: 16, irange: 0.05 });
  const output = new Softmax({ layerName: 'y', nClasses: 2, irange: 0.05 });
  const net = new MLP({ layers: [hidden, output], nvis: features });
  const trainer = new SGD({ learningRate: 0.05, batchSize: 10, learningRule: new Momentum(0.5) });
  trainer.setup(net, data);
  return () => {
    const begun = process.cpuUsage();
    trainer.train(data);
    return processorSeconds(begun) / (data.size / 10);
  };
}

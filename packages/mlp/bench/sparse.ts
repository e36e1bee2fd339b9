import {
  DenseDesignMatrix,
  MLP,
  RandomState,
  SGD,
  Sigmoid,
  Softmax,
  SparseDesignMatrix,
  type SparseRow,
} from '../src/index.ts';
import { Momentum } from '../src/momentum.ts';

const features = 2 ** 16;

/** Seconds of a step of a net with a million weights, by sparse and by dense examples, round by round. */
export function measureSparse(rounds: number): { sparse: number[]; dense: number[] } {
  const rng = new RandomState(1);
  const X: SparseRow[] = Array.from({ length: 40 }, () => {
    const columns = new Set(Array.from({ length: 30 }, () => rng.randint(0, features)));
    return [...columns].map((column) => [column, 1] as const);
  });
  const y = X.map((_, i) => i % 2);
  const full = X.map((row) => {
    const all = new Array<number>(features).fill(0);
    for (const [column, value] of row) all[column] = value;
    return all;
  });
  const sets = {
    sparse: new SparseDesignMatrix({ X, features, y, yLabels: 2 }),
    dense: new DenseDesignMatrix({ X: full, y, yLabels: 2 }),
  };
  const trainings = Object.entries(sets).map(([name, data]) => {
    const hidden = new Sigmoid({ layerName: 'h', dim: 16, irange: 0.05 });
    const output = new Softmax({ layerName: 'y', nClasses: 2, irange: 0.05 });
    const net = new MLP({ layers: [hidden, output], nvis: features });
    const trainer = new SGD({ learningRate: 0.05, batchSize: 10, learningRule: new Momentum(0.5) });
    trainer.setup(net, data);
    return { name, net, data, trainer };
  });
  const seconds = { sparse: [] as number[], dense: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    for (const { name, net, data, trainer } of trainings) {
      const begun = performance.now();
      net.gradients(data);
      const gradient = performance.now();
      const isSparse = name === 'sparse';
      const repeats = isSparse ? 5 : 1;
      for (let i = 0; i < repeats; i++) trainer.train(data);
      const taken = (performance.now() - gradient) / 1000 / repeats / 4;
      void begun;
      if (round >= 0) seconds[isSparse ? 'sparse' : 'dense'].push(taken);
    }
  }
  return seconds;
}

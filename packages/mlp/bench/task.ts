import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DenseDesignMatrix,
  MLP,
  RandomState,
  Sigmoid,
  Softmax,
  StandardScaler,
} from '../src/index.ts';

/** A net and what it learns, as plain data: every contestant starts from the same numbers. */
export interface Task {
  readonly name: string;
  readonly title: string;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly X: readonly (readonly number[])[];
  readonly labels: readonly number[];
  /** Weights and biases of a sigmoid layer and of a softmax after it. */
  readonly weights: {
    readonly W1: readonly (readonly number[])[];
    readonly b1: readonly number[];
    readonly W2: readonly (readonly number[])[];
    readonly b2: readonly number[];
  };
  /** The order of the examples in each of the first epochs; later ones begin again. */
  readonly orders: readonly (readonly number[])[];
}

/** The three nets that are timed. */
export function tasks(): readonly Task[] {
  return [pima(), xor(), large()];
}

/** The net of examples/pima.ts on its 537 training rows. */
export function pima(): Task {
  const path = join(import.meta.dirname, '../../../data/pima-indians-diabetes.csv');
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.split(',').map(Number));
  const features = rows.map((row) => row.slice(0, 8));
  const { data } = new StandardScaler().fit(features).transform(features);
  const X = Array.from({ length: 537 }, (_, i) => [...data.subarray(i * 8, i * 8 + 8)]);
  const labels = rows.slice(0, 537).map((row) => row[8] as number);
  return taskOf('pima', '8-20-2, 537 rows in batches of 10', X, labels, 20, 0.05, 10);
}

function xor(): Task {
  const rng = new RandomState(33);
  const X = Array.from({ length: 1000 }, () => [rng.randint(0, 2), rng.randint(0, 2)]);
  const labels = X.map(([a, b]) => (a === b ? 0 : 1));
  return taskOf('xor', '2-2-2, 1000 rows in batches of 10', X, labels, 2, 0.1, 10);
}

function large(): Task {
  const rng = new RandomState(1);
  const X = Array.from({ length: 1024 }, () => Array.from({ length: 784 }, () => rng.uniform()));
  const labels = X.map(() => rng.randint(0, 10));
  return taskOf('large', '784-512-10, 1024 rows in batches of 128', X, labels, 512, 0.05, 128);
}

function taskOf(
  name: string,
  title: string,
  X: readonly number[][],
  labels: readonly number[],
  dim: number,
  irange: number,
  batchSize: number,
): Task {
  const nClasses = Math.max(...labels) + 1;
  const hidden = new Sigmoid({ layerName: 'hidden', dim, irange, initBias: 1 });
  const output = new Softmax({ layerName: 'output', nClasses, irange });
  new MLP({ layers: [hidden, output], nvis: X[0]?.length ?? 0 });
  const rng = new RandomState([2012, 10, 5]);
  const rowsOf = ({ rows, columns, data }: Sigmoid['weights']) =>
    Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
  return {
    ...{ name, title, batchSize, learningRate: 0.05, momentum: 0.5, X, labels },
    weights: {
      ...{ W1: rowsOf(hidden.weights), b1: [...hidden.biases] },
      ...{ W2: rowsOf(output.weights), b2: [...output.biases] },
    },
    orders: Array.from({ length: 3 }, () => [...rng.permutation(X.length)]),
  };
}

/** The examples of a task as a data set. */
export function datasetOf({ X, labels }: Task): DenseDesignMatrix {
  return new DenseDesignMatrix({ X, y: labels, yLabels: Math.max(...labels) + 1 });
}

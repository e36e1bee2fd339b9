import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DenseDesignMatrix,
  LinearDecayOverEpoch,
  MLP,
  type MLPOptions,
  Momentum,
  MomentumAdjustor,
  MonitorBased,
  SGD,
  type SGDOptions,
  Sigmoid,
  Softmax,
  StandardScaler,
} from '../src/index.ts';

/** What the reference computed in one epoch. */
export interface TracedEpoch {
  readonly epoch: number;
  readonly learning_rate: number;
  readonly momentum: number;
  readonly valid_misclass_count: number;
  readonly train_nll: number;
  readonly valid_nll: number;
  readonly correct: readonly [train: number, valid: number, test: number];
}

export const pimaTrace: readonly TracedEpoch[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/pima-trace.json'), 'utf8'),
);

/** The 768 rows as they are in the file: eight features and the class. */
export const pimaRows: readonly (readonly number[])[] = readFileSync(
  join(import.meta.dirname, '../../../data/pima-indians-diabetes.csv'),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => line.split(',').map(Number));

/** The published parts: 537, 161 and 70 rows in the order of the file, all scaled together. */
export function pimaParts(): readonly [
  train: DenseDesignMatrix,
  valid: DenseDesignMatrix,
  test: DenseDesignMatrix,
] {
  const features = pimaRows.map((row) => row.slice(0, 8));
  const all = new DenseDesignMatrix({
    X: new StandardScaler().fit(features).transform(features),
    y: pimaRows.map((row) => row[8] as number),
    yLabels: 2,
  });
  const [train, rest] = all.split(0.7);
  const [valid, test] = rest.split(0.7);
  return [train, valid, test];
}

/** The net of the published recipe, untrained. */
export function pimaNet(options: Partial<MLPOptions> = {}): MLP {
  const hidden = new Sigmoid({ layerName: 'hidden', dim: 20, irange: 0.05, initBias: 1 });
  const output = new Softmax({ layerName: 'output', nClasses: 2, irange: 0.05 });
  return new MLP({ layers: [hidden, output], nvis: 8, ...options });
}

/** Its algorithm and schedules. */
export function pimaRecipe(
  valid: DenseDesignMatrix,
  options: Partial<SGDOptions> = {},
): { trainer: SGD; momentum: MomentumAdjustor; decay: LinearDecayOverEpoch } {
  return {
    trainer: new SGD({
      learningRate: 0.05,
      batchSize: 10,
      monitoringDataset: valid,
      learningRule: new Momentum(0.5),
      terminationCriterion: new MonitorBased({
        channelName: 'output_misclass',
        N: 50,
        propDecrease: 0,
      }),
      ...options,
    }),
    momentum: new MomentumAdjustor({ finalMomentum: 0.99, start: 1, saturate: 50 }),
    decay: new LinearDecayOverEpoch({ start: 1, saturate: 50, decayFactor: 0.1 }),
  };
}

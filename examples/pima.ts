/**
 * Early stopping, schedules and the best model kept: the published Pima result, to the digit.
 *
 * A net of twenty hidden units foretells diabetes from eight measurements. It is trained by the loop
 * that tutorials of Pylearn2 write by hand; the net that is best on the validation part is saved to a
 * file while the training goes on, and loaded again at the end. No seed is given: the defaults are
 * Pylearn2's, so the figures are the published ones at every run.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DenseDesignMatrix,
  LinearDecayOverEpoch,
  loadModel,
  MLP,
  Momentum,
  MomentumAdjustor,
  MonitorBased,
  MonitorBasedSaveBest,
  SGD,
  Sigmoid,
  Softmax,
  StandardScaler,
} from '@holdfast/mlp';

const csv = join(import.meta.dirname, '../data/pima-indians-diabetes.csv');
const rows = readFileSync(csv, 'utf8')
  .split('\n')
  .map((line) => line.split(',').map(Number));
const features = rows.map((row) => row.slice(0, 8));
const all = new DenseDesignMatrix({
  X: new StandardScaler().fit(features).transform(features),
  y: rows.map((row) => row[8] ?? Number.NaN),
  yLabels: 2,
});
const [train, rest] = all.split(0.7);
const [valid, test] = rest.split(0.7);

const hidden = new Sigmoid({ layerName: 'hidden', dim: 20, irange: 0.05, initBias: 1 });
const output = new Softmax({ layerName: 'output', nClasses: 2, irange: 0.05 });
const net = new MLP({ layers: [hidden, output], nvis: 8 });
const channelName = 'output_misclass';
const trainer = new SGD({
  learningRate: 0.05,
  batchSize: 10,
  monitoringDataset: valid,
  learningRule: new Momentum(0.5),
  terminationCriterion: new MonitorBased({ channelName, N: 50, propDecrease: 0 }),
});
trainer.setup(net, train);

const folder = mkdtempSync(join(tmpdir(), 'pima-'));
const savePath = join(folder, 'best.mlp');
const best = new MonitorBasedSaveBest({ channelName, savePath });
const momentum = new MomentumAdjustor({ finalMomentum: 0.99, start: 1, saturate: 50 });
const decay = new LinearDecayOverEpoch({ start: 1, saturate: 50, decayFactor: 0.1 });

for (;;) {
  trainer.train(train);
  net.monitor.reportEpoch();
  net.monitor.update();
  best.onMonitor(net, valid, trainer);
  if (!trainer.continueLearning(net)) break;
  momentum.onMonitor(net, valid, trainer);
  decay.onMonitor(net, valid, trainer);
}

console.log(`${net.monitor.epochsSeen} epochs, the best is ${best.bestEpoch}`);
const loaded = loadModel(savePath);
for (const [name, part] of Object.entries({ train, valid, test })) {
  const { correct, total } = loaded.score(part);
  console.log(
    `${name.padEnd(5)} ${correct}/${total} right, ${((100 * correct) / total).toFixed(1)} %`,
  );
}
rmSync(folder, { recursive: true });

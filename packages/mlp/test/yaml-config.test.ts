import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  Adam,
  type DenseDesignMatrix,
  Dropout,
  loadModel,
  loadYaml,
  loadYamlFile,
  MLP,
  type MonitorBasedSaveBest,
  RectifiedLinear,
  SumOfCosts,
  saveModel,
  type Train,
  trainFromYaml,
  YamlError,
} from '../src/index.node.ts';
import { pimaNet } from './pima.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlp-yaml-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pima = join(import.meta.dirname, '../../../examples/pima.yaml');
const home = join(import.meta.dirname, '../../..');

/** The published configuration, which saves its best net nowhere. */
function pimaTrain(decay: number): Train {
  return loadYamlFile(pima, { values: { decay }, savesNets: false }) as Train;
}

describe('the published recipe as YAML', () => {
  const before = process.cwd();
  process.chdir(home);
  const train = pimaTrain(0);
  const decayed = pimaTrain(0.01);
  process.chdir(before);
  train.mainLoop();

  test("ends as Pylearn2's own loop does: 400, 136, 52", () => {
    const [best] = train.extensions as [MonitorBasedSaveBest];
    const { monitor } = best.bestModel;
    expect(monitor.last('train_output_misclass')).toBe(137 / 537);
    expect(monitor.last('valid_output_misclass')).toBe(25 / 161);
    expect(monitor.last('test_output_misclass')).toBe(18 / 70);
    expect([best.bestEpoch, best.channelName]).toEqual([55, 'valid_output_misclass']);
  });

  test('takes values in: a decay makes for smaller weights', () => {
    decayed.mainLoop();
    const length = ({ model }: Train) => Math.hypot(...(model.layers[0]?.weights.data ?? []));
    expect(length(decayed)).toBeLessThan(length(train) / 2);
  });

  test('an anchor stands for one object', () => {
    const text = 'a: &net !obj:pylearn2.space.VectorSpace { dim: 3 }\nb: *net';
    const { a, b } = loadYaml(text) as { a: object; b: object };
    expect(b).toBe(a);
    expect(a).toEqual({ dim: 3 });
  });
});

test('trains a file to the end', () => {
  const file = join(folder, 'xor.yaml');
  writeFileSync(join(folder, 'xor.csv'), 'label,a,b\n0,0,0\n1,0,1\n1,1,0\n0,1,1\n');
  writeFileSync(
    file,
    `!obj:pylearn2.train.Train {
      dataset: &train !obj:pylearn2.datasets.csv_dataset.CSVDataset { path: '${folder}/xor.csv' },
      model: !obj:pylearn2.models.mlp.MLP {
        layers: [
          !obj:pylearn2.models.mlp.Tanh { layer_name: h, dim: 8, irange: 1 },
          !obj:pylearn2.models.mlp.Softmax { layer_name: y, n_classes: 2, irange: .1 },
        ],
        input_space: !obj:pylearn2.space.VectorSpace { dim: 2 },
      },
      algorithm: !obj:pylearn2.training_algorithms.sgd.SGD {
        learning_rate: 5e-1, batch_size: 4,
        termination_criterion: !obj:pylearn2.termination_criteria.EpochCounter { max_epochs: 500 },
      },
      save_path: "\${PYLEARN2_TRAIN_FILE_FULL_STEM}.mlp", save_freq: 100,
    }`,
  );
  const { model, dataset } = trainFromYaml(file);
  expect(model.monitor.epochsSeen).toBe(500);
  expect(model.score(dataset)).toEqual({ correct: 4, total: 4 });
  expect(loadModel(join(folder, 'xor.mlp')).parameters).toEqual(model.parameters);
});

describe('builds', () => {
  test('every class of the list, with nothing left over', () => {
    const text = `
      - !obj:pylearn2.models.mlp.MLP
        nvis: 3
        seed: [1, 2]
        floatX: float32
        layers:
          - !obj:pylearn2.models.mlp.RectifiedLinear {layer_name: a, dim: 2, istdev: .1, left_slope: .2, max_col_norm: 1.9365}
          - !obj:pylearn2.models.mlp.Softplus {layer_name: b, dim: 2, sparse_init: 1, use_bias: no}
          - !obj:pylearn2.models.mlp.Linear {layer_name: c, dim: 2, irange: 0.5, W_lr_scale: .5, b_lr_scale: .2}
          - !obj:pylearn2.models.mlp.Sigmoid {layer_name: d, dim: 1, irange: 0.5, monitor_style: bit_vector_class}
      - !obj:pylearn2.costs.cost.SumOfCosts
        costs:
          - !obj:pylearn2.costs.cost.MethodCost {method: cost_from_X}
          - [0.5, !obj:pylearn2.costs.mlp.L1WeightDecay {coeffs: {a: .1}}]
      - !obj:pylearn2.costs.mlp.dropout.Dropout {input_include_probs: {a: .8}, input_scales: {a: 1.25}}
      - !obj:pylearn2.training_algorithms.learning_rule.Adam {beta1: .8}
      - !obj:pylearn2.datasets.dense_design_matrix.DenseDesignMatrix {X: [[1, 2], [3, 4]], y: [1, 0], y_labels: 2}
      - !obj:pylearn2.models.softmax_regression.SoftmaxRegression {nvis: 2, n_classes: 3, irange: 0.}
      - !float '1e-3'
      - 1e-3
      - ~`;
    const [net, sum, dropout, adam, data, regression, ...rest] = loadYaml(text) as unknown[];
    expect(net).toBeInstanceOf(MLP);
    expect((net as MLP).floatX).toBe('float32');
    expect((net as MLP).layers[0]).toBeInstanceOf(RectifiedLinear);
    expect((net as MLP).layers[1]?.biases).toHaveLength(0);
    expect((net as MLP).parameters.map(({ lrScaler }) => lrScaler)).toEqual([
      1, 1, 1, 0.5, 0.2, 1, 1,
    ]);
    expect(sum).toBeInstanceOf(SumOfCosts);
    expect(dropout).toBeInstanceOf(Dropout);
    expect(adam).toBeInstanceOf(Adam);
    expect((data as DenseDesignMatrix).y.data).toEqual(Float64Array.of(0, 1, 1, 0));
    expect((regression as MLP).layers[0]?.layerName).toBe('y');
    expect(rest).toEqual([0.001, 0.001, null]);
  });

  test('schedules, criteria and callbacks', () => {
    const text = `
      - !obj:pylearn2.termination_criteria.And
        criteria:
          - !obj:pylearn2.termination_criteria.Or
            criteria:
              - !obj:pylearn2.termination_criteria.ChannelTarget {channel_name: c, target: .1}
              - !obj:pylearn2.termination_criteria.ChannelInf {channel_name: c}
          - !obj:pylearn2.termination_criteria.MatchChannel {channel_name: c, prev_channel_name: c, prev_monitor_name: m}
      - !obj:pylearn2.training_algorithms.sgd.SGD
        learning_rate: 1
        batch_size: 1
        update_callbacks: !obj:pylearn2.training_algorithms.sgd.ExponentialDecay {decay_factor: 1.5, min_lr: .1}
      - !obj:pylearn2.training_algorithms.sgd.LinearDecay {start: 1, saturate: 3, decay_factor: .1}
      - !obj:pylearn2.training_algorithms.sgd.AnnealedLearningRate {anneal_start: 5}
      - !obj:pylearn2.training_algorithms.sgd.OneOverEpoch {start: 5, half_life: 2}
      - !obj:pylearn2.training_algorithms.sgd.MonitorBasedLRAdjuster {dataset_name: valid}
      - !obj:pylearn2.training_algorithms.sgd.MomentumAdjustor {start: 1, saturate: 2, final_momentum: .9}
      - !obj:pylearn2.training_algorithms.learning_rule.AdaDelta {decay: .9}
      - !obj:pylearn2.training_algorithms.learning_rule.AdaGrad {}
      - !obj:pylearn2.training_algorithms.learning_rule.RMSProp {decay: .9, max_scaling: 1e4}`;
    const names = (loadYaml(text) as object[]).map((each) => each.constructor.name);
    expect(names).toEqual([
      ...['And', 'SGD', 'LinearDecay', 'AnnealedLearningRate', 'OneOverEpoch'],
      ...['MonitorBasedLRAdjuster', 'MomentumAdjustor', 'AdaDelta', 'AdaGrad', 'RMSProp'],
    ]);
  });

  test('parts of a CSV file, by numbers or by shares', () => {
    const rows = Array.from({ length: 10 }, (_, i) => `${i},${i % 3}`).join('\n');
    const readText = () => rows;
    const of = (more: string, shuffleSeed?: number) => {
      const text = `!obj:pylearn2.datasets.csv_dataset.CSVDataset { path: x.csv, expect_headers: False, label_column: 1, ${more} }`;
      const options = shuffleSeed === undefined ? { readText } : { readText, shuffleSeed };
      return [...(loadYaml(text, options) as DenseDesignMatrix).X.data];
    };
    expect(of('start: 3, stop: 5')).toEqual([3, 4]);
    expect(of('start_fraction: .35')).toEqual([0, 1, 2]);
    expect(of('end_fraction: .25')).toEqual([7, 8, 9]);
    const parts = [of('start: 0, stop: 4', 7), of('start: 4', 7)];
    expect(parts.flat().toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(parts[0]).not.toEqual([0, 1, 2, 3]);
    expect(of('start: 0, stop: 4', 8)).not.toEqual(parts[0]);
  });

  test('a scale, learnt from one set and used on another, with a little added to the deviation', () => {
    const text = `
      train: !obj:pylearn2.datasets.dense_design_matrix.DenseDesignMatrix
        X: [[0], [2]]
        y: [[0], [0]]
        preprocessor: &scale !obj:pylearn2.datasets.preprocessing.Standardize {}
        fit_preprocessor: yes
      test: !obj:pylearn2.datasets.dense_design_matrix.DenseDesignMatrix
        X: [[5]]
        y: [[0]]
        preprocessor: *scale`;
    const { train, test } = loadYaml(text) as Record<'train' | 'test', DenseDesignMatrix>;
    expect([...train.X.data]).toEqual([-1 / 1.0001, 1 / 1.0001]);
    expect([...test.X.data]).toEqual([4 / 1.0001]);
  });

  test('saved nets, and what may be imported', () => {
    const path = join(folder, 'net.mlp');
    saveModel(pimaNet(), path);
    const file = join(folder, 'use.yaml');
    writeFileSync(
      file,
      `net: !pkl: '${path}'\nrows: !import:mine.rows\nagain: !import 'mine.rows'`,
    );
    const rows = [[1]];
    const made = loadYamlFile(file, { imports: { 'mine.rows': rows } }) as Record<string, unknown>;
    expect((made.net as MLP).parameters).toEqual(pimaNet().parameters);
    expect([made.rows, made.again]).toEqual([rows, rows]);
  });
});

describe('tells the place and what may have been meant', () => {
  test.each([
    {
      text: 'a: !obj:pylearn2.models.mlp.Sigmiod {}',
      says: 'line 1, column 4: there is no class "pylearn2.models.mlp.Sigmiod"; did you mean pylearn2.models.mlp.Sigmoid',
    },
    { text: '!obj:pylearn2.models.MLP {}', says: 'did you mean pylearn2.models.mlp.MLP?' },
    {
      text: '\n!obj:pylearn2.models.mlp.Sigmoid {\n  layer_name: h,\n  init_bais: 1 }',
      says: 'line 4, column 3: Sigmoid has no argument "init_bais"; did you mean init_bias',
    },
    {
      text: '- 1\n- !obj:pylearn2.models.mlp.Sigmoid { layer_name: h, dim: 0, irange: 1 }',
      says: 'line 2, column 3: Sigmoid: h must have one output or more, not 0',
    },
    { text: '!obj:os.system { command: ls }', says: 'there is no class "os.system"' },
    { text: '!import:os.system', says: 'nothing can be imported as "os.system"; there are none' },
    { text: '!python/object:os.system {}', says: 'there is no tag !python/object:os.system' },
    { text: 'a: *b', says: 'line 1, column 4' },
    { text: 'a: 1\na: 2', says: 'line 2, column 1: Map keys must be unique' },
    { text: 'a: [1', says: 'line 1' },
    { text: '', says: 'the configuration is empty' },
    { text: `a: \${HOME}`, says: '{HOME} is not known here' },
    {
      text: 'a: 1\nb: %(decay)s',
      says: 'line 2, column 4: there is no value for %(decay); given are decya',
    },
    { text: '!pkl: x.mlp', says: 'there are no files here' },
    {
      text: '!obj:pylearn2.datasets.csv_dataset.CSVDataset { path: x.csv }',
      says: 'there are no files here',
    },
    { text: '!float x', says: '"x" is no number' },
    { text: '!obj:pylearn2.models.mlp.Sigmoid 3', says: 'Sigmoid takes its arguments in braces' },
  ])('$text', ({ text, says }) => {
    const load = () => loadYaml(text, { values: { decya: 1 } });
    expect(load).toThrow(YamlError);
    expect(load).toThrow(says);
  });

  test.each([
    { text: '1,2\n1,x', says: 'line 2, entry 2: "x" is no number' },
    { text: '1,2\n\n1', says: 'line 3 has 1 entries where the first has 2' },
    { text: '1,2\n,3', says: 'line 2, entry 1: "" is no number' },
    { text: '0.5,1', says: 'label 0.5' },
    { text: '', says: 'label_column cannot be 0' },
  ])('a CSV file of $text', ({ text, says }) => {
    const yaml =
      '!obj:pylearn2.datasets.csv_dataset.CSVDataset { path: x.csv, expect_headers: False }';
    expect(() => loadYaml(yaml, { readText: () => text })).toThrow(says);
  });

  test('a configuration that trains nothing', () => {
    const file = join(folder, 'nothing.yaml');
    writeFileSync(file, 'a: 1');
    expect(() => trainFromYaml(file)).toThrow('describes no pylearn2.train.Train');
  });
});

test('environment variables are taken in when they are given', () => {
  expect(loadYaml(`a: "\${HOME}/x"`, { environ: { HOME: '/home/me' } })).toEqual({
    a: '/home/me/x',
  });
});

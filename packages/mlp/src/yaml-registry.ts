import { AdaDelta, AdaGrad, Adam, RMSProp } from './adaptive-rules.ts';
import { AnnealedLearningRate, ExponentialDecay, LinearDecay } from './batch-schedules.ts';
import { ChannelInf, ChannelTarget, MatchChannel, MonitorBased } from './channel-criteria.ts';
import { Default, Dropout, L1WeightDecay, SumOfCosts, WeightDecay } from './cost.ts';
import {
  LinearDecayOverEpoch,
  MomentumAdjustor,
  MonitorBasedLRAdjuster,
  OneOverEpoch,
} from './epoch-schedules.ts';
import { Linear } from './linear.ts';
import { MLP, type MLPOptions } from './mlp.ts';
import { Momentum } from './momentum.ts';
import {
  MonitorBasedSaveBest,
  type MonitorBasedSaveBestOptions as SaveBestOptions,
} from './monitor-based-save-best.ts';
import { RectifiedLinear } from './rectified-linear.ts';
import { SGD, type SGDOptions } from './sgd.ts';
import { Sigmoid } from './sigmoid.ts';
import { Softmax } from './softmax.ts';
import { Softplus } from './softplus.ts';
import { Tanh } from './tanh.ts';
import { And, EpochCounter, Or } from './termination.ts';
import { Train, type TrainOptions } from './train.ts';
import {
  type CsvDatasetOptions,
  csvDataset,
  matrixDataset,
  type RowSource,
  Standardize,
  type YamlMatrixOptions,
} from './yaml-datasets.ts';

/** A class that a configuration may name: its arguments as Python writes them, and what it becomes. */
export interface YamlClass {
  readonly keys: readonly string[];
  /** Makes it from arguments whose names are in camelCase. */
  make(options: Readonly<Record<string, unknown>>): unknown;
}

// What a configuration holds is checked by the constructors, each of which names what it refuses.
type Loose = (options: never) => unknown;

function of(keys: string, make: Loose): YamlClass {
  return { keys: keys.split(' '), make: make as YamlClass['make'] };
}

const weights =
  'layer_name irange istdev sparse_init W_lr_scale b_lr_scale max_row_norm max_col_norm';
const affine = `dim ${weights} min_col_norm sparse_stdev include_prob init_bias use_bias`;
const train = 'dataset model algorithm save_path save_freq extensions';
const sgd =
  'learning_rate cost batch_size monitoring_batch_size monitoring_batches monitoring_dataset ' +
  'monitor_iteration_mode termination_criterion update_callbacks learning_rule ' +
  'train_iteration_mode batches_per_iter seed fma';
const csv =
  'path task expect_labels expect_headers delimiter start stop start_fraction end_fraction ' +
  'num_outputs label_column preprocessor fit_preprocessor';
const dropout =
  'default_input_include_prob input_include_probs default_input_scale input_scales per_example';
const saveBest = 'channel_name save_path store_best_model start_epoch higher_is_better tag_key';
const adjuster =
  'high_trigger shrink_amt low_trigger grow_amt min_lr max_lr dataset_name channel_name';

/** What the classes need from outside. */
export interface YamlSurroundings extends RowSource {
  readonly savesNets: boolean;
}

/** Every class that a configuration may name, by its path in Pylearn2. */
export function yamlClasses(source: YamlSurroundings): ReadonlyMap<string, YamlClass> {
  const momentumAdjustor = of('final_momentum start saturate', (o) => new MomentumAdjustor(o));
  const classes: Record<string, YamlClass> = {
    'train.Train': of(
      train,
      ({ savePath, saveFreq, ...o }: TrainOptions) =>
        new Train(source.savesNets ? { ...o, ...given({ savePath, saveFreq }) } : o),
    ),
    'models.mlp.MLP': of('layers nvis input_space seed floatX', makeNet),
    'models.softmax_regression.SoftmaxRegression': of(
      'nvis n_classes irange istdev sparse_init W_lr_scale b_lr_scale max_row_norm max_col_norm ' +
        'init_bias_target_marginals seed',
      makeRegression,
    ),
    'space.VectorSpace': of('dim', (o) => o),
    'models.mlp.Sigmoid': of(`${affine} monitor_style`, (o) => new Sigmoid(o)),
    'models.mlp.Tanh': of(affine, (o) => new Tanh(o)),
    'models.mlp.RectifiedLinear': of(`${affine} left_slope`, (o) => new RectifiedLinear(o)),
    'models.mlp.Softplus': of(affine, (o) => new Softplus(o)),
    'models.mlp.Linear': of(`${affine} use_abs_loss`, (o) => new Linear(o)),
    'models.mlp.Softmax': of(
      `n_classes ${weights} init_bias_target_marginals`,
      (o) => new Softmax(o),
    ),
    'training_algorithms.sgd.SGD': of(sgd, makeSgd),
    'training_algorithms.sgd.LinearDecayOverEpoch': of(
      'start saturate decay_factor',
      (o) => new LinearDecayOverEpoch(o),
    ),
    'training_algorithms.sgd.OneOverEpoch': of(
      'start half_life min_lr',
      (o) => new OneOverEpoch(o),
    ),
    'training_algorithms.sgd.MonitorBasedLRAdjuster': of(adjuster, makeAdjuster),
    'training_algorithms.sgd.MomentumAdjustor': momentumAdjustor,
    'training_algorithms.sgd.ExponentialDecay': of(
      'decay_factor min_lr',
      (o) => new ExponentialDecay(o),
    ),
    'training_algorithms.sgd.LinearDecay': of(
      'start saturate decay_factor',
      (o) => new LinearDecay(o),
    ),
    'training_algorithms.sgd.AnnealedLearningRate': of(
      'anneal_start',
      (o) => new AnnealedLearningRate(o),
    ),
    'training_algorithms.learning_rule.Momentum': of(
      'init_momentum nesterov_momentum',
      ({ initMomentum, ...o }: { readonly initMomentum: number }) => new Momentum(initMomentum, o),
    ),
    'training_algorithms.learning_rule.MomentumAdjustor': momentumAdjustor,
    'training_algorithms.learning_rule.AdaDelta': of('decay', (o) => new AdaDelta(o)),
    'training_algorithms.learning_rule.AdaGrad': of('max_scaling', (o) => new AdaGrad(o)),
    'training_algorithms.learning_rule.RMSProp': of('decay max_scaling', (o) => new RMSProp(o)),
    'training_algorithms.learning_rule.Adam': of('beta1 beta2 epsilon', (o) => new Adam(o)),
    'termination_criteria.MonitorBased': of(
      'prop_decrease N channel_name',
      (o) => new MonitorBased(o),
    ),
    'termination_criteria.EpochCounter': of(
      'max_epochs new_epochs',
      ({ maxEpochs, ...o }: { readonly maxEpochs: number }) => new EpochCounter(maxEpochs, o),
    ),
    'termination_criteria.ChannelTarget': of('channel_name target', (o) => new ChannelTarget(o)),
    'termination_criteria.ChannelInf': of('channel_name', (o) => new ChannelInf(o)),
    'termination_criteria.MatchChannel': of(
      'channel_name prev_channel_name prev_monitor_name',
      (o) => new MatchChannel(o),
    ),
    'termination_criteria.And': of('criteria', ({ criteria }: Criteria) => new And(criteria)),
    'termination_criteria.Or': of('criteria', ({ criteria }: Criteria) => new Or(criteria)),
    'train_extensions.best_params.MonitorBasedSaveBest': of(
      saveBest,
      ({ savePath, ...o }: SaveBestOptions) =>
        new MonitorBasedSaveBest(
          source.savesNets ? { ...o, ...given({ savePath }) } : { ...o, storeBestModel: true },
        ),
    ),
    'costs.mlp.Default': of('', () => new Default()),
    'costs.cost.MethodCost': of('method', makeMethodCost),
    'costs.cost.SumOfCosts': of('costs', ({ costs }: Sum) => new SumOfCosts(costs)),
    'costs.mlp.WeightDecay': of('coeffs', ({ coeffs }: Coeffs) => new WeightDecay(coeffs)),
    'costs.mlp.L1WeightDecay': of('coeffs', ({ coeffs }: Coeffs) => new L1WeightDecay(coeffs)),
    'costs.mlp.dropout.Dropout': of(dropout, (o) => new Dropout(o)),
    'datasets.preprocessing.Standardize': of('std_eps', (o) => new Standardize(o)),
    'datasets.dense_design_matrix.DenseDesignMatrix': of(
      'X y y_labels preprocessor fit_preprocessor',
      (o: YamlMatrixOptions) => matrixDataset(o),
    ),
    'datasets.csv_dataset.CSVDataset': of(csv, (o: CsvDatasetOptions & Labels) => {
      if (o.expectLabels === false) throw new TypeError('a net needs labels to learn from');
      return csvDataset(o, source);
    }),
  };
  return new Map(Object.entries(classes).map(([name, each]) => [`pylearn2.${name}`, each]));
}

type Criteria = { readonly criteria: ConstructorParameters<typeof And>[0] };
type Sum = { readonly costs: ConstructorParameters<typeof SumOfCosts>[0] };
type Coeffs = { readonly coeffs: ConstructorParameters<typeof WeightDecay>[0] };
type Labels = { readonly expectLabels?: boolean };

/** Without what is undefined. */
function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function makeNet({
  inputSpace,
  nvis,
  ...options
}: MLPOptions & { readonly inputSpace?: { readonly dim: number } }): MLP {
  return new MLP({ ...options, nvis: nvis ?? inputSpace?.dim });
}

/** In Pylearn2 an MLP of one layer, whose name is y. */
function makeRegression({
  nvis,
  seed,
  ...options
}: Omit<ConstructorParameters<typeof Softmax>[0], 'layerName'> & Omit<MLPOptions, 'layers'>): MLP {
  const layers = [new Softmax({ ...options, layerName: 'y' })];
  return new MLP({ layers, nvis, ...(seed !== undefined && { seed }) });
}

function makeSgd({ updateCallbacks = [], ...options }: SGDOptions): SGD {
  return new SGD({ ...options, updateCallbacks: [updateCallbacks].flat() });
}

function makeAdjuster({
  datasetName,
  ...options
}: ConstructorParameters<typeof MonitorBasedLRAdjuster>[0] & {
  readonly datasetName?: string;
}): MonitorBasedLRAdjuster {
  const named = datasetName === undefined ? {} : { channelName: `${datasetName}_objective` };
  return new MonitorBasedLRAdjuster({ ...named, ...options });
}

function makeMethodCost({ method }: { readonly method: string }): Default {
  if (method === 'cost_from_X') return new Default();
  throw new TypeError(`the only method that is a cost is cost_from_X, not ${method}`);
}

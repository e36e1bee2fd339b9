export { AdaDelta, AdaGrad, Adam, type AdamOptions, RMSProp } from './adaptive-rules.ts';
export type { AffineOptions } from './affine-layer.ts';
export { AnnealedLearningRate, ExponentialDecay, LinearDecay } from './batch-schedules.ts';
export {
  ChannelInf,
  ChannelTarget,
  MatchChannel,
  type MatchChannelOptions,
  MonitorBased,
  type MonitorBasedOptions,
} from './channel-criteria.ts';
export {
  type Cost,
  type CostTerm,
  type DecayCoeffs,
  Default,
  Dropout,
  type DropoutOptions,
  L1WeightDecay,
  SumOfCosts,
  WeightDecay,
} from './cost.ts';
export { DenseDesignMatrix } from './dense-design-matrix.ts';
export type { DesignMatrix } from './design-matrix.ts';
export {
  LinearDecayOverEpoch,
  MomentumAdjustor,
  MonitorBasedLRAdjuster,
  type MonitorBasedLRAdjusterOptions,
  OneOverEpoch,
  type OneOverEpochOptions,
  type ScheduleSpan,
} from './epoch-schedules.ts';
export type { FloatArray, FloatMatrix, FloatX } from './float-array.ts';
export type { IterationMode, IterationOptions } from './iteration.ts';
export type { Layer, LayerOptions, Parameter } from './layer.ts';
export type { LearningRule } from './learning-rule.ts';
export { Linear, type LinearOptions } from './linear.ts';
export { MLP, type MLPOptions } from './mlp.ts';
export { DivergenceError, MlpError } from './mlp-error.ts';
export {
  decodeModel,
  encodeModel,
  type ModelFormatCode,
  ModelFormatError,
} from './model-format.ts';
export { Momentum } from './momentum.ts';
export { type Channel, type Experience, Monitor, UnknownChannelError } from './monitor.ts';
export {
  MonitorBasedSaveBest,
  type MonitorBasedSaveBestOptions,
} from './monitor-based-save-best.ts';
export { toOnnx } from './onnx.ts';
export { RandomState } from './random-state.ts';
export { RectifiedLinear, type RectifiedLinearOptions } from './rectified-linear.ts';
export type { Score } from './scoring.ts';
export { SGD, type SGDOptions, type UpdateCallback } from './sgd.ts';
export { type MonitorStyle, Sigmoid, type SigmoidOptions } from './sigmoid.ts';
export { Softmax, type SoftmaxOptions } from './softmax.ts';
export { Softplus } from './softplus.ts';
export {
  SparseDesignMatrix,
  type SparseDesignMatrixOptions,
  type SparseRow,
} from './sparse-design-matrix.ts';
export { StandardScaler } from './standard-scaler.ts';
export type { Figures, Spread, Study } from './study.ts';
export { Tanh } from './tanh.ts';
export { And, EpochCounter, Or, type TerminationCriterion } from './termination.ts';
export { Train, type TrainOptions } from './train.ts';
export type { TrainExtension } from './train-extension.ts';
export { loadYaml, type YamlOptions } from './yaml-config.ts';
export { YamlError } from './yaml-error.ts';

/** What the kernels and the code that calls them both know: records in memory, and block sizes. */

/** The numbers by which layers name their activation in memory. */
export const activationNumbers = {
  linear: 0,
  sigmoid: 1,
  tanh: 2,
  rectifiedLinear: 3,
  softplus: 4,
  softmax: 5,
} as const;

/** The numbers by which nets name the rule of their steps in memory. */
export const ruleNumbers = { momentum: 0, nesterov: 1, scaled: 2, adam: 3 } as const;

/** Offsets in the record of a net, in bytes. */
export const netRecord = {
  layerCount: 0,
  layers: 4,
  /** From a parameter to what stands beside it. */
  gradients: 8,
  velocities: 12,
  squares: 16,
  /** Room for one row of outputs. */
  work: 20,
  /** Room for packing. */
  scratch: 24,
  inputRow: 28,
  targetRow: 32,
  batchInputs: 36,
  batchTargets: 40,
  rule: 44,
  /** f64, and all that follow: how much is kept of a velocity and a square, and taken of a new one. */
  learningRate: 48,
  keep: 56,
  take: 64,
  keepSquare: 72,
  takeSquare: 80,
  /** The least that a gradient is divided by; of `adam`, what is added to it. */
  floor: 88,
  /** `keep` and `keepSquare` to the power of the steps of `adam` so far. */
  power: 96,
  powerSquare: 104,
  bytes: 112,
} as const;

/** Offsets in the record of a layer, in bytes. */
export const layerRecord = {
  inputs: 0,
  units: 4,
  inputRow: 8,
  row: 12,
  weights: 16,
  biases: 20,
  activation: 24,
  output: 28,
  delta: 32,
  /** Room for the transposed weights, with zeros padding its rows. */
  transposed: 36,
  /** f64: the slope of a rectified linear unit below 0. */
  leftSlope: 40,
  /** f64: factors of the learning rate. */
  weightRate: 48,
  biasRate: 56,
  /** f64: what of a weight, and of its sign, is added to its gradient. */
  weightDecay: 64,
  l1Decay: 72,
  bytes: 80,
} as const;

/** Bytes of B up to which a product is not packed: the first cache holds them. */
export const directBytes = 32768;

/** Steps of k, rows of A and columns of B that a large product packs at a time. */
export const blocking = { steps: 256, rows: 132, columns: 512 } as const;

/** Bytes of scratch that a large product needs, whatever its sizes and type. */
export const scratchBytes: number =
  (blocking.steps * (blocking.rows + blocking.columns) + 64) * Float64Array.BYTES_PER_ELEMENT;

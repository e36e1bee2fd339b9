import type { FloatArray } from './float-array.ts';
import type { Layer } from './layer.ts';

/** A layer that may be the last of a net: it knows how far its outputs are from targets. */
export interface OutputLayer extends Layer {
  /**
   * The cost of a batch as a sum over its rows.
   *
   * @param z the values before the activation, rows × dim
   */
  costSum(z: FloatArray, y: FloatArray, rows: number): number;
  /** Leaves in `gradient` how the mean cost of the batch changes with z. */
  costGradient(outputs: FloatArray, y: FloatArray, gradient: FloatArray, rows: number): void;
  /** The last parts of the names of the channels that compare outputs with targets. */
  readonly judgementNames: readonly string[];
  /**
   * Adds to `sums`, from `at` on, each judgement of a batch times its rows.
   *
   * @param costSum what `costSum` gave for the batch
   */
  addJudgement(
    sums: Float64Array,
    at: number,
    outputs: FloatArray,
    y: FloatArray,
    rows: number,
    costSum: number,
  ): void;
  /** The class of the row of outputs that begins at `from`; missing when there are no classes. */
  classOf?(outputs: FloatArray, from: number): number;
  /** Whether the row at `from` is answered rightly; missing when there is no right and wrong. */
  isRight?(outputs: FloatArray, y: FloatArray, from: number): boolean;
}

export function isOutputLayer(layer: Layer): layer is OutputLayer {
  return 'costSum' in layer;
}

/** The place of the greatest of `count` values from `from` on, counted from there; the first of equals. */
export function indexOfMaximum(values: FloatArray, from: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) {
    if ((values[from + k] as number) > (values[from + best] as number)) best = k;
  }
  return best;
}

import type { DesignMatrix } from './design-matrix.ts';
import type { FloatArray, FloatX } from './float-array.ts';
import { checkWeightInit, drawWeights, type WeightInit } from './initial-weights.ts';
import { negativeLogLikelihood, softmax, softmaxGradient } from './kernels/softmax.ts';
import { Layer, type LayerOptions, type Parameter } from './layer.ts';
import { indexOfMaximum, type OutputLayer } from './output-layer.ts';
import type { RandomState } from './random-state.ts';

/** What a `Softmax` is made from. */
export interface SoftmaxOptions extends LayerOptions, WeightInit {
  /** How many classes. */
  readonly nClasses: number;
  /** Examples by whose share of each class the biases start; at 0 if not given. */
  readonly initBiasTargetMarginals?: Pick<DesignMatrix, 'y'>;
}

/**
 * The last layer of a net that tells classes apart: the probability of each, by softmax.
 *
 * Its cost is the mean over the examples of −Σₖ yₖ · log softmax(z)ₖ.
 */
export class Softmax extends Layer implements OutputLayer {
  readonly activityNames: readonly string[] = ['mean_max_class', 'max_max_class', 'min_max_class'];
  readonly judgementNames: readonly string[] = ['misclass', 'nll'];
  readonly #options: SoftmaxOptions;

  /**
   * @throws {TypeError} when not exactly one of irange, istdev and sparseInit is given
   * @throws {RangeError} when a number cannot be, or a class is missing from the marginals
   */
  constructor(options: SoftmaxOptions) {
    const { nClasses, initBiasTargetMarginals: marginals } = options;
    super(options, nClasses, initialBiases(nClasses, marginals));
    checkWeightInit(options.layerName, options);
    this.#options = options;
  }

  override get options(): Readonly<Record<string, unknown>> {
    const { initBiasTargetMarginals: _, ...options } = this.#options;
    return options;
  }

  override activate(z: FloatArray, rows: number): void {
    softmax(z, rows, this.dim);
  }

  override activateBack(): void {
    this.checkHidden();
  }

  override checkHidden(): void {
    throw new TypeError(`${this.layerName} is a Softmax, which can only be the last layer`);
  }

  costSum(z: FloatArray, y: FloatArray, rows: number): number {
    return negativeLogLikelihood(z, y, rows, this.dim);
  }

  costGradient(outputs: FloatArray, y: FloatArray, gradient: FloatArray, rows: number): void {
    softmaxGradient(outputs, y, gradient, rows, this.dim);
  }

  override addActivity(sums: Float64Array, at: number, outputs: FloatArray, rows: number): void {
    let [sum, max, min] = [0, -Infinity, Infinity];
    for (let row = 0; row < rows; row++) {
      const from = row * this.dim;
      const highest = outputs[from + indexOfMaximum(outputs, from, this.dim)] as number;
      sum += highest;
      max = Math.max(max, highest);
      min = Math.min(min, highest);
    }
    sums[at] = (sums[at] as number) + sum;
    sums[at + 1] = (sums[at + 1] as number) + max * rows;
    sums[at + 2] = (sums[at + 2] as number) + min * rows;
  }

  addJudgement(
    sums: Float64Array,
    at: number,
    outputs: FloatArray,
    y: FloatArray,
    rows: number,
    costSum: number,
  ): void {
    let wrong = 0;
    for (let row = 0; row < rows; row++) {
      if (!this.isRight(outputs, y, row * this.dim)) wrong++;
    }
    sums[at] = (sums[at] as number) + wrong;
    sums[at + 1] = (sums[at + 1] as number) + costSum;
  }

  classOf(outputs: FloatArray, from: number): number {
    return indexOfMaximum(outputs, from, this.dim);
  }

  isRight(outputs: FloatArray, y: FloatArray, from: number): boolean {
    return indexOfMaximum(outputs, from, this.dim) === indexOfMaximum(y, from, this.dim);
  }

  protected override ordered(W: Parameter, b: Parameter): readonly Parameter[] {
    return [b, W];
  }

  protected override drawWeights(inputs: number, rng: RandomState, floatX: FloatX): FloatArray {
    return drawWeights(this.#options, inputs, this.dim, rng, floatX);
  }
}

/** The logarithms of the classes' shares, less their mean: softmax of them gives the shares. */
function initialBiases(
  nClasses: number,
  marginals: Pick<DesignMatrix, 'y'> | undefined,
): Float64Array {
  const biases = new Float64Array(Number.isSafeInteger(nClasses) && nClasses >= 1 ? nClasses : 0);
  if (marginals === undefined) return biases;
  const { rows, columns, data } = marginals.y;
  if (columns !== nClasses) {
    throw new RangeError(`initBiasTargetMarginals has ${columns} classes, not ${nClasses}`);
  }
  for (const [i, value] of data.entries()) {
    biases[i % columns] = (biases[i % columns] as number) + value / rows;
  }
  const absent = biases.indexOf(0);
  if (absent >= 0)
    throw new RangeError(`initBiasTargetMarginals has no example of class ${absent}`);
  const logs = biases.map(Math.log);
  const mean = logs.reduce((sum, each) => sum + each, 0) / nClasses;
  return logs.map((each) => each - mean);
}

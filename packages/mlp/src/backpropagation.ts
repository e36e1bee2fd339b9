import type { CostPlan } from './cost.ts';
import type { DesignMatrix } from './design-matrix.ts';
import { DropoutMask } from './dropout-mask.ts';
import { type FloatArray, zeros } from './float-array.ts';
import { ForwardPass, type SparseBatch } from './forward-pass.ts';
import { biasGradient } from './kernels/affine.ts';
import { addSparseWeightGradient, touchedColumns } from './kernels/sparse-affine.ts';
import type { Layer } from './layer.ts';
import type { MLP } from './mlp.ts';
import { isOutputLayer, type OutputLayer } from './output-layer.ts';
import { inputGradient, weightGradient } from './products.ts';

/** The rows of the first layer's weights that a sparse batch has to do with. */
export interface TouchedRows {
  /** Row numbers, of which the first `count` count. */
  readonly rows: Uint32Array;
  readonly count: number;
}

/** How gradients are taken. */
interface GradientOptions {
  /** How many examples a batch has at most. */
  readonly capacity: number;
  /** Whether `touched` may stand for a whole gradient; false if not given. */
  readonly rowsSuffice?: boolean;
  /** Whether products may be fused with sums; false if not given. */
  readonly fma?: boolean;
}

/** The gradient of a net's parameters by batches; its buffers are made once. */
export class Backpropagation {
  /** One a parameter, in the net's order; of the batch that was run last. */
  readonly gradients: readonly FloatArray[];
  /**
   * Set by a sparse batch whose gradient is 0 in all other rows of the first layer's weights; there
   * `gradients` then holds anything.
   */
  touched: TouchedRows | undefined;
  readonly #layers: readonly Layer[];
  readonly #output: OutputLayer;
  readonly #plan: CostPlan;
  readonly #pass: ForwardPass;
  readonly #deltas: readonly FloatArray[];
  readonly #weightGradients: readonly FloatArray[];
  readonly #biasGradients: readonly FloatArray[];
  readonly #masks: readonly (DropoutMask | undefined)[];
  readonly #rowsSuffice: boolean;
  readonly #fma: boolean;
  #touchedRows = new Uint32Array(0);
  #marks = new Uint32Array(0);
  #stamp = 0;
  #rows = 0;

  constructor({ layers, nvis, floatX, rng }: MLP, plan: CostPlan, options: GradientOptions) {
    const { capacity, rowsSuffice = false, fma = false } = options;
    const output = layers.at(-1) as Layer;
    if (!isOutputLayer(output)) throw new TypeError(`${output.layerName} has no cost`);
    const { dropout } = plan;
    this.#layers = layers;
    this.#output = output;
    this.#plan = plan;
    this.#fma = fma;
    this.#pass = new ForwardPass(layers, nvis, floatX, capacity, fma);
    this.#deltas = layers.map(({ dim }) => zeros(floatX, capacity * dim));
    this.#weightGradients = layers.map(({ weights }) => zeros(floatX, weights.data.length));
    this.#biasGradients = layers.map(({ biases }) => zeros(floatX, biases.length));
    this.gradients = layers.flatMap(({ parameters, weights }, l) =>
      parameters.map(({ values }) =>
        values === weights.data
          ? (this.#weightGradients[l] as FloatArray)
          : (this.#biasGradients[l] as FloatArray),
      ),
    );
    this.#masks = layers.map((layer) => {
      if (dropout === undefined) return undefined;
      const { includeProb, scale } = dropout.of(layer);
      if (includeProb === 1) return undefined;
      const inputs = layer.weights.rows;
      return new DropoutMask(includeProb, scale, dropout.perExample, inputs, capacity, floatX, rng);
    });
    this.#rowsSuffice =
      rowsSuffice &&
      plan.squares[0] === 0 &&
      plan.sizes[0] === 0 &&
      !(layers[0]?.hasNormLimits ?? false);
  }

  /** Takes in the examples that `order` names from `from` to below `to`, and tells `touched`. */
  load(dataset: DesignMatrix, order: Uint32Array, from: number, to: number): void {
    this.#rows = to - from;
    this.#pass.load(dataset, order, from, to);
    this.touched = undefined;
    if (this.#pass.sparse !== undefined && this.#rowsSuffice) this.#findTouched();
  }

  /** Leaves in `gradients` the mean over the examples that were loaded. */
  run(): void {
    const rows = this.#rows;
    this.#forward(rows);
    this.#back(rows);
    this.#addDecays();
  }

  #forward(rows: number): void {
    const pass = this.#pass;
    for (let l = 0; l < this.#layers.length; l++) {
      pass.affine(l, this.#inputOf(l, rows), rows);
      pass.activate(l, rows);
    }
  }

  /** What goes into a layer, masked anew when it has a mask. */
  #inputOf(l: number, rows: number): FloatArray {
    const x = this.#stateBelow(l);
    const mask = this.#masks[l];
    if (mask === undefined) return x;
    if (l === 0 && this.#pass.sparse !== undefined) {
      throw new TypeError(
        `Dropout cannot mask sparse examples: set the include probability of ${this.#layers[0]?.layerName} to 1`,
      );
    }
    return mask.apply(x, rows);
  }

  #stateBelow(l: number): FloatArray {
    return l === 0 ? this.#pass.input : (this.#pass.outputs[l - 1] as FloatArray);
  }

  #back(rows: number): void {
    const { outputs, targets, sparse } = this.#pass;
    const last = this.#layers.length - 1;
    const { coeff } = this.#plan;
    const top = this.#deltas[last] as FloatArray;
    this.#output.costGradient(outputs[last] as FloatArray, targets, top, rows);
    if (coeff !== 1) for (let i = 0; i < top.length; i++) top[i] = (top[i] as number) * coeff;
    for (let l = last; l >= 0; l--) {
      const { weights, biases, dim } = this.#layers[l] as Layer;
      const delta = this.#deltas[l] as FloatArray;
      if (biases.length > 0) biasGradient(delta, this.#biasGradients[l] as FloatArray, rows, dim);
      if (l === 0 && sparse !== undefined) {
        this.#sparseWeightGradient(delta);
        continue;
      }
      const mask = this.#masks[l];
      const x = mask?.masked ?? this.#stateBelow(l);
      const gradient = this.#weightGradients[l] as FloatArray;
      weightGradient(x, delta, gradient, rows, weights.rows, dim, this.#fma);
      if (l === 0) continue;
      const below = this.#deltas[l - 1] as FloatArray;
      inputGradient(delta, weights.data, below, rows, weights.rows, dim, this.#fma);
      mask?.applyBack(below, rows);
      (this.#layers[l - 1] as Layer).activateBack(outputs[l - 1] as FloatArray, below, rows);
    }
  }

  #findTouched(): void {
    const { dataset, order, from, to } = this.#pass.sparse as SparseBatch;
    if (this.#marks.length < dataset.features) {
      this.#marks = new Uint32Array(dataset.features);
      this.#touchedRows = new Uint32Array(dataset.features);
    }
    if (this.#stamp === 0xffff_ffff) {
      this.#marks.fill(0);
      this.#stamp = 0;
    }
    this.#stamp++;
    const [rows, marks] = [this.#touchedRows, this.#marks];
    const count = touchedColumns(dataset.X, order, from, to, rows, marks, this.#stamp);
    this.touched = { rows, count };
  }

  #sparseWeightGradient(delta: FloatArray): void {
    const { dataset, order, from, to } = this.#pass.sparse as SparseBatch;
    const { dim } = this.#layers[0] as Layer;
    const gradient = this.#weightGradients[0] as FloatArray;
    if (this.touched === undefined) gradient.fill(0);
    else {
      const { rows, count } = this.touched;
      for (let i = 0; i < count; i++) {
        const start = (rows[i] as number) * dim;
        for (let at = start; at < start + dim; at++) gradient[at] = 0;
      }
    }
    addSparseWeightGradient(dataset.X, order, from, to, delta, gradient, dim);
  }

  /** Gradients of what weights cost by themselves. */
  #addDecays(): void {
    for (let l = 0; l < this.#layers.length; l++) {
      const square = this.#plan.squares[l] as number;
      const size = this.#plan.sizes[l] as number;
      if (square === 0 && size === 0) continue;
      const { data } = (this.#layers[l] as Layer).weights;
      const gradient = this.#weightGradients[l] as FloatArray;
      for (let i = 0; i < gradient.length; i++) {
        const weight = data[i] as number;
        gradient[i] = (gradient[i] as number) + (2 * square * weight + size * Math.sign(weight));
      }
    }
  }
}

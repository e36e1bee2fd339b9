import type { DesignMatrix } from './design-matrix.ts';
import { type FloatArray, type FloatX, zeros } from './float-array.ts';
import { gatherRows } from './kernels/gather.ts';
import { sparseAffine } from './kernels/sparse-affine.ts';
import type { Layer } from './layer.ts';
import { affine } from './products.ts';
import { SparseDesignMatrix } from './sparse-design-matrix.ts';

/** The rows of a sparse batch: those that `order` names from `from` to below `to`. */
export interface SparseBatch {
  readonly dataset: SparseDesignMatrix;
  readonly order: Uint32Array;
  readonly from: number;
  readonly to: number;
}

const none = new Float64Array(0);

/** The buffers of a batch on its way through the layers of a net; made once, used for each batch. */
export class ForwardPass {
  readonly layers: readonly Layer[];
  /** How many rows fit. */
  readonly capacity: number;
  /** capacity × the last layer's outputs. */
  readonly targets: FloatArray;
  /** Of each layer capacity × its outputs. */
  readonly outputs: readonly FloatArray[];
  sparse: SparseBatch | undefined;
  readonly #nvis: number;
  readonly #floatX: FloatX;
  readonly #targetDim: number;
  readonly #fma: boolean;
  #input: FloatArray | undefined;

  constructor(
    layers: readonly Layer[],
    nvis: number,
    floatX: FloatX,
    capacity: number,
    fma = false,
  ) {
    this.layers = layers;
    this.capacity = capacity;
    this.#nvis = nvis;
    this.#targetDim = layers.at(-1)?.dim ?? 0;
    this.#floatX = floatX;
    this.#fma = fma;
    this.targets = zeros(floatX, capacity * this.#targetDim);
    this.outputs = layers.map(({ dim }) => zeros(floatX, capacity * dim));
  }

  /** capacity × the net's inputs; empty while a batch is sparse, whose inputs can be very many. */
  get input(): FloatArray {
    if (this.sparse !== undefined) return none;
    this.#input ??= zeros(this.#floatX, this.capacity * this.#nvis);
    return this.#input;
  }

  /** Takes in the examples that `order` names from `from` to below `to`, at most `capacity`. */
  load(dataset: DesignMatrix, order: Uint32Array, from: number, to: number): void {
    if (dataset instanceof SparseDesignMatrix) {
      this.sparse = { dataset, order, from, to };
    } else {
      this.sparse = undefined;
      gatherRows(dataset.X.data, order, from, to, this.#nvis, this.input);
    }
    gatherRows(dataset.y.data, order, from, to, this.#targetDim, this.targets);
  }

  /** Fills `outputs` of all layers but the last, and z of the last one. */
  run(rows: number): void {
    const last = this.layers.length - 1;
    for (let l = 0; l <= last; l++) {
      this.affine(l, l === 0 ? this.input : (this.outputs[l - 1] as FloatArray), rows);
      if (l < last) this.activate(l, rows);
    }
  }

  /** Turns z of a layer into its outputs. */
  activate(l: number, rows: number): void {
    (this.layers[l] as Layer).activate(this.outputs[l] as FloatArray, rows);
  }

  /** Leaves z of a layer in its outputs. */
  affine(l: number, x: FloatArray, rows: number): void {
    const { weights, biases, dim } = this.layers[l] as Layer;
    const z = this.outputs[l] as FloatArray;
    if (l === 0 && this.sparse !== undefined) {
      const { dataset, order, from, to } = this.sparse;
      sparseAffine(dataset.X, order, from, to, weights.data, biases, z, dim);
    } else {
      affine(x, weights.data, biases, z, rows, weights.rows, dim, this.#fma);
    }
  }
}

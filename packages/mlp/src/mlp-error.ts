/** What went wrong while a net was trained. Wrong arguments are a `TypeError` or a `RangeError`. */
export class MlpError extends Error {
  override readonly name: string = 'MlpError';
}

/** Where a net blew up. */
export interface Divergence {
  /** Which parameter, such as `hidden_W`. */
  readonly parameter: string;
  /** The layer's name, such as `hidden`. */
  readonly layer: string;
  /** How many epochs had been trained when it was noticed, the one that did it included. */
  readonly epoch: number;
  /** NaN or an infinity. */
  readonly value: number;
}

/** A parameter became NaN or infinite: Pylearn2's RuntimeError "NaN in …". */
export class DivergenceError extends MlpError implements Divergence {
  override readonly name = 'DivergenceError';
  readonly code = 'not-finite';
  readonly parameter: string;
  readonly layer: string;
  readonly epoch: number;
  readonly value: number;

  constructor({ parameter, layer, epoch, value }: Divergence, cause: string) {
    super(`${value} in ${parameter} of layer ${layer} after epoch ${epoch}: ${cause}`);
    this.parameter = parameter;
    this.layer = layer;
    this.epoch = epoch;
    this.value = value;
  }
}

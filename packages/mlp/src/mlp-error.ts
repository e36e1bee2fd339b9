/** What went wrong while a net was trained. Wrong arguments are a `TypeError` or a `RangeError`. */
export class MlpError extends Error {
  override readonly name: string = 'MlpError';
}

/** A parameter became NaN or infinite: Pylearn2's RuntimeError "NaN in …". */
export class DivergenceError extends MlpError {
  override readonly name = 'DivergenceError';
  readonly code = 'not-finite';
  /** Which one, such as `hidden_W`. */
  readonly parameter: string;

  constructor(parameter: string) {
    super(`NaN or infinity in ${parameter}: lower the learning rate, or scale the data`);
    this.parameter = parameter;
  }
}

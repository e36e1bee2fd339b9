/** Why linear algebra could not go on. Codes are stable; messages may be reworded. */
export type LinalgErrorCode =
  | 'memory-exhausted'
  | 'not-positive-definite'
  | 'singular'
  | 'no-convergence';

/**
 * What right arguments could still not be given: see `code`.
 *
 * Wrong arguments are not of this kind: they throw `TypeError` or `RangeError` before any work.
 * What was passed in is unchanged when one of these is thrown, unless the function says otherwise.
 */
export class LinalgError extends Error {
  override readonly name = 'LinalgError';
  readonly code: LinalgErrorCode;
  /** The row at which it failed, counted from 0, where there is one. */
  readonly row: number | undefined;

  constructor(code: LinalgErrorCode, message: string, options?: ErrorOptions & { row?: number }) {
    super(message, options);
    this.code = code;
    this.row = options?.row;
  }
}

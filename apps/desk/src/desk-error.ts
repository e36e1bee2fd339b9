/** What went wrong, in the terms of the exit codes. */
export type DeskErrorCode = 'usage' | 'data' | 'condition' | 'unreachable';

/**
 * Something the user can understand and, as a rule, mend.
 *
 * The message says what is wrong and where, `mend` what to do about it. Anything else that is
 * thrown is a fault of the program.
 */
export class DeskError extends Error {
  override readonly name = 'DeskError';
  readonly code: DeskErrorCode;
  readonly mend: string | undefined;

  constructor(code: DeskErrorCode, message: string, mend?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.mend = mend;
  }
}

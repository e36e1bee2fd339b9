import { PortfolioError } from './portfolio-error.ts';

/** Why prices could not be brought together. Codes are stable; messages may be reworded. */
export type AlignmentErrorCode = 'unknown-symbol' | 'mixed-currencies' | 'too-few-days';

/** Chosen symbols whose prices cannot be compared day by day. */
export class AlignmentError extends PortfolioError {
  override readonly name = 'AlignmentError';
  readonly code: AlignmentErrorCode;
  /** The symbols at fault. */
  readonly symbols: readonly string[];

  constructor(code: AlignmentErrorCode, symbols: readonly string[], detail: string) {
    super(detail);
    this.code = code;
    this.symbols = symbols;
  }
}

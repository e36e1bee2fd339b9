import { PortfolioError } from './portfolio-error.ts';

/** Why a price file was refused. Codes are stable; messages may be reworded. */
export type PriceFileErrorCode =
  | 'empty-file'
  | 'not-text'
  | 'missing-header'
  | 'no-prices'
  | 'missing-symbol'
  | 'duplicate-symbol'
  | 'ragged-row'
  | 'broken-quotes'
  | 'unreadable-date'
  | 'not-a-number'
  | 'not-positive'
  | 'duplicate-price'
  | 'mixed-currencies'
  | 'mixed-adjustment';

/** Where in which file. */
export interface FilePlace {
  readonly file: string | undefined;
  readonly line: number;
}

/**
 * A price file that cannot be read; its message says where, what, and how to mend it.
 *
 * Nothing of the file has been kept. Only the first fault is reported.
 */
export class PriceFileError extends PortfolioError {
  override readonly name = 'PriceFileError';
  readonly code: PriceFileErrorCode;
  /** Counted as an editor counts: the header is line 1. Of a row over several lines, the last. */
  readonly line: number;
  /** The name the reader was given, if any. */
  readonly file: string | undefined;

  constructor(code: PriceFileErrorCode, { file, line }: FilePlace, detail: string) {
    super(`${file === undefined ? '' : `${file}, `}line ${line}: ${detail}`);
    this.code = code;
    this.line = line;
    this.file = file;
  }
}

import { MlpError } from './mlp-error.ts';

/** A configuration that cannot be followed, and the place of it. */
export class YamlError extends MlpError {
  override readonly name = 'YamlError';
  readonly code = 'yaml';
  /** Counted as an editor counts, from 1. */
  readonly line: number;
  readonly column: number;

  constructor(line: number, column: number, detail: string, options?: ErrorOptions) {
    super(`line ${line}, column ${column}: ${detail}`, options);
    this.line = line;
    this.column = column;
  }
}

import type { Matrix, MatrixLike } from '@holdfast/linalg';
import { asMatrix } from '@holdfast/linalg';
import { DenseDesignMatrix } from './dense-design-matrix.ts';
import { type NumberTableOptions, parseNumberTable } from './number-table.ts';
import { RandomState } from './random-state.ts';
import { StandardScaler } from './standard-scaler.ts';

/** Pylearn2's `Standardize`: centres, and divides by the deviation plus a little. */
export class Standardize {
  readonly #stdEps: number;
  readonly #scaler = new StandardScaler();

  constructor({ stdEps = 1e-4 }: { readonly stdEps?: number } = {}) {
    if (!(stdEps >= 0)) throw new RangeError(`std_eps must be at least 0, not ${stdEps}`);
    this.#stdEps = stdEps;
  }

  /** Scales rows; learns from them first if it may. */
  apply(rows: MatrixLike, canFit: boolean): Matrix {
    const X = asMatrix(rows);
    if (canFit) this.#scaler.fit(X);
    const { mean, scale } = this.#scaler;
    const data = X.data.map((value, i) => {
      const j = i % X.columns;
      return (value - (mean[j] as number)) / (this.#stdEps + (scale[j] as number));
    });
    return { ...X, data };
  }
}

/** How examples in a configuration are scaled. */
interface PreprocessOptions {
  readonly preprocessor?: Standardize;
  /** Whether the preprocessor learns from these rows; else it must have learnt from others. */
  readonly fitPreprocessor?: boolean;
}

/** What a `DenseDesignMatrix` of a configuration is made from. */
export interface YamlMatrixOptions extends PreprocessOptions {
  readonly X: MatrixLike;
  readonly y: MatrixLike | readonly number[];
  readonly yLabels?: number;
}

/** What a `CSVDataset` is made from. */
export interface CsvDatasetOptions extends NumberTableOptions, PreprocessOptions {
  readonly path: string;
  /** 'classification' if not given. */
  readonly task?: 'classification' | 'regression';
  /** How many columns are targets; 1 if not given. */
  readonly numOutputs?: number;
  /** The first of them, from 0, or from −1 backwards; 0 if not given. */
  readonly labelColumn?: number;
  /** The first row, from 0, and the one after the last. */
  readonly start?: number;
  readonly stop?: number;
  /** The share of rows from the start, or from the end. */
  readonly startFraction?: number;
  readonly endFraction?: number;
}

/** Where the rows of a configuration's files come from, and in which order they are taken. */
export interface RowSource {
  readonly readText: ((path: string) => string) | undefined;
  readonly shuffleSeed: number | undefined;
}

/** A matrix of rows that are written in the configuration. */
export function matrixDataset({
  X,
  preprocessor,
  fitPreprocessor,
  ...targets
}: YamlMatrixOptions): DenseDesignMatrix {
  return new DenseDesignMatrix({ X: scaled(X, { preprocessor, fitPreprocessor }), ...targets });
}

/** Pylearn2's `CSVDataset`; classes are the whole numbers from 0 to the greatest in the file. */
export function csvDataset(options: CsvDatasetOptions, source: RowSource): DenseDesignMatrix {
  const { path, task = 'classification', numOutputs = 1, labelColumn = 0, ...rest } = options;
  if (source.readText === undefined) throw new TypeError('there are no files here to read from');
  // As there, the first line holds names unless told otherwise.
  const table = parseNumberTable(source.readText(path), { expectHeaders: true, ...rest });
  const rows = inOrderOf(source, table);
  const width = rows[0]?.length ?? 0;
  const first = labelColumn < 0 ? width + labelColumn : labelColumn;
  if (!(first >= 0 && first + numOutputs <= width)) {
    throw new RangeError(`${path} has ${width} columns, so label_column cannot be ${labelColumn}`);
  }
  const labels = table.map((row) => row[first] as number);
  const taken = rows.slice(...sliceOf(rows.length, options));
  if (taken.length === 0) throw new RangeError(`no row of ${path} is taken`);
  const X = taken.map((row) => row.toSpliced(first, numOutputs));
  const y = taken.map((row) => row.slice(first, first + numOutputs));
  if (task === 'regression') return new DenseDesignMatrix({ X: scaled(X, rest), y });
  if (task !== 'classification' || numOutputs !== 1) {
    throw new TypeError('task is regression, or classification with one output');
  }
  const yLabels = labels.reduce((most, each) => Math.max(most, Math.floor(each)), 0) + 1;
  return new DenseDesignMatrix({ X: scaled(X, rest), y: y.flat(), yLabels });
}

function inOrderOf({ shuffleSeed }: RowSource, table: number[][]): number[][] {
  if (shuffleSeed === undefined) return table;
  const order = new RandomState(shuffleSeed).permutation(table.length);
  return [...order].map((row) => table[row] as number[]);
}

function sliceOf(size: number, options: CsvDatasetOptions): [from: number, to: number] {
  const { start, stop, startFraction, endFraction } = options;
  for (const [name, value] of Object.entries({
    start_fraction: startFraction,
    end_fraction: endFraction,
  })) {
    if (value === undefined || (value > 0 && value < 1)) continue;
    throw new RangeError(`${name} must be between 0 and 1, not ${value}`);
  }
  const given = [start ?? stop, startFraction, endFraction].filter((each) => each !== undefined);
  if (given.length > 1) {
    throw new TypeError('give start and stop, or start_fraction, or end_fraction');
  }
  if (startFraction !== undefined) return [0, Math.floor(startFraction * size)];
  if (endFraction !== undefined) return [Math.floor((1 - endFraction) * size), size];
  return [start ?? 0, stop ?? size];
}

function scaled(
  X: MatrixLike,
  {
    preprocessor,
    fitPreprocessor = false,
  }: { readonly [K in keyof PreprocessOptions]: PreprocessOptions[K] | undefined },
): MatrixLike {
  return preprocessor === undefined ? X : preprocessor.apply(X, fitPreprocessor);
}

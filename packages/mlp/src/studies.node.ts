import { DenseDesignMatrix } from './dense-design-matrix.ts';
import { RandomState } from './random-state.ts';
import { type Figures, type Study, studyOf } from './study.ts';
import { inWorkers, type WorkerOptions } from './worker-pool.node.ts';

/** What a recipe for `studySeeds` is given. */
export interface SeedJob<Argument = unknown> {
  readonly seed: number;
  readonly argument: Argument;
}

/** What a recipe for `crossValidate` is given. */
export interface FoldJob<Argument = unknown> {
  /** From 0 on. */
  readonly fold: number;
  /** All examples but those of the fold, and those of the fold. */
  readonly train: DenseDesignMatrix;
  readonly valid: DenseDesignMatrix;
  readonly argument: Argument;
}

/** Trains once, and tells what came of it. */
export type SeedRecipe<Argument = unknown> = (job: SeedJob<Argument>) => Figures | Promise<Figures>;
export type FoldRecipe<Argument = unknown> = (job: FoldJob<Argument>) => Figures | Promise<Figures>;

/** How a recipe is tried on several seeds. */
export interface StudySeedsOptions extends WorkerOptions {
  /** Which seeds, or how many of them from 0 on. */
  readonly seeds: number | readonly number[];
  /** Passed on to each training; has to be plain data. */
  readonly argument?: unknown;
}

/**
 * Trains by one recipe with several seeds, in threads.
 *
 * @param recipe a module whose default export is a `SeedRecipe`
 * @example
 * const study = await studySeeds(new URL('./recipe.ts', import.meta.url), { seeds: 100 });
 * study.summary.misclass.mean;
 */
export async function studySeeds(recipe: URL, options: StudySeedsOptions): Promise<Study> {
  const { seeds, argument, ...rest } = options;
  const all = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i) : seeds;
  const jobs = all.map((seed) => ({ seed, argument }));
  return studyOf(await inWorkers<SeedJob, Figures>(recipe, jobs, rest));
}

/** How a recipe is cross-validated. */
export interface CrossValidateOptions extends WorkerOptions {
  readonly dataset: DenseDesignMatrix;
  /** Into how many parts of the same size, give or take one, the examples are divided. */
  readonly folds: number;
  /** What the order of the examples is drawn from; 0 if not given. */
  readonly seed?: number;
  /** Passed on to each training; has to be plain data. */
  readonly argument?: unknown;
}

/**
 * Trains once for each fold, on all examples but those of the fold, in threads.
 *
 * @param recipe a module whose default export is a `FoldRecipe`
 * @throws {RangeError} when there are fewer than two folds, or fewer examples than folds
 */
export async function crossValidate(recipe: URL, options: CrossValidateOptions): Promise<Study> {
  const { dataset, folds, seed = 0, argument, ...rest } = options;
  if (!(Number.isSafeInteger(folds) && folds >= 2 && folds <= dataset.size)) {
    throw new RangeError(`${dataset.size} examples cannot be divided into ${folds} folds`);
  }
  const order = new RandomState(seed).permutation(dataset.size);
  const jobs = Array.from({ length: folds }, (_, fold): SentFold => {
    const from = Math.floor((fold * dataset.size) / folds);
    const to = Math.floor(((fold + 1) * dataset.size) / folds);
    const others = [...order.subarray(0, from), ...order.subarray(to)];
    const { X, y } = dataset;
    const rows = { train: Uint32Array.from(others), valid: order.slice(from, to) };
    return { fold, argument, dataset: { X, y }, rows };
  });
  return studyOf(await inWorkers<SentFold, Figures>(recipe, jobs, rest));
}

/** A `FoldJob` as it goes to another thread, where `receivedJob` makes it whole. */
interface SentFold {
  readonly fold: number;
  readonly argument: unknown;
  readonly dataset: Pick<DenseDesignMatrix, 'X' | 'y'>;
  readonly rows: { readonly train: Uint32Array; readonly valid: Uint32Array };
}

/** Makes a job whole that came from `crossValidate`; others are given back as they are. */
export function receivedJob(job: object): object {
  if (!('rows' in job && 'dataset' in job)) return job;
  const { dataset, rows, ...rest } = job as SentFold;
  const all = new DenseDesignMatrix(dataset);
  return { ...rest, train: all.take(rows.train), valid: all.take(rows.valid) };
}

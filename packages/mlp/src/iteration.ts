import { inOrder } from './in-order.ts';
import type { RandomState } from './random-state.ts';

const modes = [
  'sequential',
  'shuffled_sequential',
  'random_slice',
  'random_uniform',
  'batchwise_shuffled_sequential',
  'even_sequential',
  'even_shuffled_sequential',
  'even_batchwise_shuffled_sequential',
] as const;

/**
 * In which order examples come: Pylearn2's names.
 *
 * `sequential` in order; `shuffled_sequential` in an order drawn anew for each pass;
 * `batchwise_shuffled_sequential` in batches of neighbours, these in a random order; `random_slice`
 * batches of neighbours from anywhere; `random_uniform` each from anywhere, with replacement. The
 * `even_` ones leave out what does not fill a batch.
 */
export type IterationMode = (typeof modes)[number];

/** How to go through examples once. */
export interface IterationOptions {
  /** 'sequential' if not given. */
  readonly mode?: IterationMode;
  readonly batchSize: number;
  /** How many batches; all that there are if not given, which random ones cannot tell. */
  readonly numBatches?: number | undefined;
  /** What random orders are drawn from. */
  readonly rng?: RandomState;
}

/** Examples in order, and where each batch of them ends. */
export interface BatchPlan {
  readonly order: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * Draws the order of one pass over `size` examples.
 *
 * @throws {RangeError} when there are fewer batches than asked for, or no examples for a slice
 * @throws {TypeError} when the mode is none, or lacks its number of batches or its random numbers
 */
export function batchPlan(size: number, options: IterationOptions): BatchPlan {
  const { mode = 'sequential', batchSize, numBatches, rng } = options;
  checkMode(mode);
  if (!(Number.isSafeInteger(batchSize) && batchSize >= 1)) {
    throw new RangeError(`batchSize must be a whole number above 0, not ${batchSize}`);
  }
  if (mode === 'random_slice' || mode === 'random_uniform') {
    if (numBatches === undefined) throw new TypeError(`${mode} needs a number of batches`);
    return randomPlan(mode, size, batchSize, numBatches, randomNumbers(mode, rng));
  }
  const whole = mode.startsWith('even_')
    ? Math.floor(size / batchSize)
    : Math.ceil(size / batchSize);
  if (numBatches !== undefined && numBatches > whole) {
    throw new RangeError(
      `${size} examples give ${whole} batches of ${batchSize}, not ${numBatches}`,
    );
  }
  const batches = numBatches ?? whole;
  const ends = new Uint32Array(batches);
  for (let i = 0; i < batches; i++) ends[i] = Math.min(size, (i + 1) * batchSize);
  const order = inOrder(size);
  if (mode.endsWith('batchwise_shuffled_sequential')) {
    return batchwise(order, ends, randomNumbers(mode, rng));
  }
  if (mode.endsWith('shuffled_sequential')) randomNumbers(mode, rng).shuffle(order);
  return { order, ends };
}

/** Refuses what is no mode of iteration, and names those there are. */
export function checkMode(mode: string): asserts mode is IterationMode {
  if ((modes as readonly string[]).includes(mode)) return;
  throw new TypeError(`there is no mode of iteration "${mode}"; there are ${modes.join(', ')}`);
}

/** Whether two passes may differ. */
export function isStochastic(mode: IterationMode): boolean {
  return mode !== 'sequential' && mode !== 'even_sequential';
}

function batchwise(order: Uint32Array, ends: Uint32Array, rng: RandomState): BatchPlan {
  const which = Uint32Array.from(ends, (_, i) => i);
  rng.shuffle(which);
  const shuffled = new Uint32Array(ends.at(-1) ?? 0);
  let at = 0;
  const shuffledEnds = which.map((batch) => {
    const neighbours = order.subarray(batch === 0 ? 0 : ends[batch - 1], ends[batch]);
    shuffled.set(neighbours, at);
    at += neighbours.length;
    return at;
  });
  return { order: shuffled, ends: shuffledEnds };
}

function randomPlan(
  mode: 'random_slice' | 'random_uniform',
  size: number,
  batchSize: number,
  numBatches: number,
  rng: RandomState,
): BatchPlan {
  if (mode === 'random_slice' && batchSize > size) {
    throw new RangeError(`a slice of ${batchSize} does not fit into ${size} examples`);
  }
  const order = new Uint32Array(numBatches * batchSize);
  for (let at = 0; at < order.length; at += batchSize) {
    const start = mode === 'random_slice' ? rng.randint(0, size - batchSize + 1) : 0;
    for (let i = 0; i < batchSize; i++) {
      order[at + i] = mode === 'random_slice' ? start + i : rng.randint(0, size);
    }
  }
  const ends = Uint32Array.from({ length: numBatches }, (_, i) => (i + 1) * batchSize);
  return { order, ends };
}

function randomNumbers(mode: IterationMode, rng: RandomState | undefined): RandomState {
  if (rng === undefined) throw new TypeError(`${mode} needs random numbers: give rng`);
  return rng;
}

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Does a thing once and gives the milliseconds it took. */
export type Contestant = () => number | Promise<number>;

/** What one contestant took in each round, in milliseconds. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

/**
 * Clears away what one contestant left, so that the next one does not have to. Only young garbage:
 * a full collection forgets what the compiler has learned as well.
 */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
  return () => collect({ type: 'minor' });
})();

const never = Symbol('what no work gives');

/** Times what `work` does; its result is looked at, so that none of it can be left out. */
export function timed(work: () => unknown): Contestant {
  return async () => {
    collectGarbage();
    const began = performance.now();
    const result = await work();
    const took = performance.now() - began;
    if (result === never) throw new Error('this cannot be');
    return took;
  };
}

/** Lets each contestant go once a round, one after the other, after some rounds to warm up. */
export async function hold(
  contestants: ReadonlyMap<string, Contestant>,
  rounds: number,
  warmUp = 8,
): Promise<Rounds> {
  const taken = new Map<string, number[]>();
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, contestant] of contestants) {
      const took = await contestant();
      if (round >= 0) taken.set(name, [...(taken.get(name) ?? []), took]);
    }
  }
  return taken;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

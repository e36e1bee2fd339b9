/** Does a thing once and gives the milliseconds it took, if it timed itself. */
export type Contestant = () => number | Promise<number>;

/** What one contestant took in each round, in milliseconds. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

const never = Symbol('what no work gives');

/** Times what `work` does; its result is looked at, so that none of it can be left out. */
export function timed(work: () => unknown): Contestant {
  return async () => {
    const began = performance.now();
    const result = await work();
    const took = performance.now() - began;
    if (result === never) throw new Error('this cannot be');
    return took;
  };
}

/** Lets each contestant go once to warm up (twice) and then once a round, one after the other. */
export async function hold(
  contestants: ReadonlyMap<string, Contestant>,
  rounds: number,
): Promise<Rounds> {
  const taken = new Map<string, number[]>();
  for (let round = -2; round < rounds; round++) {
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

/** Two ways of doing the same, in turns, so that both meet the same machine. */

/** What one side did in each round. */
interface Side {
  /** Units a second. */
  readonly rates: readonly number[];
  /** Microseconds of this process's processor time for a unit. */
  readonly cpu: readonly number[];
}

/** The bare driver and the proxy, round by round; the name tells the unit. */
export interface Comparison {
  readonly name: string;
  readonly bare: Side;
  readonly proxy: Side;
}

/** Does a piece of work; resolves to how many units it was. */
type Slice = () => Promise<number>;

/**
 * Compares two slices of work over `rounds` rounds of so many `turns`.
 *
 * A turn is bare, proxy, proxy, bare, and the next one proxy, bare, bare, proxy: what becomes
 * slower or faster meanwhile weighs on both alike, and the more so the shorter the slices are.
 */
export async function compare(
  name: string,
  { rounds, turns }: { readonly rounds: number; readonly turns: number },
  slices: { readonly bare: Slice; readonly proxy: Slice },
): Promise<Comparison> {
  const sides = {
    bare: { rates: [] as number[], cpu: [] as number[] },
    proxy: { rates: [] as number[], cpu: [] as number[] },
  };
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    const sums = { bare: new Sum(), proxy: new Sum() };
    for (let turn = 0; turn < turns; turn++) {
      const [outer, inner] =
        (round + turn) % 2 === 0 ? (['bare', 'proxy'] as const) : (['proxy', 'bare'] as const);
      for (const side of [outer, inner, inner, outer]) await sums[side].add(slices[side]);
    }
    if (round === 0) continue;
    for (const side of ['bare', 'proxy'] as const) {
      sides[side].rates.push(sums[side].rate);
      sides[side].cpu.push(sums[side].cpu);
    }
  }
  return { name, ...sides };
}

class Sum {
  #units = 0;
  #milliseconds = 0;
  #cpuMicroseconds = 0;

  async add(slice: Slice): Promise<void> {
    const begun = performance.now();
    const before = process.cpuUsage();
    this.#units += await slice();
    const { user, system } = process.cpuUsage(before);
    this.#milliseconds += performance.now() - begun;
    this.#cpuMicroseconds += user + system;
  }

  get rate(): number {
    return (this.#units * 1000) / this.#milliseconds;
  }

  get cpu(): number {
    return this.#cpuMicroseconds / this.#units;
  }
}

/** Calls at a concurrency, for some milliseconds; the units are calls. */
export function callsFor(
  milliseconds: number,
  concurrency: number,
  call: () => Promise<unknown>,
): Slice {
  return async () => {
    const begun = performance.now();
    let calls = 0;
    const worker = async (): Promise<void> => {
      while (performance.now() - begun < milliseconds) {
        await call();
        calls += 1;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return calls;
  };
}

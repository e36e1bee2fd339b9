/** Two ways of doing the same, in turns, so that both meet the same machine. */

/** Rates of the bare driver and through the proxy, round by round, in the unit that the name tells. */
export interface Comparison {
  readonly name: string;
  readonly bare: readonly number[];
  readonly proxy: readonly number[];
}

/** Does its work for a while; resolves to how many units of it a second brought. */
type Slice = () => Promise<number>;

/**
 * Compares two slices of work over `rounds` rounds.
 *
 * A round is bare, proxy, proxy, bare, and the next one proxy, bare, bare, proxy: what becomes
 * slower or faster meanwhile weighs on both alike. A round's rate is the mean of its two slices.
 */
export async function compare(
  name: string,
  rounds: number,
  slices: { readonly bare: Slice; readonly proxy: Slice },
): Promise<Comparison> {
  const { bare, proxy } = slices;
  for (const warmUp of [bare, proxy, bare, proxy]) await warmUp();
  const rates: { bare: number[]; proxy: number[] } = { bare: [], proxy: [] };
  for (let round = 0; round < rounds; round++) {
    const [outer, inner] =
      round % 2 === 0 ? (['bare', 'proxy'] as const) : (['proxy', 'bare'] as const);
    const sums = { bare: 0, proxy: 0 };
    for (const side of [outer, inner, inner, outer]) sums[side] += await slices[side]();
    rates.bare.push(sums.bare / 2);
    rates.proxy.push(sums.proxy / 2);
  }
  return { name, ...rates };
}

/** Calls at a concurrency, for some milliseconds; the slice tells calls a second. */
export function callsASecond(
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
    return (calls * 1000) / (performance.now() - begun);
  };
}

/** One piece of work of known size; the slice tells units a second. */
export function unitsASecond(units: number, work: () => Promise<unknown>): Slice {
  return async () => {
    const begun = performance.now();
    await work();
    return (units * 1000) / (performance.now() - begun);
  };
}

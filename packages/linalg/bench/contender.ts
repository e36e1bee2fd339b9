/** What takes part in a comparison. */
export interface Contender {
  readonly name: string;
  /** Does the work so many times; gives the milliseconds of processor time that one took. */
  time(repeats: number): Promise<number> | number;
}

/** Work of this process. */
export function ours(name: string, work: () => void): Contender {
  return {
    name,
    time(repeats) {
      const begun = threadMilliseconds();
      for (let i = 0; i < repeats; i++) work();
      return (threadMilliseconds() - begun) / repeats;
    },
  };
}

/** Processor time of this thread, which other programs on the machine disturb less than the clock's. */
function threadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Times of one contender, in milliseconds, a round each. */
interface Times {
  readonly name: string;
  readonly rounds: readonly number[];
}

/** A figure: the same work by each, ours first. */
export interface Comparison {
  readonly figure: string;
  /** Floating-point operations of the work, where they tell something. */
  readonly operations?: number;
  readonly times: readonly Times[];
}

// The processor's time is told in steps of some milliseconds.
const leastMilliseconds = 80;

/** Lets the contenders work in turn, round by round, each for some time. */
export async function compare(
  figure: string,
  contenders: readonly Contender[],
  rounds: number,
  operations?: number,
): Promise<Comparison> {
  const sides = [];
  for (const contender of contenders) {
    const repeats = await repeatsFor(contender);
    sides.push({ contender, repeats, taken: [] as number[] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { contender, repeats, taken } of sides) taken.push(await contender.time(repeats));
  }
  const times = sides.map(({ contender, taken }) => ({ name: contender.name, rounds: taken }));
  return operations === undefined ? { figure, times } : { figure, operations, times };
}

/** How often the work has to be done to take long enough, by the clock. */
async function repeatsFor(contender: Contender): Promise<number> {
  for (let repeats = 1; ; repeats *= 2) {
    const begun = performance.now();
    await contender.time(repeats);
    const taken = performance.now() - begun;
    if (taken >= leastMilliseconds) return repeats;
  }
}

/** The middle one; of an even number the higher of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The figures of one training, by name. */
export type Figures = Readonly<Record<string, number>>;

/** How a figure is spread over several trainings. */
export interface Spread {
  readonly mean: number;
  /** The standard deviation of single trainings (n − 1). */
  readonly sd: number;
  /** The standard error of the mean: sd/√n. */
  readonly se: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Several trainings of one recipe. */
export interface Study {
  /** The figures of each, in the order of the seeds or folds. */
  readonly trainings: readonly Figures[];
  /** Each figure over all of them. */
  readonly summary: Readonly<Record<string, Spread>>;
}

/** Sums up trainings; figures that one of them has not are left out. */
export function studyOf(trainings: readonly Figures[]): Study {
  const names = Object.keys(trainings[0] ?? {}).filter((name) =>
    trainings.every((figures) => figures[name] !== undefined),
  );
  const summary = Object.fromEntries(
    names.map((name) => [name, spreadOf(trainings.map((figures) => figures[name] as number))]),
  );
  return { trainings, summary };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const mean = sorted.reduce((sum, each) => sum + each, 0) / n;
  const square = sorted.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const sd = n > 1 ? Math.sqrt(square / (n - 1)) : 0;
  const middle = ((sorted[(n - 1) >> 1] as number) + (sorted[n >> 1] as number)) / 2;
  return {
    ...{ mean, sd, se: sd / Math.sqrt(n) },
    ...{ min: sorted[0] as number, median: middle, max: sorted.at(-1) as number },
  };
}

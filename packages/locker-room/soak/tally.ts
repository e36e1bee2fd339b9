/** What a soak counted and found. */

/** A promise that was broken, how often, and the first cases. */
export interface Finding {
  readonly promise: string;
  times: number;
  readonly cases: string[];
}

const casesKept = 10;

/** Counts that may be added up over runs, and findings. */
export class Tally {
  readonly counts: Record<string, number> = {};
  readonly #findings = new Map<string, Finding>();

  /** Adds to a count; by 0 it is shown all the same. */
  add(name: string, amount = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + amount;
  }

  find(promise: string, detail: string): void {
    const known = this.#findings.get(promise) ?? { promise, times: 0, cases: [] };
    this.#findings.set(promise, known);
    known.times += 1;
    if (known.cases.length < casesKept) known.cases.push(detail);
  }

  get findings(): Finding[] {
    return [...this.#findings.values()];
  }
}

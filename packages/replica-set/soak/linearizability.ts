/**
 * Linearizability of one register: Wing and Gong, "Testing and Verifying Concurrent
 * Objects" (1993), with Lowe's memory of states that led nowhere, "Testing for
 * Linearizability" (2017).
 */

/** An operation on a register that begins as `null`. Values may be anything that `===` tells apart. */
export type RegisterStep =
  | { readonly kind: 'read'; readonly value: unknown }
  | { readonly kind: 'write'; readonly value: unknown }
  /** Succeeded: found `from` and wrote `value`. */
  | { readonly kind: 'swap'; readonly from: unknown; readonly value: unknown };

export interface RegisterOperation {
  readonly step: RegisterStep;
  readonly invoked: number;
  /** `Infinity` when the outcome is unknown: it may take effect at any time after `invoked`, or never. */
  readonly completed: number;
}

/**
 * True when there is an order of the operations, each at one moment between its
 * invocation and its completion, in which a single register would have answered
 * as they were answered.
 *
 * Takes time that grows quickly with operations that overlap, so cut histories
 * into keys: some 60 operations, a dozen of them at once, take milliseconds.
 */
export function isLinearizable(operations: readonly RegisterOperation[]): boolean {
  const sorted = [...operations].sort((a, b) => a.invoked - b.invoked);
  const required = bitsOf(sorted, ({ completed }) => Number.isFinite(completed));
  const deadEnds = new Set<string>();
  const values = new Map<unknown, number>();

  const search = (done: bigint, state: unknown): boolean => {
    if ((done & required) === required) return true;
    const mark = `${done.toString(36)}:${numberOf(values, state)}`;
    if (deadEnds.has(mark)) return false;
    deadEnds.add(mark);
    // What comes next has to begin before anything else that is open has ended.
    let earliestEnd = Number.POSITIVE_INFINITY;
    for (const [index, { invoked, completed }] of sorted.entries()) {
      if (invoked > earliestEnd) break;
      if (!isDone(done, index)) earliestEnd = Math.min(earliestEnd, completed);
    }
    for (const [index, { step, invoked }] of sorted.entries()) {
      if (invoked > earliestEnd) break;
      if (isDone(done, index)) continue;
      const next = after(step, state);
      if (next !== undefined && search(done | (1n << BigInt(index)), next.state)) return true;
    }
    return false;
  };
  return search(0n, null);
}

/** The state after a step; nothing when the step cannot happen in `state`. */
function after(step: RegisterStep, state: unknown): { state: unknown } | undefined {
  if (step.kind === 'write') return { state: step.value };
  if (step.kind === 'read') return step.value === state ? { state } : undefined;
  return step.from === state ? { state: step.value } : undefined;
}

function isDone(done: bigint, index: number): boolean {
  return ((done >> BigInt(index)) & 1n) === 1n;
}

function bitsOf<T>(items: readonly T[], holds: (item: T) => boolean): bigint {
  return items.reduce(
    (bits, item, index) => (holds(item) ? bits | (1n << BigInt(index)) : bits),
    0n,
  );
}

/** Numbers values in the order in which they are met. */
function numberOf(values: Map<unknown, number>, value: unknown): number {
  const known = values.get(value);
  if (known !== undefined) return known;
  values.set(value, values.size);
  return values.size - 1;
}

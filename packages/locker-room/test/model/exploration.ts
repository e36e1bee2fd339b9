import type { LockModel } from './lock-model.ts';
import { isOwed, nameOf } from './lock-terms.ts';
import { StateTable } from './state-table.ts';

const mostStates = 4_000_000;

/** What was found among all states that can be reached. */
export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** What is wrong, and the actions of a shortest way there; undefined when nothing is. */
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

/**
 * Goes through all states breadth first, up to the first that violates something.
 *
 * Then, if `grants` is asked for, looks whether from each state in which somebody alive waits and
 * nobody knows that he has the lock somebody comes to know it by what happens by itself.
 *
 * `mark` names the states to which a shortest way is wanted: `ways` gets the first of each name.
 */
export function explore(
  model: LockModel,
  {
    grants = false,
    mark = () => undefined,
    ways = new Map(),
  }: {
    readonly grants?: boolean;
    readonly mark?: (state: Uint8Array) => string | undefined;
    readonly ways?: Map<string, readonly number[]>;
  } = {},
): Exploration {
  const table = new StateTable(model.size, mostStates);
  table.add(model.initial());
  const parents = [-1];
  const actions = [-1];
  const from = new Numbers();
  const to = new Numbers();
  const isGood: boolean[] = [];
  let transitions = 0;
  let violation: Exploration['violation'];
  const way = (end: number): number[] => {
    const path: number[] = [];
    for (let index = end; index > 0; index = parents[index] ?? 0) path.push(actions[index] ?? 0);
    return path.reverse();
  };
  const state = new Uint8Array(model.size);
  for (let current = 0; current < table.count && violation === undefined; current++) {
    table.read(current, state);
    const name = mark(state);
    if (name !== undefined && !ways.has(name)) ways.set(name, way(current));
    if (grants) isGood[current] = !model.owesGrant(state);
    model.steps(state, (step) => {
      transitions += 1;
      if (step.violation !== undefined && violation === undefined) {
        const trace = [...way(current), step.action].map(nameOf);
        violation = { what: step.violation, trace };
      }
      const known = table.count;
      const index = table.add(step.next);
      if (index === known) {
        parents.push(current);
        actions.push(step.action);
      }
      if (!grants) return;
      if (step.grants) isGood[current] = true;
      else if (isOwed(step.action) && isGood[current] !== true && index !== current) {
        from.push(current);
        to.push(index);
      }
    });
  }
  if (grants && violation === undefined) {
    const stuck = firstWithoutWay(isGood, from, to);
    if (stuck >= 0) {
      const what = 'nobody knows that he has the lock, somebody waits, and nothing will wake him';
      violation = { what, trace: way(stuck).map(nameOf) };
    }
  }
  return { states: table.count, transitions, violation };
}

/** The first state from which no good one can be reached; -1 when there is none. */
function firstWithoutWay(isGood: boolean[], from: Numbers, to: Numbers): number {
  for (let changed = true; changed; ) {
    changed = false;
    // Later states mostly lie behind earlier ones, so backwards few rounds are needed.
    for (let edge = from.length - 1; edge >= 0; edge--) {
      const source = from.at(edge);
      if (isGood[source] !== true && isGood[to.at(edge)] === true) {
        isGood[source] = true;
        changed = true;
      }
    }
  }
  return isGood.indexOf(false);
}

/** A list of 32-bit integers that grows. */
class Numbers {
  length = 0;
  #items = new Int32Array(1 << 16);

  push(item: number): void {
    if (this.length === this.#items.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.length++] = item;
  }

  at(index: number): number {
    return this.#items[index] ?? 0;
  }
}

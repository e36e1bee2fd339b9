import { StateTable } from './state-table.ts';

const mostStates = 4_000_000;

export interface Step {
  readonly action: number;
  /** Valid during the call only. */
  readonly next: Uint8Array;
  /** Whether somebody comes to hold the lock. */
  readonly grants: boolean;
  readonly violation: string | undefined;
}

/** A machine that can be explored: its first state, and the steps from each. */
export interface Machine {
  /** Bytes of a state. */
  readonly size: number;
  initial(): Uint8Array;
  steps(state: Uint8Array, visit: (step: Step) => void): void;
  /** Whether somebody waits in this state who could hold the lock. */
  owesGrant(state: Uint8Array): boolean;
  nameOf(action: number): string;
  /** Whether it happens by itself sooner or later, with no fault and nobody's wish. */
  isOwed(action: number): boolean;
}

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
  model: Machine,
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
        const trace = [...way(current), step.action].map((action) => model.nameOf(action));
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
      else if (model.isOwed(step.action) && isGood[current] !== true && index !== current) {
        from.push(current);
        to.push(index);
      }
    });
  }
  if (grants && violation === undefined) {
    const stuck = firstWithoutWay(isGood, from, to);
    if (stuck >= 0) {
      const what = 'nobody knows that he has the lock, somebody waits, and nothing will wake him';
      violation = { what, trace: way(stuck).map((action) => model.nameOf(action)) };
    }
  }
  return { states: table.count, transitions, violation };
}

/** The state after an action. */
export function follow(model: Machine, state: Uint8Array, action: number): Uint8Array {
  let found: Uint8Array | undefined;
  model.steps(state, (step) => {
    if (step.action === action) found = Uint8Array.from(step.next);
  });
  if (found === undefined)
    throw new RangeError(`there is no such step now: ${model.nameOf(action)}`);
  return found;
}

/** Up to `length` steps by chance; the next number of a seed is Mulberry32's. */
export function randomWay(model: Machine, seed: number, length: number): number[] {
  let a = seed;
  const random = (): number => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const way: number[] = [];
  let state = model.initial();
  while (way.length < length) {
    const choices: number[] = [];
    model.steps(state, ({ action }) => choices.push(action));
    const action = choices[Math.floor(random() * choices.length)];
    if (action === undefined) break;
    way.push(action);
    state = follow(model, state, action);
  }
  return way;
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

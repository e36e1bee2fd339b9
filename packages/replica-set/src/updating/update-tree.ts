/**
 * The modifiers of an update, as a tree of the fields that they name.
 *
 * Fields are updated in the order of their names, whatever order the update has, so that new ones
 * come in that order. Two modifiers in one place, or one within the place of the other, conflict
 * (40): at once where the names tell, else when it turns out that `$` or `$[…]` means that place.
 */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import type { ArrayFilters } from './array-filters.ts';
import { type Modifier, removed, unchanged } from './modifier.ts';
import { comparePathParts, dollarPrefixed, isFilterPart, isIndex } from './update-path.ts';

/** What the modifiers meet. */
export interface UpdateRun {
  readonly document: BsonDocument;
  readonly inserting: boolean;
  /** The place of the element that the query met, for `$`. */
  readonly position: string | undefined;
}

/** A place in the document: what holds it, and its name there. */
interface Place {
  readonly holder: BsonDocument | BsonValue[];
  readonly name: string;
}

/** The deepest thing that is there, how it is called, and what is missing behind it. */
interface Arrival {
  readonly value: BsonValue;
  readonly place: Place | undefined;
  readonly taken: readonly string[];
  readonly missing: readonly string[];
}

/** Does something that is no modifier of one field: `$rename`. */
export type Step = (run: UpdateRun, arrival: Arrival) => void;

type Node = Branch | Leaf;

interface Branch {
  readonly kind: 'fields' | 'elements';
  readonly children: Map<string, Node>;
}

interface Leaf {
  readonly kind: 'leaf';
  readonly step: Step;
}

function branch(kind: Branch['kind']): Branch {
  return { kind, children: new Map() };
}

export class UpdateTree {
  readonly #root = branch('fields');
  readonly #filters: ArrayFilters;

  constructor(filters: ArrayFilters) {
    this.#filters = filters;
  }

  /** True when some name has the `$` that the query gives a meaning. */
  get isPositional(): boolean {
    return hasPositional(this.#root);
  }

  /** Throws 40 when something is there, or beneath or above it. */
  add(path: readonly string[], step: Step): void {
    let node = this.#root;
    for (const [at, part] of path.entries()) {
      const conflict = () => conflictAt(path, path.slice(0, at + 1));
      const last = at === path.length - 1;
      const kind = kindOf(path[at + 1]);
      const key = keyOf(part);
      const child = node.children.get(key);
      if (last) {
        if (child !== undefined) throw conflict();
        node.children.set(key, { kind: 'leaf', step });
        return;
      }
      if (child === undefined) {
        const made = branch(kind);
        node.children.set(key, made);
        node = made;
      } else {
        if (child.kind !== kind) throw conflict();
        node = child as Branch;
      }
    }
  }

  apply(run: UpdateRun): void {
    this.#visit(this.#root, run, {
      value: run.document,
      place: undefined,
      taken: [],
      missing: [],
    });
  }

  #visit(node: Node, run: UpdateRun, arrival: Arrival): void {
    if (node.kind === 'leaf') node.step(run, arrival);
    else if (node.kind === 'elements') this.#visitElements(node, run, arrival);
    else this.#visitFields(node, run, arrival);
  }

  #visitFields({ children }: Branch, run: UpdateRun, arrival: Arrival): void {
    const named = new Map(children);
    const positional = named.get('$');
    if (positional !== undefined) {
      if (run.position === undefined) {
        throw new ServerError(
          2,
          'The positional operator did not find the match needed from the query.',
        );
      }
      named.delete('$');
      const other = named.get(run.position);
      const path = [...arrival.taken, run.position];
      named.set(run.position, other === undefined ? positional : merged(positional, other, path));
    }
    const names = [...named.keys()].sort(comparePathParts);
    const path = [...arrival.taken, ...arrival.missing];
    for (const name of names) {
      // What was missing may be there since the field before.
      const here = arrival.missing.length === 0 ? arrival : arriveAt(run.document, path);
      this.#visit(named.get(name) as Node, run, stepInto(here, name));
    }
  }

  #visitElements({ children }: Branch, run: UpdateRun, arrival: Arrival): void {
    const name = [...arrival.taken, ...arrival.missing].join('.');
    if (arrival.missing.length > 0) {
      throw new ServerError(
        2,
        `The path '${name}' must exist in the document in order to apply array updates.`,
      );
    }
    if (!Array.isArray(arrival.value)) {
      throw new ServerError(
        2,
        `Cannot apply array updates to non-array element ${arrival.taken.at(-1)}: ${showValue(arrival.value)}`,
      );
    }
    // What the filters say of an element is settled before the first is changed.
    const chosen = arrival.value.map((element) =>
      [...children].filter(([key]) => this.#filters.pass(key, element)).map(([, node]) => node),
    );
    for (const [index, nodes] of chosen.entries()) {
      const [first, ...others] = nodes;
      if (first === undefined) continue;
      const path = [...arrival.taken, String(index)];
      const node = others.reduce((left, right) => merged(left, right, path), first);
      this.#visit(node, run, stepInto(arrival, String(index)));
    }
  }
}

/** Does to a field what a modifier says. */
export function modify(modifier: Modifier): Step {
  return ({ inserting }, arrival) => {
    if (modifier.onInsert === true && !inserting) return;
    const { missing, place, value, taken } = arrival;
    if (missing.length > 0) {
      if (modifier.create !== undefined) createAt(arrival, modifier.create());
      else if (modifier.ignoresBlocked !== true) refuseBlocked(arrival);
      return;
    }
    const change = modifier.change(value, taken.join('.'));
    if (change !== unchanged && place !== undefined) putAt(place, change);
  };
}

/** Where a name leads from the root of a document. */
export function arriveAt(document: BsonDocument, path: readonly string[]): Arrival {
  return path.reduce<Arrival>(stepInto, {
    value: document,
    place: undefined,
    taken: [],
    missing: [],
  });
}

function stepInto(arrival: Arrival, name: string): Arrival {
  const { value, taken, missing } = arrival;
  if (missing.length > 0) return { ...arrival, missing: [...missing, name] };
  if (isDocument(value) && value.has(name)) {
    const place = { holder: value, name };
    return { value: value.get(name), place, taken: [...taken, name], missing };
  }
  if (Array.isArray(value) && isIndex(name) && Number(name) < value.length) {
    const place = { holder: value, name };
    return { value: value[Number(name)], place, taken: [...taken, name], missing };
  }
  return { ...arrival, missing: [name] };
}

export function putAt({ holder, name }: Place, value: BsonValue | typeof removed): void {
  if (isDocument(holder)) {
    if (value === removed) holder.delete(name);
    else holder.set(name, value);
  } else {
    holder[Number(name)] = value === removed ? null : value;
  }
}

const mostPadding = 1_500_000;

/** Puts a value where nothing is yet, with the documents that are missing on the way. */
export function createAt({ value: holder, place, missing }: Arrival, value: BsonValue): void {
  const [name = '', ...deeper] = missing;
  if (place === undefined && name.startsWith('$')) throw dollarPrefixed(name, missing.join('.'));
  const made = deeper.reduceRight<BsonValue>((inner, part) => new Map([[part, inner]]), value);
  if (isDocument(holder)) {
    holder.set(name, made);
  } else if (Array.isArray(holder) && isIndex(name)) {
    const index = Number(name);
    if (index - holder.length > mostPadding) {
      throw new ServerError(34, `can't backfill more than ${mostPadding} elements`);
    }
    while (holder.length < index) holder.push(null);
    holder[index] = made;
  } else {
    throw new ServerError(
      28,
      `Cannot create field '${name}' in element {${place?.name}: ${showValue(holder)}}`,
    );
  }
}

/** Throws 28 when something that is no document stands in the way. */
export function refuseBlocked({ value, place, taken, missing }: Arrival): void {
  const [name = ''] = missing;
  if (isDocument(value) || (Array.isArray(value) && isIndex(name))) return;
  throw new ServerError(
    28,
    `Cannot use the part (${name}) of (${[...taken, ...missing].join('.')}) to traverse the element ({${place?.name}: ${showValue(value)}})`,
  );
}

function kindOf(next: string | undefined): Branch['kind'] {
  return next !== undefined && isFilterPart(next) ? 'elements' : 'fields';
}

/** Elements are kept by the identifier of their filter. */
function keyOf(part: string): string {
  return isFilterPart(part) ? part.slice(2, -1) : part;
}

function conflictAt(path: readonly string[], at: readonly string[]): ServerError {
  return new ServerError(
    40,
    `Updating the path '${path.join('.')}' would create a conflict at '${at.join('.')}'`,
  );
}

/** Two nodes that have turned out to mean the same place. */
function merged(a: Node, b: Node, path: readonly string[]): Node {
  if (a.kind === 'leaf' || b.kind === 'leaf' || a.kind !== b.kind) {
    throw new ServerError(40, `Update created a conflict at '${path.join('.')}'`);
  }
  const children = new Map(a.children);
  for (const [key, node] of b.children) {
    const other = children.get(key);
    const part = a.kind === 'elements' ? `$[${key}]` : key;
    children.set(key, other === undefined ? node : merged(other, node, [...path, part]));
  }
  return { kind: a.kind, children };
}

function hasPositional(node: Node): boolean {
  if (node.kind === 'leaf') return false;
  if (node.kind === 'fields' && node.children.has('$')) return true;
  return [...node.children.values()].some(hasPositional);
}

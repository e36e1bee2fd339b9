/**
 * Conditions on what lies at a path, with MongoDB's semantics of arrays: an array at the end of a
 * path stands for its elements and for itself; one on the way stands for the documents in it and,
 * where the path has a number, for the element of that place.
 */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';

/** Marks a path that ends early. */
export const absent: unique symbol = Symbol('absent');
export type Met = BsonValue | typeof absent;
export type ValueTest = (value: Met) => boolean;

/** What a match tells beyond that it was one. */
export interface MatchDetails {
  /** The place, in the outermost array that the last clause went through, of the element that passed. */
  position?: number | undefined;
}

export interface Condition {
  /** Of one value, which stands for itself even when it is an array. */
  readonly element: ValueTest;
  /** Of a value at the end of a path that went through no array. */
  readonly value: (value: Met, details?: MatchDetails) => boolean;
  /** Of all that the rest of a path, from `at` on, meets in an array. */
  readonly within: (
    array: readonly BsonValue[],
    path: readonly string[],
    at: number,
    details?: MatchDetails,
  ) => boolean;
}

/**
 * Is told each thing that a path meets, until it has had enough. `whole` is what the path named by
 * its number: then an array stands for itself alone. `offset` is its place in the outermost array,
 * unless it was named.
 */
type Visitor = (value: Met, whole: boolean, offset: number | undefined) => boolean;

/** A test of the value, and of its elements too when it `spreads`. */
export function leaf(test: ValueTest, spreads = true): Condition {
  if (!spreads) {
    return {
      element: test,
      value: test,
      within: (array, path, at, details) =>
        walkArray(array, path, at, undefined, (value, _whole, offset) =>
          noted(test(value), offset, details),
        ),
    };
  }
  return {
    element: test,
    value: (value, details) =>
      Array.isArray(value) ? anyElement(value, undefined, details, test) : test(value),
    within: (array, path, at, details) =>
      walkArray(array, path, at, undefined, (value, whole, offset) =>
        !whole && Array.isArray(value)
          ? anyElement(value, offset, details, test)
          : noted(test(value), offset, details),
      ),
  };
}

/** Passes an array in which `find` finds an element; it gives that one's place, or -1. */
export function arrayCondition(find: (array: readonly BsonValue[]) => number): Condition {
  const place = (value: Met): number => (Array.isArray(value) ? find(value) : -1);
  return {
    element: (value) => place(value) >= 0,
    value: (value, details) => {
      const at = place(value);
      return noted(at >= 0, at, details);
    },
    within: (array, path, at, details) =>
      walkArray(array, path, at, undefined, (value, _whole, offset) => {
        const found = place(value);
        return noted(found >= 0, offset ?? found, details);
      }),
  };
}

export function all(conditions: readonly Condition[]): Condition {
  const [only, other] = conditions;
  if (only !== undefined && other === undefined) return only;
  return {
    element: (value) => conditions.every(({ element }) => element(value)),
    value: (value, details) => conditions.every((each) => each.value(value, details)),
    within: (array, path, at, details) =>
      conditions.every((each) => each.within(array, path, at, details)),
  };
}

export function not({ element, value, within }: Condition): Condition {
  return {
    element: (met) => !element(met),
    value: (met) => !value(met),
    within: (array, path, at) => !within(array, path, at),
  };
}

function anyElement(
  array: readonly BsonValue[],
  offset: number | undefined,
  details: MatchDetails | undefined,
  test: ValueTest,
): boolean {
  for (let index = 0; index < array.length; index++) {
    if (test(array[index])) return noted(true, offset ?? index, details);
  }
  return noted(test(array as BsonValue[]), offset, details);
}

function noted(
  holds: boolean,
  offset: number | undefined,
  details: MatchDetails | undefined,
): boolean {
  if (holds && offset !== undefined && details !== undefined) details.position = offset;
  return holds;
}

export type Predicate = (document: BsonDocument, details?: MatchDetails) => boolean;

/** A condition on a field of documents, given by its dotted name. */
export function onField(name: string, { value: holds, within }: Condition): Predicate {
  const path = name.split('.');
  if (path.length === 1) {
    return (document, details) => {
      const value = document.get(name);
      return holds(value === undefined && !document.has(name) ? absent : value, details);
    };
  }
  const last = path.length - 1;
  return (document, details) => {
    let holder: BsonDocument = document;
    for (let at = 0; ; at++) {
      const part = path[at] as string;
      const value = holder.get(part);
      if (at === last) {
        return holds(value === undefined && !holder.has(part) ? absent : value, details);
      }
      if (isDocument(value)) {
        holder = value;
      } else if (Array.isArray(value)) {
        return within(value, path, at + 1, details);
      } else {
        return holds(absent, details);
      }
    }
  };
}

/** All that a dotted name means in a document, arrays at its end taken apart unless `whole` is asked for. */
export function valuesMet(document: BsonDocument, name: string, whole: boolean): Met[] {
  const found: Met[] = [];
  walk(document, name.split('.'), 0, undefined, (value, named) => {
    if (!whole && !named && Array.isArray(value)) found.push(...value);
    else found.push(value);
    return false;
  });
  return found;
}

/** True once the visitor has had enough. */
function walk(
  value: BsonValue,
  path: readonly string[],
  at: number,
  offset: number | undefined,
  visit: Visitor,
): boolean {
  const part = path[at];
  if (part === undefined) return visit(value, false, offset);
  if (isDocument(value)) {
    const inner = value.get(part);
    if (inner === undefined && !value.has(part)) return visit(absent, false, offset);
    return walk(inner, path, at + 1, offset, visit);
  }
  if (Array.isArray(value)) return walkArray(value, path, at, offset, visit);
  return visit(absent, false, offset);
}

function walkArray(
  array: readonly BsonValue[],
  path: readonly string[],
  at: number,
  offset: number | undefined,
  visit: Visitor,
): boolean {
  const place = indexOf(path[at] ?? '');
  for (let index = 0; index < array.length; index++) {
    const item = array[index];
    const isInside = isDocument(item);
    if (isInside && walk(item, path, at, offset ?? index, visit)) return true;
    if (index !== place) continue;
    if (at === path.length - 1) {
      if (visit(item, true, offset)) return true;
    } else if (isInside || Array.isArray(item)) {
      if (walk(item, path, at + 1, offset, visit)) return true;
    }
  }
  return false;
}

/** The place in an array that a part of a path names, or -1. */
function indexOf(part: string): number {
  const first = part.charCodeAt(0);
  if (first < 48 || first > 57) return -1;
  const index = Number(part);
  return String(index) === part ? index : -1;
}

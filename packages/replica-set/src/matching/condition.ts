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
  /** Of all that a path through arrays has met. */
  readonly places: (places: readonly Place[], details?: MatchDetails) => boolean;
}

/** One thing that a path through arrays has met. */
export interface Place {
  readonly value: Met;
  /** True when the path named it by its number: then an array stands for itself alone. */
  readonly whole: boolean;
  /** Where in the outermost array it was, unless it was named. */
  readonly offset: number | undefined;
}

/** A test of the value, and of its elements too when it `spreads`. */
export function leaf(test: ValueTest, spreads = true): Condition {
  if (!spreads) {
    return {
      element: test,
      value: test,
      places: (places, details) => anyPlace(places, details, test),
    };
  }
  return {
    element: test,
    value: (value, details) =>
      Array.isArray(value) ? anyElement(value, undefined, details, test) : test(value),
    places: (places, details) =>
      places.some(({ value, whole, offset }) => {
        if (!whole && Array.isArray(value)) return anyElement(value, offset, details, test);
        return noted(test(value), offset, details);
      }),
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
    places: (places, details) =>
      places.some(({ value, offset }) => {
        const at = place(value);
        return noted(at >= 0, offset ?? at, details);
      }),
  };
}

export function all(conditions: readonly Condition[]): Condition {
  const [only, other] = conditions;
  if (only !== undefined && other === undefined) return only;
  return {
    element: (value) => conditions.every(({ element }) => element(value)),
    value: (value, details) => conditions.every((each) => each.value(value, details)),
    places: (places, details) => conditions.every((each) => each.places(places, details)),
  };
}

export function not({ element, value, places }: Condition): Condition {
  return {
    element: (met) => !element(met),
    value: (met) => !value(met),
    places: (met) => !places(met),
  };
}

function anyPlace(
  places: readonly Place[],
  details: MatchDetails | undefined,
  test: ValueTest,
): boolean {
  return places.some(({ value, offset }) => noted(test(value), offset, details));
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
export function onField(name: string, { value: holds, places }: Condition): Predicate {
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
        return places(placesIn(value, path, at + 1), details);
      } else {
        return holds(absent, details);
      }
    }
  };
}

/** All that a dotted name means in a document; with `spread` arrays at its end count as their elements. */
export function placesAt(document: BsonDocument, name: string): Place[] {
  const found: Place[] = [];
  walk(document, name.split('.'), 0, undefined, found);
  return found;
}

function placesIn(array: readonly BsonValue[], path: readonly string[], at: number): Place[] {
  const found: Place[] = [];
  walk(array as BsonValue[], path, at, undefined, found);
  return found;
}

function walk(
  value: BsonValue,
  path: readonly string[],
  at: number,
  offset: number | undefined,
  found: Place[],
): void {
  const part = path[at];
  if (part === undefined) {
    found.push({ value, whole: false, offset });
  } else if (isDocument(value)) {
    if (value.has(part)) walk(value.get(part), path, at + 1, offset, found);
    else found.push({ value: absent, whole: false, offset });
  } else if (Array.isArray(value)) {
    walkArray(value, path, at, offset, found);
  } else {
    found.push({ value: absent, whole: false, offset });
  }
}

function walkArray(
  array: readonly BsonValue[],
  path: readonly string[],
  at: number,
  offset: number | undefined,
  found: Place[],
): void {
  for (let index = 0; index < array.length; index++) {
    const item = array[index];
    if (isDocument(item)) walk(item, path, at, offset ?? index, found);
    if (String(index) !== path[at]) continue;
    if (at === path.length - 1) found.push({ value: item, whole: true, offset });
    else if (isDocument(item) || Array.isArray(item)) walk(item, path, at + 1, offset, found);
  }
}

/**
 * What documents are sorted by. An array counts as its least element, or its greatest
 * when descending; of fields in the documents of one array, which belong together, the
 * least combination counts: MongoDB manual, "Comparison/Sort Order", "Arrays".
 */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { compareValues, type StringOrder } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import type { SortKey } from '../sort.ts';

/** The values, one a key, that a document sorts by, strings by `order`; throws 2 when two of them lie in arrays beside each other. */
export function sortKeyOf(
  keys: readonly SortKey[],
  document: BsonDocument,
  order?: StringOrder,
): readonly BsonValue[] {
  const simple = simpleKey(keys, document);
  if (simple !== undefined) return simple;
  const rows = rowsOf(
    document,
    keys.map(({ path }) => ({ path, at: 0 })),
  );
  return rows.reduce((least, row) => (compareSortKeys(keys, row, least, order) < 0 ? row : least));
}

/** Negative, zero or positive as a document with the first key stands before, with or after the other. */
export function compareSortKeys(
  keys: readonly SortKey[],
  a: readonly BsonValue[],
  b: readonly BsonValue[],
  order?: StringOrder,
): number {
  for (const [index, { direction }] of keys.entries()) {
    const difference = compareValues(a[index], b[index], order);
    if (difference !== 0) return difference * direction;
  }
  return 0;
}

/** The key of a document that has no array on any of the paths. */
function simpleKey(keys: readonly SortKey[], document: BsonDocument): BsonValue[] | undefined {
  const values: BsonValue[] = [];
  for (const { path } of keys) {
    let value: BsonValue = document;
    for (const name of path) {
      if (!isDocument(value)) {
        value = null;
        break;
      }
      value = value.has(name) ? value.get(name) : null;
      if (Array.isArray(value)) return undefined;
    }
    values.push(value);
  }
  return values;
}

/** The rest of a path, behind the part that has been walked. */
interface Rest {
  readonly path: readonly string[];
  readonly at: number;
}

/** Where a path has come to: its value, or the array that it has to go through. */
type Reached = { readonly value: BsonValue } | { readonly array: BsonValue[]; readonly rest: Rest };

const position = /^(?:0|[1-9]\d*)$/;

function rowsOf(value: BsonValue, rests: readonly Rest[]): BsonValue[][] {
  const reached = rests.map((rest) => walk(value, rest));
  const arrays = new Set(reached.flatMap((each) => ('array' in each ? [each.array] : [])));
  if (arrays.size > 1) {
    throw new ServerError(2, 'cannot sort with keys that are parallel arrays');
  }
  const [array] = arrays;
  if (array === undefined) return [reached.map((each) => ('array' in each ? null : each.value))];
  const items: (BsonValue | typeof nothing)[] = array.length === 0 ? [nothing] : array;
  return items.flatMap((item) => rowsThrough(item, reached));
}

/** Stands for the element of an empty array: undefined itself, and null below it. */
const nothing = Symbol('nothing');

function rowsThrough(item: BsonValue | typeof nothing, reached: readonly Reached[]): BsonValue[][] {
  const deeper: Rest[] = [];
  const places: number[] = [];
  const row = reached.map((each, index): BsonValue => {
    if (!('array' in each)) return each.value;
    const { path, at } = each.rest;
    if (at === path.length) return item === nothing ? undefined : item;
    const named = position.test(path[at] ?? '') && Number(path[at]) in each.array;
    const below = named ? each.array[Number(path[at])] : item;
    if (below === nothing || below === undefined) return null;
    if (named) {
      const inner = walk(below, { path, at: at + 1 });
      return 'array' in inner ? null : inner.value;
    }
    if (!isDocument(below)) return null;
    deeper.push(each.rest);
    places.push(index);
    return null;
  });
  if (deeper.length === 0 || item === nothing) return [row];
  return rowsOf(item, deeper).map((below) => {
    const whole = [...row];
    for (const [index, place] of places.entries()) whole[place] = below[index];
    return whole;
  });
}

function walk(start: BsonValue, { path, at }: Rest): Reached {
  let value = start;
  for (let next = at; ; next++) {
    if (Array.isArray(value)) return { array: value, rest: { path, at: next } };
    const name = path[next];
    if (name === undefined) return { value };
    if (!isDocument(value) || !value.has(name)) return { value: null };
    value = value.get(name);
  }
}

import type { Document } from 'mongodb';
import type { Obstacle } from './obstacle.ts';

/** One field of an order, as a sort has it. */
export interface OrderField {
  readonly path: string;
  readonly direction: 1 | -1;
}

/** A place in an order: the fields, each with the value of the document that stands there. */
export type Place = readonly (OrderField & { readonly value: unknown })[];

/**
 * The types in the order in which servers sort them (MongoDB manual, "Comparison/Sort Order");
 * those of one row compare by value. A missing field sorts as null. Arrays sort by an element,
 * so they have no row.
 */
const typeOrder = [
  ['minKey'],
  ['undefined'],
  ['null'],
  ['double', 'int', 'long', 'decimal'],
  ['string', 'symbol'],
  ['object'],
  ['binData'],
  ['objectId'],
  ['bool'],
  ['date'],
  ['timestamp'],
  ['regex'],
  ['dbPointer'],
  ['javascript'],
  ['javascriptWithScope'],
  ['maxKey'],
] as const;
type TypeName = (typeof typeOrder)[number][number];

const rowOf = (type: TypeName): number =>
  typeOrder.findIndex((row) => (row as readonly string[]).includes(type));
const nullRow = rowOf('null');

/**
 * A filter for the documents that stand behind `place`, in the language of matches only.
 *
 * For `{ a: 1, _id: 1 }` it says: a later `a`, or the same `a` and a later `_id`. Comparisons
 * see values of one type only, so the types that sort later are named beside them. It is right
 * where no document has an array on one of the paths; the last field has to be unique.
 */
export function behind(place: Place): Document {
  const same: Document[] = [];
  const ways: Document[] = [];
  for (const field of place) {
    const later = laterThan(field);
    if (later.length > 0) {
      const way = later.length === 1 && later[0] ? later[0] : { $or: later };
      ways.push(same.length === 0 ? way : { $and: [...same, way] });
    }
    // Null also matches a missing field, which sorts as it does.
    same.push({ [field.path]: { $eq: field.value } });
  }
  const [only] = ways;
  if (only === undefined) return { _id: { $in: [] } };
  return ways.length === 1 ? only : { $or: ways };
}

/** Alternatives, each a filter, that together match what sorts behind the value. */
function laterThan({ path, direction, value }: Place[number]): Document[] {
  const row = rowOf(typeOf(value) ?? 'maxKey');
  const ways: Document[] = [];
  if (isNotANumber(value)) {
    // NaN is the least number, and comparisons never match it.
    if (direction === 1) ways.push({ [path]: { $type: 'number', $ne: value } });
  } else if (row > nullRow && row < typeOrder.length - 1) {
    ways.push({ [path]: { [direction === 1 ? '$gt' : '$lt']: value } });
    if (row === rowOf('double') && direction === -1) ways.push({ [path]: { $eq: Number.NaN } });
  }
  const rows = typeOrder.filter((_, at) => (at - row) * direction > 0);
  const types = rows.flat().filter((type) => type !== 'null');
  if ((nullRow - row) * direction > 0) ways.push({ [path]: { $eq: null } });
  if (types.length > 0) ways.push({ [path]: { $type: types } });
  return ways;
}

function isNotANumber(value: unknown): boolean {
  const type = typeOf(value);
  const isNumber = type !== undefined && rowOf(type) === rowOf('double');
  return isNumber && Number.isNaN(Number(String(value)));
}

/** The type of a value as it was decoded without promotion; undefined where it has no safe place. */
function typeOf(value: unknown): TypeName | undefined {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'double';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : 'date';
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof RegExp)
    return undefined;
  const { _bsontype: brand } = value as { _bsontype?: unknown };
  if (brand === undefined) return Object.values(value).every(isExact) ? 'object' : undefined;
  return typeof brand === 'string' ? brandedTypes[brand] : undefined;
}

/** Regular expressions, code, symbols and pointers are left out: `$gt` has no order for them. */
const brandedTypes: Readonly<Record<string, TypeName>> = {
  Int32: 'int',
  Double: 'double',
  Long: 'long',
  Decimal128: 'decimal',
  Binary: 'binData',
  ObjectId: 'objectId',
  Timestamp: 'timestamp',
  MinKey: 'minKey',
  MaxKey: 'maxKey',
};

/** Whether a value inside an object goes back to the server as it came. */
function isExact(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isExact) : typeOf(value) !== undefined;
}

/**
 * The place of a document in an order, or why it cannot be told.
 *
 * @param document decoded without promotion, so that its values go back exactly as they came
 */
export function placeOf(document: Document, order: readonly OrderField[]): Place | Obstacle {
  const place: (OrderField & { value: unknown })[] = [];
  for (const field of order) {
    const value = valueAt(document, field.path.split('.'));
    if (Array.isArray(value)) {
      return {
        code: 'array-key',
        detail: `'${field.path}', which it is sorted by, holds an array`,
      };
    }
    if (typeOf(value) === undefined) {
      const detail = `no comparison tells which values of '${field.path}' follow the last one`;
      return { code: 'unorderable-key', detail };
    }
    place.push({ ...field, value });
    if (field.path === '_id') break;
  }
  return place;
}

/** The value at a path, null where there is none; an array that lies on the way itself. */
function valueAt(document: Document, path: readonly string[]): unknown {
  let value: unknown = document;
  for (const name of path) {
    if (Array.isArray(value)) return value;
    if (typeof value !== 'object' || value === null || '_bsontype' in value) return null;
    if (!Object.hasOwn(value, name)) return null;
    value = (value as Document)[name];
  }
  return value;
}

/** Each field of the order and what it lies in: `a` and `a.b` for `a.b`; `_id` is never an array. */
export function arrayPaths(order: readonly OrderField[]): string[] {
  const paths = order.flatMap(({ path }) => {
    const names = path.split('.');
    return names.map((_, at) => names.slice(0, at + 1).join('.'));
  });
  return [...new Set(paths)].filter((path) => path !== '_id');
}

/** How a document has to be decoded for `placeOf`. */
export const exactly: object = {
  raw: false,
  fieldsAsRaw: {},
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  useBigInt64: false,
  bsonRegExp: true,
  validation: { utf8: false },
};

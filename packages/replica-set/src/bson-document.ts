/**
 * BSON as this server holds it: field order and number types kept exactly.
 *
 * A document is a `Map`, so that `{ b, 1 }` keeps its order and `__proto__` is a
 * name like any other. Numbers: an int32 is a `number`; a double is a `number`
 * too, unless it would then be mistaken for an int32 (`1.0`), when it is a
 * `Double`; an int64 is a `bigint`. Everything else is bson's own class.
 */
import {
  Binary,
  BSONRegExp,
  type BSONSymbol,
  type Code,
  type Decimal128,
  Double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';

export type BsonDocument = Map<string, BsonValue>;
export type BsonValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Date
  | Double
  | ObjectId
  | Binary
  | Decimal128
  | Timestamp
  | BSONRegExp
  | BSONSymbol
  | Code
  | MinKey
  | MaxKey
  | BsonValue[]
  | BsonDocument;

/** A document that is already encoded: written as it stands. */
export class RawDocument {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** What replies are written from: plain objects, with stored values and raw documents inside. */
export type Encodable = BsonValue | RawDocument | readonly Encodable[] | EncodableDocument;
export interface EncodableDocument {
  readonly [name: string]: Encodable;
}

/** True when `number` is written as an int32. */
export function isInt32(number: number): boolean {
  return (number | 0) === number && !Object.is(number, -0);
}
/** A stored value as the command handlers like it: plain objects instead of maps. Numbers stay as they are. */
export function documentToObject(document: BsonDocument): Record<string, unknown> {
  return Object.fromEntries([...document].map(([name, value]) => [name, plain(value)]));
}

function plain(value: BsonValue): unknown {
  if (isDocument(value)) return documentToObject(value);
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

export function isDocument(value: BsonValue): value is BsonDocument {
  return value instanceof Map;
}

/** A deep copy; leaf values are never changed in place and are shared. */
export function cloneValue<T extends BsonValue>(value: T): T {
  if (isDocument(value)) {
    const copy: BsonDocument = new Map();
    for (const [name, inner] of value as BsonDocument) copy.set(name, cloneValue(inner));
    return copy as unknown as T;
  }
  if (Array.isArray(value)) return value.map(cloneValue) as unknown as T;
  return value;
}

/** A value as MongoDB's messages show it. */
export function showValue(value: BsonValue): string {
  if (isDocument(value)) {
    const fields = [...value].map(([name, inner]) => `${name}: ${showValue(inner)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : `[ ${value.map(showValue).join(', ')} ]`;
  }
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'number') return isInt32(value) ? String(value) : showDouble(value);
  if (value instanceof Double) return showDouble(value.value);
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Timestamp) return `Timestamp(${value.t}, ${value.i})`;
  if (value instanceof BSONRegExp) return `/${value.pattern}/${value.options}`;
  if (value instanceof Binary) {
    return `BinData(${value.sub_type}, ${value.toString('hex').toUpperCase()})`;
  }
  if (value instanceof MinKey) return 'MinKey';
  return value instanceof MaxKey ? 'MaxKey' : String(value);
}

/** As C writes `%.16g`, and never as an int. */
function showDouble(value: number): string {
  const text = Number.isFinite(value)
    ? String(Number(value.toPrecision(16)))
    : String(value).replace('Infinity', 'inf').replace('NaN', 'nan');
  return text.includes('.') ? text : `${text}.0`;
}

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
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { ServerError } from './server-error.ts';

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
type Encodable = BsonValue | RawDocument | readonly Encodable[] | EncodableDocument;
export interface EncodableDocument {
  readonly [name: string]: Encodable;
}

const maxDepth = 200;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads the document that begins at `offset`; throws `ServerError` 22 when the bytes are not BSON. */
export function decodeDocument(bytes: Uint8Array, offset = 0): BsonDocument {
  return new Decoder(bytes).document(offset, 0);
}

class Decoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  document(offset: number, depth: number): BsonDocument {
    const end = this.#begin(offset, depth);
    const result: BsonDocument = new Map();
    for (;;) {
      const type = this.#byte();
      if (type === 0) break;
      const name = this.#cstring();
      result.set(name, this.#value(type, depth));
    }
    this.#finish(end);
    return result;
  }

  #array(offset: number, depth: number): BsonValue[] {
    const end = this.#begin(offset, depth);
    const result: BsonValue[] = [];
    for (;;) {
      const type = this.#byte();
      if (type === 0) break;
      this.#skipCstring();
      result.push(this.#value(type, depth));
    }
    this.#finish(end);
    return result;
  }

  #begin(offset: number, depth: number): number {
    if (depth > maxDepth) throw invalid(`nested more than ${maxDepth} deep`);
    if (offset + 5 > this.#bytes.length) throw invalid('the document is cut off');
    const size = this.#view.getInt32(offset, true);
    if (size < 5 || offset + size > this.#bytes.length) throw invalid(`impossible size ${size}`);
    this.#at = offset + 4;
    return offset + size;
  }

  #finish(end: number): void {
    if (this.#at !== end) throw invalid('the size does not fit the fields');
  }

  #value(type: number, depth: number): BsonValue {
    const at = this.#at;
    switch (type) {
      case 0x01: {
        this.#need(8);
        const number = this.#view.getFloat64(at, true);
        return isInt32(number) ? new Double(number) : number;
      }
      case 0x02:
        return this.#string();
      case 0x03:
        return this.document(at, depth + 1);
      case 0x04:
        return this.#array(at, depth + 1);
      case 0x05: {
        this.#need(5);
        const size = this.#view.getInt32(at, true);
        const subType = this.#bytes[at + 4] ?? 0;
        if (size < 0) throw invalid('a binary of negative size');
        this.#need(size);
        const data = this.#bytes.slice(at + 5, at + 5 + size);
        return subType === Binary.SUBTYPE_BYTE_ARRAY
          ? new Binary(data.subarray(4), subType)
          : new Binary(data, subType);
      }
      case 0x06:
        return undefined;
      case 0x07:
        this.#need(12);
        return new ObjectId(this.#bytes.slice(at, at + 12));
      case 0x08:
        return this.#byte() !== 0;
      case 0x09:
        this.#need(8);
        return new Date(Number(this.#view.getBigInt64(at, true)));
      case 0x0a:
        return null;
      case 0x0b:
        return new BSONRegExp(this.#cstring(), this.#cstring());
      case 0x0d:
        return new Code(this.#string());
      case 0x0e:
        return new BSONSymbol(this.#string());
      case 0x0f: {
        this.#need(4);
        const code = this.#string();
        return new Code(code, documentToObject(this.document(this.#at, depth + 1)));
      }
      case 0x10:
        this.#need(4);
        return this.#view.getInt32(at, true);
      case 0x11:
        this.#need(8);
        return new Timestamp({
          t: this.#view.getUint32(at + 4, true),
          i: this.#view.getUint32(at, true),
        });
      case 0x12:
        this.#need(8);
        return this.#view.getBigInt64(at, true);
      case 0x13:
        this.#need(16);
        return new Decimal128(this.#bytes.slice(at, at + 16));
      case 0xff:
        return new MinKey();
      case 0x7f:
        return new MaxKey();
      default:
        throw invalid(`unknown type 0x${type.toString(16)}`);
    }
  }

  #need(size: number): void {
    if (this.#at + size > this.#bytes.length) throw invalid('a value is cut off');
    this.#at += size;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw invalid('the document is cut off');
    this.#at += 1;
    return byte;
  }

  #string(): string {
    const at = this.#at;
    this.#need(4);
    const size = this.#view.getInt32(at, true);
    if (size < 1) throw invalid('a string of no size');
    this.#need(size);
    if (this.#bytes[at + 3 + size] !== 0) throw invalid('a string without its end');
    return this.#text(at + 4, at + 3 + size);
  }

  #cstring(): string {
    const start = this.#at;
    this.#skipCstring();
    return this.#text(start, this.#at - 1);
  }

  #skipCstring(): void {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw invalid('a name without its end');
    this.#at = end + 1;
  }

  #text(start: number, end: number): string {
    if (end - start < 24) {
      let text = '';
      for (let at = start; at < end; at++) {
        const byte = this.#bytes[at] ?? 0;
        if (byte > 0x7f) return utf8.decode(this.#bytes.subarray(start, end));
        text += String.fromCharCode(byte);
      }
      return text;
    }
    return this.#buffer.toString('utf8', start, end);
  }
}

function invalid(detail: string): ServerError {
  return new ServerError(22, `invalid BSON: ${detail}`);
}

/** True when `number` is written as an int32. */
export function isInt32(number: number): boolean {
  return (number | 0) === number && !Object.is(number, -0);
}

/** Writes a document; plain objects and `RawDocument`s may stand at any depth. */
export function encodeDocument(document: BsonDocument | EncodableDocument): Uint8Array {
  const encoder = new Encoder();
  encoder.document(document);
  return encoder.bytes();
}

class Encoder {
  #buffer = Buffer.allocUnsafe(1024);
  #at = 0;

  bytes(): Uint8Array {
    return new Uint8Array(this.#buffer.subarray(0, this.#at));
  }

  document(document: BsonDocument | EncodableDocument): void {
    const start = this.#reserve(4);
    if (document instanceof Map) {
      for (const [name, value] of document as BsonDocument) this.#field(name, value);
    } else {
      for (const name of Object.keys(document)) {
        const value = document[name];
        if (value !== undefined) this.#field(name, value);
      }
    }
    this.#end(start);
  }

  #array(values: readonly Encodable[]): void {
    const start = this.#reserve(4);
    for (let index = 0; index < values.length; index++) this.#field(String(index), values[index]);
    this.#end(start);
  }

  #end(start: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = 0;
    this.#buffer.writeInt32LE(this.#at - start, start);
  }

  #field(name: string, value: Encodable): void {
    const typeAt = this.#reserve(1);
    this.#cstring(name);
    const type = this.#value(value);
    this.#buffer[typeAt] = type;
  }

  #value(value: Encodable): number {
    switch (typeof value) {
      case 'string':
        this.#string(value);
        return 0x02;
      case 'number':
        return this.#number(value);
      case 'bigint':
        this.#int64(BigInt.asIntN(64, value));
        return 0x12;
      case 'boolean':
        this.#byte(value ? 1 : 0);
        return 0x08;
      case 'undefined':
        return 0x06;
      default:
        return value === null ? 0x0a : this.#object(value);
    }
  }

  #number(value: number): number {
    if (isInt32(value)) {
      const at = this.#reserve(4);
      this.#buffer.writeInt32LE(value, at);
      return 0x10;
    }
    this.#double(value);
    return 0x01;
  }

  #object(value: object): number {
    if (value instanceof Map) {
      this.document(value as BsonDocument);
      return 0x03;
    }
    if (Array.isArray(value)) {
      this.#array(value);
      return 0x04;
    }
    if (value instanceof RawDocument) {
      this.#raw(value.bytes);
      return 0x03;
    }
    if (value instanceof Date) {
      this.#int64(BigInt(value.getTime()));
      return 0x09;
    }
    if (value instanceof ObjectId) {
      this.#raw(value.id);
      return 0x07;
    }
    if (value instanceof Double) {
      this.#double(value.value);
      return 0x01;
    }
    if (value instanceof Timestamp) {
      const at = this.#reserve(8);
      this.#buffer.writeUInt32LE(value.low >>> 0, at);
      this.#buffer.writeUInt32LE(value.high >>> 0, at + 4);
      return 0x11;
    }
    if (value instanceof Binary) return this.#binary(value);
    if (value instanceof Decimal128) {
      this.#raw(value.bytes);
      return 0x13;
    }
    if (value instanceof BSONRegExp) {
      this.#cstring(value.pattern);
      this.#cstring(value.options);
      return 0x0b;
    }
    if (value instanceof Int32) return this.#number(value.value);
    if (value instanceof Long) return this.#value(value.toBigInt());
    if (value instanceof MinKey) return 0xff;
    if (value instanceof MaxKey) return 0x7f;
    if (value instanceof BSONSymbol) {
      this.#string(value.value);
      return 0x0e;
    }
    if (value instanceof Code) return this.#code(value);
    if (value instanceof DBRef) throw new TypeError('a DBRef is written as a document');
    this.document(value as EncodableDocument);
    return 0x03;
  }

  #binary(value: Binary): number {
    const old = value.sub_type === Binary.SUBTYPE_BYTE_ARRAY;
    const data = value.buffer.subarray(0, value.position);
    const at = this.#reserve(old ? 9 : 5);
    this.#buffer.writeInt32LE(data.length + (old ? 4 : 0), at);
    this.#buffer[at + 4] = value.sub_type;
    if (old) this.#buffer.writeInt32LE(data.length, at + 5);
    this.#raw(data);
    return 0x05;
  }

  #code(value: Code): number {
    if (value.scope === null) {
      this.#string(value.code);
      return 0x0d;
    }
    const start = this.#reserve(4);
    this.#string(value.code);
    this.document(value.scope as EncodableDocument);
    this.#buffer.writeInt32LE(this.#at - start, start);
    return 0x0f;
  }

  #string(text: string): void {
    const start = this.#reserve(4 + text.length * 3 + 1);
    const size = this.#buffer.write(text, start + 4, 'utf8');
    this.#buffer.writeInt32LE(size + 1, start);
    this.#buffer[start + 4 + size] = 0;
    this.#at = start + 5 + size;
  }

  #cstring(text: string): void {
    if (text.includes('\0')) throw new ServerError(22, 'a field name may not hold a null byte');
    const start = this.#reserve(text.length * 3 + 1);
    const size = this.#buffer.write(text, start, 'utf8');
    this.#buffer[start + size] = 0;
    this.#at = start + size + 1;
  }

  #raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  #byte(byte: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = byte;
  }

  #int64(value: bigint): void {
    const at = this.#reserve(8);
    this.#buffer.writeBigInt64LE(value, at);
  }

  #double(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeDoubleLE(value, at);
  }

  /** Makes room; the buffer may be another one afterwards, so it is looked up only then. */
  #reserve(size: number): number {
    const at = this.#at;
    this.#at += size;
    if (this.#at > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#at, this.#buffer.length * 2));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    return at;
  }
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

/** A value as an error message shows it. */
export function showValue(value: BsonValue): string {
  if (isDocument(value)) {
    return `{ ${[...value].map(([name, inner]) => `${name}: ${showValue(inner)}`).join(', ')} }`;
  }
  if (Array.isArray(value)) return `[ ${value.map(showValue).join(', ')} ]`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  return value instanceof Date ? value.toJSON() : String(value);
}

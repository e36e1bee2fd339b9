/** BSON written: documents to bytes. */
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
import {
  type BsonDocument,
  type Encodable,
  type EncodableDocument,
  isInt32,
  RawDocument,
} from './bson-document.ts';
import { ServerError } from './server-error.ts';

/**
 * Writes a document; plain objects and `RawDocument`s may stand at any depth.
 *
 * @throws {ServerError} 15 when it is nested too deep
 */
export function encodeDocument(document: BsonDocument | EncodableDocument): Uint8Array {
  const encoder = new Encoder();
  encoder.document(document);
  return encoder.bytes();
}

/** Names of fewer characters are written one by one. */
const shortName = 24;

/** Where every document is written first; one that is larger gets a buffer of its own. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** More than the decoder takes, by what a reply puts around a document. */
const mostDepth = 210;

class Encoder {
  #buffer = scratch;
  #at = 0;
  #depth = 0;

  bytes(): Uint8Array {
    return new Uint8Array(this.#buffer.subarray(0, this.#at));
  }

  document(document: BsonDocument | EncodableDocument): void {
    const start = this.#begin();
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
    const start = this.#begin();
    for (let index = 0; index < values.length; index++) this.#field(String(index), values[index]);
    this.#end(start);
  }

  #begin(): number {
    this.#depth += 1;
    if (this.#depth > mostDepth) {
      throw new ServerError(15, `BSON is nested more than ${mostDepth} levels deep`);
    }
    return this.#reserve(4);
  }

  #end(start: number): void {
    this.#depth -= 1;
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
      this.#date(value.getTime());
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

  #date(time: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeInt32LE(time | 0, at);
    this.#buffer.writeInt32LE(Math.floor(time / 2 ** 32), at + 4);
  }

  #cstring(text: string): void {
    if (text.length < shortName && this.#asciiName(text)) return;
    if (text.includes('\0')) throw new ServerError(22, 'a field name may not hold a null byte');
    const start = this.#reserve(text.length * 3 + 1);
    const size = this.#buffer.write(text, start, 'utf8');
    this.#buffer[start + size] = 0;
    this.#at = start + size + 1;
  }

  /** Writes a name if it is plain ASCII, as short ones are, without a call out of JavaScript. */
  #asciiName(text: string): boolean {
    const start = this.#reserve(text.length + 1);
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code === 0 || code > 0x7f) {
        this.#at = start;
        return false;
      }
      this.#buffer[start + index] = code;
    }
    this.#buffer[start + text.length] = 0;
    return true;
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

/** BSON read: bytes to documents. */
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  type Document,
  Double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { type BsonDocument, type BsonValue, isInt32 } from './bson-document.ts';
import { ServerError } from './server-error.ts';

const maxDepth = 200;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads the document that begins at `offset`.
 *
 * @throws {ServerError} 22 when the bytes are not BSON, 15 when they are nested too deep
 */
export function decodeDocument(bytes: Uint8Array, offset = 0): BsonDocument {
  return new Decoder(bytes).document(offset, 0);
}

/** ASCII names of fewer bytes are looked up among those that were read before. */
const shortName = 24;
/** Each at the place that its hash says. */
const knownNames: string[] = new Array(1024).fill('');

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
      const name = this.#name();
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
    if (depth >= maxDepth) {
      throw new ServerError(15, `BSON is nested more than ${maxDepth} levels deep`);
    }
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
        if (subType !== Binary.SUBTYPE_BYTE_ARRAY) return new Binary(data, subType);
        if (size < 4 || this.#view.getInt32(at + 5, true) !== size - 4) {
          throw invalid('an old binary of two sizes');
        }
        return new Binary(data.subarray(4), subType);
      }
      case 0x06:
        return undefined;
      case 0x07:
        this.#need(12);
        return new ObjectId(this.#bytes.slice(at, at + 12));
      case 0x08:
        return this.#boolean();
      case 0x09:
        this.#need(8);
        return this.#date(at);
      case 0x0a:
        return null;
      case 0x0b:
        return this.#regExp();
      case 0x0d:
        return new Code(this.#string());
      case 0x0e:
        return new BSONSymbol(this.#string());
      case 0x0f: {
        this.#need(4);
        const code = this.#string();
        const scope = this.document(this.#at, depth + 1);
        this.#finish(at + this.#view.getInt32(at, true));
        return new Code(code, scope as unknown as Document);
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

  #boolean(): boolean {
    const byte = this.#byte();
    if (byte > 1) throw invalid(`a boolean of ${byte}`);
    return byte === 1;
  }

  #date(at: number): Date {
    const high = this.#view.getInt32(at + 4, true);
    const date = new Date(high * 2 ** 32 + this.#view.getUint32(at, true));
    if (Number.isNaN(date.getTime())) throw invalid('a date beyond the year 275760');
    return date;
  }

  #regExp(): BSONRegExp {
    const pattern = this.#cstring();
    const options = this.#cstring();
    if (/[^imxlsu]/.test(options)) throw invalid('an unknown option of a regular expression');
    return new BSONRegExp(pattern, options);
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

  /** As `#cstring`, of a field: documents tell the same names again and again. */
  #name(): string {
    const start = this.#at;
    this.#skipCstring();
    const end = this.#at - 1;
    if (end - start >= shortName) return this.#text(start, end);
    let hash = 0;
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at] ?? 0;
      if (byte > 0x7f) return this.#text(start, end);
      hash = (hash * 31 + byte) | 0;
    }
    const place = hash & (knownNames.length - 1);
    const known = knownNames[place] ?? '';
    if (this.#spells(known, start, end)) return known;
    const name = this.#text(start, end);
    knownNames[place] = name;
    return name;
  }

  #spells(name: string, start: number, end: number): boolean {
    if (name.length !== end - start) return false;
    for (let index = 0; index < name.length; index++) {
      if (name.charCodeAt(index) !== this.#bytes[start + index]) return false;
    }
    return true;
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

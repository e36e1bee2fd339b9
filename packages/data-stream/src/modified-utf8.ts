import { UTFDataFormatException } from './data-stream-error.ts';

/** Texts of at least this many UTF-16 units are first tried as ASCII by the platform's encoder. */
const longEnoughToEncode = 128;
/** Texts of at least this many bytes are first tried as ASCII by the platform's decoder. */
const longEnoughToDecode = 32;
/** Units handed to `String.fromCharCode` at once; engines bound the number of arguments. */
const unitsAtOnce = 4096;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes that `text` takes in modified UTF-8, without any length prefix. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) bytes += widthOf(text.charCodeAt(i));
  return bytes;
}

/**
 * Writes `text` into `bytes` from `start` on and returns where it ends.
 * The caller leaves room for three bytes a unit.
 */
export function encodeInto(text: string, bytes: Uint8Array, start: number): number {
  if (text.length >= longEnoughToEncode && !text.includes('\0')) {
    const { written } = encoder.encodeInto(text, bytes.subarray(start, start + text.length * 3));
    if (written === text.length) return start + written;
  }
  return encodePlainly(text, bytes, start);
}

/** What `encodeInto` does, unit by unit: the truth that its fast way is tested against. */
export function encodePlainly(text: string, bytes: Uint8Array, start: number): number {
  let at = start;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const width = widthOf(unit);
    if (width === 1) {
      bytes[at] = unit;
    } else if (width === 2) {
      bytes[at] = 0xc0 | (unit >> 6);
      bytes[at + 1] = 0x80 | (unit & 0x3f);
    } else {
      bytes[at] = 0xe0 | (unit >> 12);
      bytes[at + 1] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at + 2] = 0x80 | (unit & 0x3f);
    }
    at += width;
  }
  return at;
}

/** The text of `bytes`; `offset` is where they begin in the stream, for errors. */
export function decode(bytes: Uint8Array, offset: number): string {
  if (bytes.length >= longEnoughToDecode) {
    // Every valid character beyond ASCII makes fewer units than bytes, and every
    // invalid byte makes U+FFFD: the same length without one proves pure ASCII.
    const text = decoder.decode(bytes);
    if (text.length === bytes.length && !text.includes('\ufffd')) return text;
  }
  return decodePlainly(bytes, offset);
}

/** What `decode` does, byte by byte: the truth that its fast way is tested against. */
export function decodePlainly(bytes: Uint8Array, offset: number): string {
  const units = new Uint16Array(bytes.length);
  let count = 0;
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    const width = lead < 0x80 ? 1 : lead >> 5 === 0b110 ? 2 : lead >> 4 === 0b1110 ? 3 : 0;
    if (width === 0) throw malformed(at, offset + at);
    if (at + width > bytes.length) {
      const message = 'malformed input: partial character at end';
      throw new UTFDataFormatException('partial-character', message, offset + at);
    }
    const second = bytes[at + 1] ?? 0;
    const third = bytes[at + 2] ?? 0;
    if (width === 1) {
      units[count++] = lead;
    } else if (width === 2) {
      if (second >> 6 !== 0b10) throw malformed(at + 2, offset + at);
      units[count++] = ((lead & 0x1f) << 6) | (second & 0x3f);
    } else {
      if (second >> 6 !== 0b10 || third >> 6 !== 0b10) throw malformed(at + 2, offset + at);
      units[count++] = ((lead & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
    }
    at += width;
  }
  return textOf(units.subarray(0, count));
}

function widthOf(unit: number): number {
  if (unit >= 0x01 && unit <= 0x7f) return 1;
  return unit <= 0x7ff ? 2 : 3;
}

function malformed(around: number, offset: number): UTFDataFormatException {
  return new UTFDataFormatException('malformed', `malformed input around byte ${around}`, offset);
}

function textOf(units: Uint16Array): string {
  let text = '';
  for (let at = 0; at < units.length; at += unitsAtOnce) {
    text += String.fromCharCode(...units.subarray(at, at + unitsAtOnce));
  }
  return text;
}

/**
 * Java's modified UTF-8 by itself, without the two-byte length of `writeUTF`.
 *
 * NUL is `C0 80`, and a character beyond U+FFFF is two surrogates of three bytes
 * each, so every JavaScript string survives the round trip, lone surrogates
 * included. `decode` accepts what the JDK accepts (a raw `00`, overlong forms, a
 * byte order mark, which it keeps) and throws `UTFDataFormatException` where the
 * JDK does; its `offset` counts from the start of the bytes given.
 *
 * @example
 * modifiedUtf8.encode('\0'); // => Uint8Array [0xc0, 0x80]
 * modifiedUtf8.decode(Uint8Array.of(0xc3, 0xa9)); // => 'é'
 */
export const modifiedUtf8: {
  byteLength(text: string): number;
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
} = {
  byteLength,
  encode(text) {
    const room = new Uint8Array(text.length * 3);
    return room.slice(0, encodeInto(text, room, 0));
  },
  decode: (bytes) => decode(bytes, 0),
};

import { decodePlainly, encodePlainly, widthOf } from './plain-text.ts';
import { bufferText, type PlatformText, webText } from './platform.ts';
import { RecentTexts } from './recent-texts.ts';
import { longestMixedText, longestShortText, shortMixedText, shortText } from './short-text.ts';
import { loadedKernel } from './text-kernel.ts';

const platform: PlatformText = bufferText() ?? webText();
const kernel = loadedKernel;

/** In a text that is no ASCII: what modified UTF-8 writes in another way than UTF-8. */
const writtenOtherwise = /[\0\ud800-\udfff]/;
/** In what UTF-8 made of bytes: a fault, or a character that Java refuses or writes as two. */
const readOtherwise = /[\ud800-\udfff\ufffd]/;

/** Bytes that `text` takes in modified UTF-8, without any length prefix. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) bytes += widthOf(text.charCodeAt(i));
  return bytes;
}

/** Bytes that `encodeInto` wants for a text. */
export function roomForText({ length }: string): number {
  return length * 3;
}

/** Writes `text` from `start` on, where there is `roomForText`, and returns where it ends. */
export function encodeInto(text: string, bytes: Uint8Array, start: number): number {
  return text.length < platform.worthEncoding
    ? encodeShort(text, bytes, start)
    : encodeLong(text, bytes, start, platform);
}

/** What `encodePlainly` does, with the fewest steps for ASCII. */
export function encodeShort(text: string, bytes: Uint8Array, start: number): number {
  const { length } = text;
  let at = start;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    // Below 1, NUL wraps round to a large number.
    if ((unit - 1) >>> 0 < 0x7f) {
      bytes[at++] = unit;
    } else if (unit <= 0x7ff) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at++] = 0x80 | (unit & 0x3f);
    }
  }
  return at;
}

/** By the platform's UTF-8 where that writes the same bytes: as many as units are ASCII. */
export function encodeLong(
  text: string,
  bytes: Uint8Array,
  start: number,
  { encode }: PlatformText,
): number {
  const written = encode(text, bytes, start);
  const isSame =
    written === text.length
      ? !text.includes('\0')
      : written > text.length && !writtenOtherwise.test(text);
  return isSame ? start + written : encodePlainly(text, bytes, start);
}

const recent = new RecentTexts(decodeShort);

function decodeShort(view: DataView, at: number, length: number, base: number): string {
  return (
    quickText(view, at, length) ??
    shortMixedText(view, at, length) ??
    decodePlainly(new Uint8Array(view.buffer, view.byteOffset + at, length), base + at)
  );
}

/** The text of 1 to 16 bytes; null when they are malformed, or when another way is needed. */
function quickText(view: DataView, at: number, length: number): string | null {
  if (kernel === undefined || at + longestShortText > view.byteLength) {
    return shortText(view, at, length);
  }
  const low = view.getFloat64(at, true);
  const high = view.getFloat64(at + 8, true);
  // The bits of a NaN may change on their way; it is no text, or has none of it at its end.
  if (Number.isNaN(low) || Number.isNaN(high)) return shortText(view, at, length);
  return kernel.decode(low, high, length);
}

/** Bytes to be read, and where they begin in the stream that errors count in. */
interface EncodedBytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly base: number;
}

/** `length` bytes from `start` on as a text. */
export function decode(from: EncodedBytes, start: number, length: number): string {
  if (length > longestShortText) return decodeLonger(from, start, length);
  return length === 0 ? '' : recent.find(from.view, start, length, from.base);
}

function decodeLonger({ bytes, view, base }: EncodedBytes, start: number, length: number): string {
  if (length > longestMixedText) return decodeLong(bytes, start, length, base, platform);
  const head = quickText(view, start, longestShortText);
  const tail = quickText(view, start + longestShortText, length - longestShortText);
  if (head !== null && tail !== null) return head + tail;
  return (
    shortMixedText(view, start, length) ??
    decodePlainly(bytes.subarray(start, start + length), base + start)
  );
}

/**
 * By the platform's UTF-8 where that reads the same text: without U+FFFD the bytes are valid UTF-8,
 * and without surrogates they hold no character of four bytes, which Java refuses.
 */
export function decodeLong(
  bytes: Uint8Array,
  start: number,
  length: number,
  base: number,
  { decode: decodeUtf8 }: PlatformText,
): string {
  const text = decodeUtf8(bytes, start, start + length);
  const isSame = text.length === length ? !text.includes('\ufffd') : !readOtherwise.test(text);
  return isSame ? text : decodePlainly(bytes.subarray(start, start + length), base + start);
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
  encode(text: string): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array): string;
} = {
  byteLength,
  encode(text) {
    const bytes = new Uint8Array(roomForText(text));
    return bytes.slice(0, encodeInto(text, bytes, 0));
  },
  decode(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return decode({ bytes, view, base: 0 }, 0, bytes.length);
  },
};

/** What a platform's own UTF-8 offers to long texts. */
export interface PlatformText {
  /** Texts of fewer UTF-16 units are faster in a loop. */
  readonly worthEncoding: number;
  /** Writes `text` as UTF-8 and returns how many bytes that took; there is room for three a unit. */
  readonly encode: (text: string, into: Uint8Array, at: number) => number;
  /** Those bytes as UTF-8, U+FFFD for what is none; a byte order mark is a character. */
  readonly decode: (bytes: Uint8Array, start: number, end: number) => string;
}

/** The parts of Node's Buffer that are used, as Deno and Bun have them too. */
interface BufferClass {
  readonly prototype: Partial<TextMethods>;
  readonly allocUnsafeSlow?: (size: number) => Uint8Array<ArrayBuffer>;
}

interface TextMethods {
  utf8Write(this: Uint8Array, text: string, at: number, room: number): number;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
}

/** By the standard's encoder and decoder, which every browser has. */
export function webText(): PlatformText {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    worthEncoding: 128,
    encode: (text, into, at) => encoder.encodeInto(text, into.subarray(at)).written,
    decode: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
  };
}

/** By Buffer where there is one: it starts work sooner, so it pays for shorter texts. */
export function bufferText(): PlatformText | undefined {
  const { Buffer } = globalThis as { Buffer?: BufferClass };
  const { utf8Write, utf8Slice } = Buffer?.prototype ?? {};
  if (utf8Write === undefined || utf8Slice === undefined) return undefined;
  return {
    worthEncoding: 24,
    encode: (text, into, at) => utf8Write.call(into, text, at, text.length * 3),
    decode: (bytes, start, end) => utf8Slice.call(bytes, start, end),
  };
}

/** Room for bytes to be written, which may hold anything: where it can be had, it comes uncleared. */
export const roomFor: (size: number) => Uint8Array<ArrayBuffer> = (() => {
  const { Buffer } = globalThis as { Buffer?: BufferClass };
  if (Buffer?.allocUnsafeSlow === undefined) return (size) => new Uint8Array(size);
  const { allocUnsafeSlow } = Buffer;
  return (size) => new Uint8Array(allocUnsafeSlow(size).buffer, 0, size);
})();

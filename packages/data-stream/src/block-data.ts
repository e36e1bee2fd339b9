import { EOFException, StreamCorruptedException } from './data-stream-error.ts';

const magic = 0xaced;
const version = 5;
const shortBlock = 0x77;
const longBlock = 0x7a;
const resetCode = 0x79;
/** The codes of what an object stream holds besides: null, objects, classes, strings and so on. */
const leastCode = 0x70;
const greatestCode = 0x7e;
/** What Java gathers before it writes a block. */
const blockSize = 1024;
const longestShortBlock = 255;

/** The primitive data at the beginning of an object stream. */
export interface PrimitivePart {
  /** The blocks' contents, joined. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Where the first object begins in the bytes given; their length when there is none. */
  readonly end: number;
}

/**
 * Reads the primitive part of what Java's `ObjectOutputStream` wrote: strips the header and joins
 * the blocks, up to the first object.
 *
 * @throws {StreamCorruptedException} as `ObjectInputStream` does
 * @throws {EOFException} when the header is cut short
 */
function decode(bytes: Uint8Array): PrimitivePart {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  readHeader(view);
  // Blocks are never longer than what they stand in.
  const data = new Uint8Array(bytes.length);
  let length = 0;
  let at = 4;
  while (at < bytes.length) {
    const code = view.getUint8(at);
    if (code === resetCode) {
      at += 1;
      continue;
    }
    if (code !== shortBlock && code !== longBlock) {
      if (code >= leastCode && code <= greatestCode) break;
      const shown = code.toString(16).toUpperCase().padStart(2, '0');
      throw new StreamCorruptedException('type-code', `invalid type code: ${shown}`, at);
    }
    const body = at + (code === shortBlock ? 2 : 5);
    if (body > bytes.length) throw cutShort('while reading block data header', at);
    const size = code === shortBlock ? view.getUint8(at + 1) : view.getInt32(at + 1);
    if (size < 0) {
      const message = `illegal block data header length: ${size}`;
      throw new StreamCorruptedException('negative-length', message, at);
    }
    if (body + size > bytes.length) throw cutShort('in middle of data block', at);
    data.set(bytes.subarray(body, body + size), length);
    length += size;
    at = body + size;
  }
  return { data: data.slice(0, length), end: at };
}

function cutShort(where: string, at: number): StreamCorruptedException {
  return new StreamCorruptedException('cut-short', `unexpected EOF ${where}`, at);
}

function readHeader(view: DataView): void {
  if (view.byteLength < 4) throw new EOFException('an object stream begins with four bytes', 0);
  const [first, second] = [view.getUint16(0), view.getUint16(2)];
  if (first === magic && second === version) return;
  const shown = [first, second].map((half) => half.toString(16).toUpperCase().padStart(4, '0'));
  throw new StreamCorruptedException('header', `invalid stream header: ${shown.join('')}`, 0);
}

/**
 * Writes primitive data as `ObjectOutputStream` does when it is given nothing else: a header, and
 * blocks of 1024 bytes.
 */
function encode(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = Math.ceil(data.length / blockSize);
  const bytes = new Uint8Array(4 + data.length + blocks * 5);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, magic);
  view.setUint16(2, version);
  let at = 4;
  for (let from = 0; from < data.length; from += blockSize) {
    const block = data.subarray(from, from + blockSize);
    if (block.length <= longestShortBlock) {
      view.setUint8(at, shortBlock);
      view.setUint8(at + 1, block.length);
      at += 2;
    } else {
      view.setUint8(at, longBlock);
      view.setInt32(at + 1, block.length);
      at += 5;
    }
    bytes.set(block, at);
    at += block.length;
  }
  return bytes.slice(0, at);
}

/**
 * The block data of Java's object streams (Java Object Serialization Specification, section 6.4):
 * what `ObjectOutputStream` makes of `writeInt`, `writeUTF` and the like. Objects are not read.
 *
 * @example
 * const { data } = blockData.decode(bytes);
 * new DataInputStream(data).readInt();
 */
export const blockData: {
  decode(bytes: Uint8Array): PrimitivePart;
  encode(data: Uint8Array): Uint8Array<ArrayBuffer>;
} = { decode, encode };

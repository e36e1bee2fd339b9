/** OP_COMPRESSED: a message packed by zlib or zstd. */
import { deflateSync, inflateSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { ServerError } from './server-error.ts';

export interface Compressor {
  readonly name: string;
  /** Its number on the wire. */
  readonly id: number;
  readonly pack: (bytes: Uint8Array) => Buffer;
  /** Fails when more than `size` bytes come out, before they are all there. */
  readonly unpack: (bytes: Uint8Array, size: number) => Buffer;
}

const compressors: readonly Compressor[] = [
  {
    name: 'noop',
    id: 0,
    pack: (bytes) => Buffer.from(bytes),
    unpack: (bytes) => Buffer.from(bytes),
  },
  {
    name: 'zlib',
    id: 2,
    pack: (bytes) => deflateSync(bytes),
    unpack: (bytes, size) => inflateSync(bytes, { maxOutputLength: size }),
  },
  {
    name: 'zstd',
    id: 3,
    pack: (bytes) => zstdCompressSync(bytes),
    unpack: (bytes, size) => zstdDecompressSync(bytes, { maxOutputLength: size }),
  },
];

/** Those of a client's compressors that this server has too, in the client's order. */
export function sharedCompressors(names: readonly unknown[]): string[] {
  const shared = names.filter((name) =>
    compressors.some((each) => each.id > 0 && each.name === name),
  );
  return [...new Set(shared)] as string[];
}

const packedHead = 25;
/** Where in a message its body begins: sizes and opcodes are before it. */
const plainHead = 16;

/** The message inside an OP_COMPRESSED one; throws `ServerError` 17 when there is none of the size it tells. */
export function unpackMessage(
  bytes: Buffer,
  mostBytes: number,
): { message: Buffer; compressor: Compressor } {
  if (bytes.length < packedHead) throw protocolError('is cut off');
  const size = bytes.readInt32LE(20);
  const id = bytes[24];
  const compressor = compressors.find((each) => each.id === id);
  if (compressor === undefined) throw protocolError(`names the compressor ${id}`);
  if (size < 1 || size > mostBytes - plainHead) throw protocolError(`would have ${size} bytes`);
  let body: Buffer;
  try {
    body = compressor.unpack(bytes.subarray(packedHead), size);
  } catch (error) {
    throw protocolError((error as Error).message);
  }
  if (body.length !== size) throw protocolError(`has ${body.length} bytes instead of ${size}`);
  const head = Buffer.alloc(plainHead);
  head.writeInt32LE(plainHead + size, 0);
  bytes.copy(head, 4, 4, 12);
  bytes.copy(head, 12, 16, 20);
  return { message: Buffer.concat([head, body]), compressor };
}

/** A whole message as an OP_COMPRESSED one. */
export function packMessage(message: Buffer, compressor: Compressor, opcode: number): Buffer {
  const packed = compressor.pack(message.subarray(plainHead));
  const head = Buffer.alloc(packedHead);
  message.copy(head, 0, 0, 12);
  head.writeInt32LE(packedHead + packed.length, 0);
  head.writeInt32LE(opcode, 12);
  message.copy(head, 16, 12, 16);
  head.writeInt32LE(message.length - plainHead, 20);
  head[24] = compressor.id;
  return Buffer.concat([head, packed]);
}

function protocolError(detail: string): ServerError {
  return new ServerError(17, `a compressed message ${detail}`);
}

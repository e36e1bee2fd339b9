/** Frames of MongoDB's wire protocol, right and wrong, over a socket of their own. */
import { connect, type Socket } from 'node:net';
import { decodeDocument } from '../src/bson-decoder.ts';
import type { BsonDocument, EncodableDocument } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { Condition } from '../src/condition.ts';
import { MessageSplitter } from '../src/message-splitter.ts';

export const opcode = { query: 2004, compressed: 2012, message: 2013 } as const;

export function int32(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeInt32LE(number, index * 4);
  return bytes;
}

/** A frame of any opcode, its length right unless `size` says otherwise. */
export function frame(code: number, body: Uint8Array, size: number = body.length + 16): Buffer {
  return Buffer.concat([int32(size, 7, 0, code), body]);
}

/** The body of an OP_MSG with the sections given. */
export function sections(flags: number, ...parts: Uint8Array[]): Buffer {
  return Buffer.concat([int32(flags), ...parts]);
}

export function bodySection(document: EncodableDocument | Uint8Array): Buffer {
  const bytes = document instanceof Uint8Array ? document : encodeDocument(document);
  return Buffer.concat([Buffer.of(0), bytes]);
}

export function sequence(name: string, documents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\0`), ...documents]);
  return Buffer.concat([Buffer.of(1), int32(content.length + 4), content]);
}

export function message(command: EncodableDocument, flags = 0): Buffer {
  return frame(
    opcode.message,
    sections(flags, bodySection({ ...command, $db: command.$db ?? 'admin' })),
  );
}

/** A document with `levels` documents, itself the first. */
export function nested(levels: number): Uint8Array {
  let bytes: Uint8Array = encodeDocument({});
  for (let level = 1; level < levels; level++) {
    const size = bytes.length + 8;
    bytes = Buffer.concat([int32(size), Buffer.from('\x03a\0'), bytes, Buffer.of(0)]);
  }
  return bytes;
}

export class RawClient {
  readonly socket: Socket;
  readonly frames: Buffer[] = [];
  closed = false;
  readonly #changed = new Condition();

  constructor(port: number) {
    const splitter = new MessageSplitter();
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk: Buffer) => {
      this.frames.push(...splitter.push(chunk).map((each) => Buffer.from(each)));
      this.#changed.notify();
    });
    this.socket.on('close', () => {
      this.closed = true;
      this.#changed.notify();
    });
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The next frame that comes; nothing when the server closes first. */
  async frame(): Promise<Buffer | undefined> {
    await this.#changed.until(() => this.frames.length > 0 || this.closed);
    return this.frames.shift();
  }

  /** The document of the next OP_MSG. */
  async reply(): Promise<BsonDocument | undefined> {
    const bytes = await this.frame();
    return bytes && decodeDocument(bytes, 21);
  }

  ask(bytes: Uint8Array): Promise<BsonDocument | undefined> {
    this.send(bytes);
    return this.reply();
  }

  async end(): Promise<void> {
    await this.#changed.until(() => this.closed);
  }

  close(): void {
    this.socket.destroy();
  }
}

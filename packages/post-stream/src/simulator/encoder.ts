import zlib from 'node:zlib';

/** Turns messages into what goes over the wire, each at once and whole. */
export interface Encoder {
  /** The `Content-Encoding`; undefined for none. */
  readonly encoding?: string;
  encode(bytes: Buffer): Promise<Buffer>;
  /** The bytes that end the body well. */
  finish(): Promise<Buffer>;
  close(): void;
}

/** The best that an `Accept-Encoding` header allows: gzip, or none. */
export function encoderFor(acceptEncoding: string): Encoder {
  return /\bgzip\b(?!;\s*q=0(\.0*)?\s*(,|$))/i.test(acceptEncoding) ? new Gzip() : plain;
}

const plain: Encoder = {
  encode: (bytes) => Promise.resolve(bytes),
  finish: () => Promise.resolve(Buffer.alloc(0)),
  close() {},
};

class Gzip implements Encoder {
  readonly encoding = 'gzip';
  readonly #gzip = zlib.createGzip();
  #parts: Buffer[] = [];

  constructor() {
    this.#gzip.on('data', (part: Buffer) => this.#parts.push(part));
    // Closed while it works: nobody waits for the rest any more.
    this.#gzip.on('error', () => {});
  }

  encode(bytes: Buffer): Promise<Buffer> {
    this.#gzip.write(bytes);
    return new Promise((resolve) => {
      this.#gzip.flush(zlib.constants.Z_SYNC_FLUSH, () => resolve(this.#take()));
    });
  }

  finish(): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#gzip.once('end', () => resolve(this.#take()));
      this.#gzip.end();
    });
  }

  close(): void {
    this.#gzip.destroy();
  }

  #take(): Buffer {
    const parts = this.#parts;
    this.#parts = [];
    return Buffer.concat(parts);
  }
}

import type { ServerResponse } from 'node:http';
import type { Encoder } from './encoder.ts';

/** Messages that may wait for one client; a real service gives up on it as well. */
const mostWaiting = 10_000;
/** `room` waits until no more than this many do. */
const fewWaiting = 16;

interface Waiting {
  readonly bytes: Buffer;
  readonly onBegin?: (() => void) | undefined;
}

/**
 * One client's connection: what it is sent, in order, and how it is mistreated.
 *
 * A message is encoded and written only when the ones before it are; a client
 * that reads slowly lets them wait here.
 */
export class Subscriber {
  readonly #response: ServerResponse;
  readonly #encoder: Encoder;
  readonly #delimited: boolean;
  readonly #waiting: Waiting[] = [];
  readonly #keepAlive: NodeJS.Timeout;
  #pumping = false;
  #stalled = false;
  #ending = false;
  #closed = false;
  #bytesLeft = Infinity;
  #pieces: readonly number[] = [];
  #piece = 0;
  #wake: (() => void)[] = [];

  constructor(
    response: ServerResponse,
    encoder: Encoder,
    options: { delimited: boolean; keepAlive: number; onClose: () => void },
  ) {
    this.#response = response;
    this.#encoder = encoder;
    this.#delimited = options.delimited;
    this.#keepAlive = setInterval(() => this.#sendKeepAlive(), options.keepAlive);
    response.on('error', () => {});
    response.on('close', () => {
      this.#close();
      options.onClose();
    });
    response.writeHead(200, {
      'Content-Type': 'application/json',
      ...(encoder.encoding === undefined ? {} : { 'Content-Encoding': encoder.encoding }),
    });
    response.flushHeaders();
  }

  /** Queues a line; when too many wait already, they are dropped and the client is sent away. */
  send(line: string, onBegin?: () => void): void {
    if (this.#closed || this.#ending) return;
    if (this.#waiting.length >= mostWaiting) {
      this.#waiting.length = 0;
      this.disconnect(4, 'too far behind');
      return;
    }
    const framed = `${line}\r\n`;
    const length = this.#delimited ? `${Buffer.byteLength(framed)}\r\n` : '';
    this.#enqueue({ bytes: Buffer.from(length + framed), onBegin });
  }

  /** Says why in a message, after all that waits, and ends. */
  disconnect(code: number, reason: string): void {
    this.send(JSON.stringify({ disconnect: { code, stream_name: 'simulated-statuses', reason } }));
    this.end();
  }

  /** Resolves when more may be sent without piling it up; at once where that cannot be. */
  async room(): Promise<void> {
    while (this.#waiting.length > fewWaiting && !this.#excused) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** Sends what waits, then ends the answer as it should be ended. */
  end(): void {
    this.#ending = true;
    this.#wakeUp();
    this.#pump();
  }

  /** Closes the socket once `bytes` more of the body have been written. */
  cutAfter(bytes: number): void {
    this.#bytesLeft = bytes;
    if (bytes === 0) this.#cut();
  }

  /** Sends nothing at all, keep-alives included. */
  stall(): void {
    this.#stalled = true;
    this.#wakeUp();
  }

  resume(): void {
    this.#stalled = false;
    this.#pump();
  }

  /** Writes in pieces of these sizes, round and round, each in a turn of its own. */
  split(sizes: readonly number[]): void {
    this.#pieces = sizes;
    this.#piece = 0;
  }

  get #excused(): boolean {
    return this.#stalled || this.#ending || this.#closed;
  }

  #sendKeepAlive(): void {
    if (this.#waiting.length === 0 && !this.#ending) this.#enqueue({ bytes: Buffer.from('\r\n') });
  }

  #enqueue(message: Waiting): void {
    this.#waiting.push(message);
    this.#pump();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    // It cannot fail: the response and the encoder report their errors by events.
    void this.#drain();
  }

  async #drain(): Promise<void> {
    try {
      while (!this.#stalled && !this.#closed) {
        const next = this.#waiting.shift();
        if (next === undefined) break;
        this.#wakeUp();
        const encoded = await this.#encoder.encode(next.bytes);
        if (this.#closed) return;
        next.onBegin?.();
        await this.#write(encoded);
      }
      if (this.#ending && !this.#stalled && !this.#closed) {
        await this.#write(await this.#encoder.finish());
        this.#response.end();
      }
    } finally {
      this.#pumping = false;
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    for (let start = 0; start < bytes.length && !this.#closed; ) {
      const size = this.#nextPiece();
      const piece = bytes.subarray(start, start + Math.min(size, this.#bytesLeft));
      start += piece.length;
      this.#bytesLeft -= piece.length;
      const flushed = this.#response.write(piece);
      if (this.#bytesLeft === 0) this.#cut();
      else if (!flushed) await this.#drained();
      else if (size !== Infinity) await new Promise(setImmediate);
    }
  }

  #nextPiece(): number {
    const size = this.#pieces[this.#piece % this.#pieces.length] ?? Infinity;
    this.#piece += 1;
    return size;
  }

  async #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#response.once('drain', resolve).once('close', resolve);
    await promise;
    this.#response.off('drain', resolve).off('close', resolve);
  }

  /** What was written still goes out: only then is the socket closed. */
  #cut(): void {
    const { socket } = this.#response;
    this.#close();
    socket?.end(() => socket.destroy());
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting.length = 0;
    clearInterval(this.#keepAlive);
    this.#encoder.close();
    this.#wakeUp();
  }

  #wakeUp(): void {
    const waking = this.#wake;
    this.#wake = [];
    for (const wake of waking) wake();
  }
}

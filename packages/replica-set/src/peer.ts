/** One member's line to another: commands go out, replies come back, a broken line is opened again. */
import { connect, type Socket } from 'node:net';
import { decodeDocument } from './bson-decoder.ts';
import type { BsonDocument, EncodableDocument } from './bson-document.ts';
import { MessageSplitter } from './message-splitter.ts';
import { encodeRequest } from './wire-message.ts';

class PeerLostError extends Error {
  override readonly name = 'PeerLostError';
}

interface Waiting {
  readonly resolve: (reply: BsonDocument) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class Peer {
  readonly #host: string;
  readonly #port: number;
  readonly #secret: string;
  readonly #reaches: () => boolean;
  #socket: Socket | undefined;
  readonly #waiting = new Map<number, Waiting>();

  /** While `reaches` is false nothing is sent, and what comes is not heard. */
  constructor(
    address: { host: string; port: number },
    secret: string,
    reaches: () => boolean = () => true,
  ) {
    this.#host = address.host;
    this.#port = address.port;
    this.#secret = secret;
    this.#reaches = reaches;
  }

  /** The reply to a command, whatever its `ok` says; rejects with `PeerLostError` when none comes in time. */
  request(command: EncodableDocument, milliseconds: number): Promise<BsonDocument> {
    return new Promise((resolve, reject) => {
      const { id, bytes } = encodeRequest({
        ...command,
        secret: this.#secret,
        $db: command.$db ?? 'admin',
      });
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new PeerLostError(`no reply from ${this.#host}:${this.#port}`));
      }, milliseconds);
      this.#waiting.set(id, { resolve, reject, timer });
      if (this.#reaches()) this.#connected().write(bytes);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #connected(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    const splitter = new MessageSplitter();
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const message of splitter.push(chunk)) this.#take(message);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
      for (const { reject, timer } of this.#waiting.values()) {
        clearTimeout(timer);
        reject(new PeerLostError(`the line to ${this.#host}:${this.#port} broke`));
      }
      this.#waiting.clear();
    });
    this.#socket = socket;
    return socket;
  }

  #take(message: Buffer): void {
    const id = message.readInt32LE(8);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined || !this.#reaches()) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve(decodeDocument(message, 21));
  }
}

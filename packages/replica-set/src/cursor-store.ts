/** The cursors that clients have not read to their end. */
import { randomBytes } from 'node:crypto';
import type { RawDocument } from './bson-document.ts';
import { CappedTail } from './capped-tail.ts';
import { ChangeStream } from './change-stream.ts';
import { type pause, takeAll } from './pause.ts';
import type { RunningOperation } from './running-operations.ts';
import { ServerError } from './server-error.ts';
import type { Transaction } from './transaction.ts';

export type DocumentSource = Iterator<RawDocument | typeof pause>;

export interface OpenCursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly source: DocumentSource | ChangeStream | CappedTail;
  /** The session that it ends with. */
  readonly session: string | undefined;
  /** The transaction that it ends with. */
  readonly transaction: Transaction | undefined;
  usedAt: number;
  /** The milliseconds that the command which opened it has left for batches to come. */
  timeLeft?: number;
  /** True while a batch of documents is being read. */
  busy: boolean;
  /** Throws when there is nothing left to go on reading. */
  guard?: (() => void) | undefined;
  /** True for a tailable one whose `getMore` waits for documents. */
  awaitsData?: boolean;
}

export interface Batch {
  readonly documents: RawDocument[];
  readonly done: boolean;
}

const idleMilliseconds = 10 * 60_000;
const batchBytes = 16_000_000;
export const firstBatchSize = 101;

export class CursorStore {
  readonly #open = new Map<bigint, OpenCursor>();
  readonly #reaper = setInterval(() => this.#reap(), 60_000).unref();

  open(
    namespace: string,
    source: DocumentSource | ChangeStream | CappedTail,
    session: string | undefined,
    transaction?: Transaction,
  ): OpenCursor {
    const id = BigInt.asUintN(62, randomBytes(8).readBigUInt64LE()) + 1n;
    const cursor: OpenCursor = {
      id,
      namespace,
      source,
      session,
      transaction,
      usedAt: Date.now(),
      busy: false,
    };
    this.#open.set(id, cursor);
    transaction?.cursors.add(id);
    return cursor;
  }

  get(id: bigint): OpenCursor {
    const cursor = this.#open.get(id);
    if (cursor === undefined) throw new ServerError(43, `cursor id ${id} not found`);
    cursor.usedAt = Date.now();
    return cursor;
  }

  /**
   * The next documents of a cursor: at most `most`, and no more bytes than a message holds, in
   * what the batches before have left of its time. Ends the cursor with its last one, and with an
   * error: it would seem to be at its end.
   *
   * @throws {ServerError} 12051 while another batch of it is read, 237 when it is killed
   * meanwhile, and what `operation` throws when it is not to go on
   */
  async read(
    cursor: OpenCursor,
    source: DocumentSource,
    most: number,
    operation: RunningOperation | undefined,
  ): Promise<Batch> {
    const { id } = cursor;
    if (cursor.busy) throw new ServerError(12051, `cursor id ${id} is already in use`);
    cursor.busy = true;
    if (cursor.timeLeft !== undefined) operation?.limitTo(cursor.timeLeft);
    try {
      const batch = await takeBatch(source, most, () => {
        operation?.requireGoingOn();
        if (!this.#open.has(id)) throw new ServerError(237, `cursor id ${id} was killed`);
      });
      if (batch.done) this.kill(id);
      else if (operation !== undefined) cursor.timeLeft = operation.timeLeft;
      return batch;
    } catch (error) {
      this.kill(id);
      throw error;
    } finally {
      cursor.busy = false;
      cursor.usedAt = Date.now();
    }
  }

  /** True when there was such a cursor. */
  kill(id: bigint): boolean {
    const cursor = this.#open.get(id);
    const source = cursor?.source;
    if (source instanceof ChangeStream || source instanceof CappedTail) source.close();
    cursor?.transaction?.cursors.delete(id);
    return this.#open.delete(id);
  }

  killOfSession(session: string): void {
    for (const cursor of this.#open.values()) if (cursor.session === session) this.kill(cursor.id);
  }

  killAll(): void {
    for (const id of [...this.#open.keys()]) this.kill(id);
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  close(): void {
    clearInterval(this.#reaper);
    this.#open.clear();
  }

  #reap(): void {
    const since = Date.now() - idleMilliseconds;
    for (const { id, source, usedAt, busy } of this.#open.values()) {
      const waits = source instanceof ChangeStream || source instanceof CappedTail;
      const inUse = waits ? source.busy : busy;
      if (usedAt < since && !inUse) this.kill(id);
    }
  }
}

async function takeBatch(source: DocumentSource, most: number, goOn: () => void): Promise<Batch> {
  const documents: RawDocument[] = [];
  if (most === 0) return { documents, done: false };
  let bytes = 0;
  const take = (document: RawDocument): boolean => {
    bytes += document.bytes.length;
    return documents.push(document) >= most || bytes >= batchBytes;
  };
  return { documents, done: await takeAll(source, take, goOn) };
}

/** The cursors that clients have not read to their end. */
import { randomBytes } from 'node:crypto';
import type { RawDocument } from './bson-document.ts';
import { CappedTail } from './capped-tail.ts';
import { ChangeStream } from './change-stream.ts';
import { ServerError } from './server-error.ts';
import type { Transaction } from './transaction.ts';

export interface OpenCursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly source: Iterator<RawDocument> | ChangeStream | CappedTail;
  /** The session that it ends with. */
  readonly session: string | undefined;
  /** The transaction that it ends with. */
  readonly transaction: Transaction | undefined;
  usedAt: number;
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
    source: Iterator<RawDocument> | ChangeStream | CappedTail,
    session: string | undefined,
    transaction?: Transaction,
  ): OpenCursor {
    const id = BigInt.asUintN(62, randomBytes(8).readBigUInt64LE()) + 1n;
    const cursor: OpenCursor = { id, namespace, source, session, transaction, usedAt: Date.now() };
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

  /** True when there was such a cursor. */
  kill(id: bigint): boolean {
    const cursor = this.#open.get(id);
    const source = cursor?.source;
    if (source instanceof ChangeStream || source instanceof CappedTail) source.close();
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
    for (const { id, source, usedAt } of this.#open.values()) {
      const waits = source instanceof ChangeStream || source instanceof CappedTail;
      const waiting = waits && source.busy;
      if (usedAt < since && !waiting) this.kill(id);
    }
  }
}

/** Takes the next documents: at most `most` of them, and no more bytes than a message holds. */
export function takeBatch(documents: Iterator<RawDocument>, most: number): Batch {
  const batch: RawDocument[] = [];
  let bytes = 0;
  while (batch.length < most && bytes < batchBytes) {
    const next = documents.next();
    if (next.done === true) return { documents: batch, done: true };
    batch.push(next.value);
    bytes += next.value.bytes.length;
  }
  return { documents: batch, done: false };
}

/** Deletes, on the primary, what TTL indexes say has expired; the others follow by the log. */
import { setImmediate } from 'node:timers/promises';
import { decodeDocument } from './bson-decoder.ts';
import { encodeDocument } from './bson-encoder.ts';
import type { Catalog } from './catalog.ts';
import type { Collection, CollectionIndex } from './collection.ts';
import { HeldByTransaction } from './hold.ts';
import { encodeKey } from './key-string.ts';
import type { Replica } from './replica.ts';
import { ServerError } from './server-error.ts';
import type { PresentStore } from './store.ts';

/** Deleted in one turn of the event loop. */
const deletedAtOnce = 100;

export class TtlMonitor {
  /** `ttlMonitorEnabled`. */
  enabled = true;
  passes = 0;
  deletedDocuments = 0;
  readonly #parts: {
    readonly catalog: Catalog;
    readonly present: PresentStore;
    readonly replica: Replica;
    readonly now: () => Date;
  };
  #sleepSeconds = 60;
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  constructor(parts: {
    readonly catalog: Catalog;
    readonly present: PresentStore;
    readonly replica: Replica;
    readonly now: () => Date;
  }) {
    this.#parts = parts;
    this.#plan();
  }

  /** `ttlMonitorSleepSecs`: the time between two passes. */
  get sleepSeconds(): number {
    return this.#sleepSeconds;
  }

  set sleepSeconds(seconds: number) {
    this.#sleepSeconds = seconds;
    this.#plan();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #plan(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      if (this.enabled) void this.pass().catch(() => {});
    }, this.#sleepSeconds * 1000).unref();
  }

  /** Goes through all TTL indexes once; a pass that still lasts is not begun again. */
  async pass(): Promise<void> {
    if (this.#running || !this.#parts.replica.isPrimary) return;
    this.#running = true;
    try {
      for (const { namespace } of [...this.#parts.catalog.collections()]) {
        for (const name of this.#ttlIndexes(namespace)) await this.#expire(namespace, name);
      }
      this.passes += 1;
    } finally {
      this.#running = false;
    }
  }

  #ttlIndexes(namespace: string): string[] {
    const { indexes = [] } = this.#parts.catalog.get(namespace) ?? {};
    return indexes.flatMap(({ spec }) =>
      spec.expireAfterSeconds === undefined ? [] : [spec.name],
    );
  }

  /** A full disk, a step-down or a transaction that holds a document leave it for the next pass. */
  async #expire(namespace: string, name: string): Promise<void> {
    const passed = new Set<number>();
    for (;;) {
      const collection = this.#parts.catalog.get(namespace);
      const index = collection?.indexes.find(({ spec }) => spec.name === name);
      if (collection === undefined || index === undefined || !this.#parts.replica.isPrimary) return;
      const records = this.#expired(collection, index).filter((record) => !passed.has(record));
      if (records.length === 0) return;
      for (const record of records) {
        if (!this.#delete(collection, record)) passed.add(record);
      }
      if (passed.size > deletedAtOnce) return;
      await setImmediate();
    }
  }

  /** Records that have a date long enough ago; of an array one is enough. */
  #expired(collection: Collection, { id, spec }: CollectionIndex): number[] {
    const seconds = spec.expireAfterSeconds ?? 0;
    const before = new Date(this.#parts.now().getTime() - seconds * 1000);
    const [field] = spec.fields;
    const directions = [field?.direction ?? 1];
    const bounds = [new Date(-8.64e15), before].map((date) => encodeKey([date], directions));
    return collection.recordsBetween(
      id,
      bounds.sort((a, b) => Buffer.compare(a, b)),
      deletedAtOnce * 2,
    );
  }

  #delete(collection: Collection, record: number): boolean {
    const found = collection.get(record);
    if (found === undefined) return true;
    const payload = encodeDocument({ _id: decodeDocument(found.bytes).get('_id') });
    const { namespace } = collection;
    try {
      this.#parts.present.write({ kind: 'delete', namespace, payload }, undefined, found);
      this.deletedDocuments += 1;
      return true;
    } catch (error) {
      if (error instanceof HeldByTransaction) return false;
      if (error instanceof ServerError) return false;
      throw error;
    }
  }
}

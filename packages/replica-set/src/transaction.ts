/**
 * A multi-document transaction while it is open: a snapshot to read from, and
 * its writes, kept in memory and made at once when it commits.
 *
 * The first writer wins: to change what has changed since the snapshot, or what
 * another open transaction has changed, is a write conflict (112).
 */
import { decodeDocument } from './bson-decoder.ts';
import { isDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import type { Catalog } from './catalog.ts';
import type { StoredDocument } from './collection.ts';
import type { DatabaseFile } from './database-file.ts';
import { duplicateKey } from './duplicate-key.ts';
import { type Holds, held } from './hold.ts';
import type { LogEnd, Operation, StatementRecord } from './operation.ts';
import { OwnCollection } from './own-collection.ts';
import { pastCollection } from './past-versions.ts';
import type { Readable } from './query.ts';
import type { ReplicaLog } from './replica-log.ts';
import { ServerError } from './server-error.ts';
import { changedKeys, type Store } from './store.ts';

/** So much of the log fits into a message with room for what is around it. */
const mostBytes = 24 * 1024 * 1024;

export interface TransactionSource {
  readonly file: DatabaseFile;
  readonly catalog: Catalog;
  readonly log: ReplicaLog;
  readonly holds: Holds;
}

export interface TransactionName {
  /** The bytes of the logical session's id. */
  readonly session: Uint8Array;
  readonly number: number;
}

export class Transaction implements Store {
  readonly name: TransactionName;
  /** The position of the log that it sees. */
  readonly snapshot: number;
  /** True when a commit has to wait until a majority has what was read. */
  readonly speculative: boolean;
  /** On the clock of the sessions, in milliseconds. */
  readonly startedAt: number;
  readonly cursors: Set<bigint> = new Set();
  readonly #source: TransactionSource;
  readonly #collections = new Map<string, OwnCollection | undefined>();
  readonly #operations: Operation[] = [];
  readonly #held = new Set<string>();
  #bytes = 0;
  #state: 'open' | 'committed' | 'aborted' = 'open';
  #end: LogEnd | undefined;

  constructor(
    source: TransactionSource,
    options: {
      readonly name: TransactionName;
      readonly snapshot: number;
      readonly speculative: boolean;
      readonly startedAt: number;
    },
  ) {
    this.#source = source;
    this.name = options.name;
    this.snapshot = options.snapshot;
    this.speculative = options.speculative;
    this.startedAt = options.startedAt;
  }

  get state(): 'open' | 'committed' | 'aborted' {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#state !== 'open';
  }

  /** Its entry in the log, once it is committed and if it had any writes. */
  get end(): LogEnd | undefined {
    return this.#end;
  }

  get operations(): readonly Operation[] {
    return this.#operations;
  }

  /** True when it has read from a collection or written to it. */
  uses(namespace: string): boolean {
    return this.#collections.has(namespace);
  }

  /** Ends it; what it held is free, and its writes are forgotten. */
  finish(state: 'committed' | 'aborted', end?: LogEnd): void {
    this.#state = state;
    this.#end = end;
    this.#source.holds.release(this.#held);
    this.#held.clear();
    this.#collections.clear();
    this.#operations.length = 0;
  }

  collection(namespace: string): Readable | undefined {
    return this.#own(namespace)?.view;
  }

  write(operation: Operation, _record?: StatementRecord, found?: StoredDocument): void {
    const { kind, namespace, payload } = operation;
    if (kind === 'create') this.#create(namespace, payload);
    else if (kind === 'createIndex') this.#createIndex(namespace, payload);
    else this.#change(namespace, found, kind === 'delete' ? undefined : payload);
    this.#operations.push(operation);
    this.#bytes += payload.length + namespace.length + 64;
    if (this.#bytes > mostBytes) {
      throw new ServerError(
        257,
        `Total size of all transaction operations must be less than ${mostBytes} bytes. Actual size is ${this.#bytes}`,
      );
    }
  }

  #own(namespace: string): OwnCollection | undefined {
    if (!this.#collections.has(namespace)) {
      const base = pastCollection(this.#source, this.snapshot, namespace);
      const own = base && new OwnCollection(this.#source.file, namespace, base);
      this.#collections.set(namespace, own);
    }
    return this.#collections.get(namespace);
  }

  #create(namespace: string, payload: Uint8Array): void {
    if (this.#own(namespace) !== undefined) {
      throw new ServerError(48, `Collection ${namespace} already exists.`);
    }
    this.#take(held.name(namespace));
    if (this.#source.catalog.get(namespace) !== undefined) throw writeConflict();
    const options = decodeDocument(payload).get('options');
    const bytes = encodeDocument(isDocument(options) ? options : new Map());
    const own = new OwnCollection(this.#source.file, namespace, undefined, bytes);
    this.#collections.set(namespace, own);
  }

  #createIndex(namespace: string, spec: Uint8Array): void {
    const own = this.#own(namespace);
    if (own === undefined || own.base !== undefined || own.versions.size > 0) {
      throw new ServerError(
        263,
        `Cannot create new indexes on existing collection ${namespace} in a multi-document transaction.`,
      );
    }
    own.addIndex(spec);
  }

  #change(
    namespace: string,
    found: StoredDocument | undefined,
    bytes: Uint8Array | undefined,
  ): void {
    const own = this.#own(namespace);
    if (own === undefined) throw new ServerError(26, `ns does not exist: ${namespace}`);
    own.base?.past.refresh();
    const record = found?.record ?? own.newRecord();
    if (found !== undefined && !own.versions.has(record)) this.#takeDocument(own, record);
    this.#takeKeys(own, record, found?.bytes, bytes);
    own.set(record, bytes);
  }

  #takeDocument({ base }: OwnCollection, record: number): void {
    if (base === undefined) return;
    if (base.past.has(record)) throw writeConflict();
    this.#take(held.document(base.collection.id, record));
  }

  /** Takes the unique keys that change; throws 11000 when this transaction sees another document with one. */
  #takeKeys(
    own: OwnCollection,
    record: number,
    before: Uint8Array | undefined,
    after: Uint8Array | undefined,
  ): void {
    const document = after && decodeDocument(after);
    const { base, indexes, versions } = own;
    for (const { index, key, name, isAdded } of changedKeys(
      indexes,
      before && decodeDocument(before),
      document,
    )) {
      const holder = isAdded ? own.recordOf(name) : undefined;
      if (document !== undefined && holder !== undefined && holder !== record) {
        throw duplicateKey(own.view.namespace, index.spec, document, key);
      }
      if (base === undefined) continue;
      this.#take(held.key(name));
      if (document === undefined || !isAdded) continue;
      const others = (found: readonly number[]) =>
        found.filter((other) => other !== record && !versions.has(other));
      const past = base.past.recordOf(indexes, name);
      const [then] = others(past === undefined ? [] : [past]);
      const [now] = others(base.collection.recordsOf(index, key));
      if (then === undefined && now === undefined) {
        if (base.past.wasHeld(indexes, name)) throw writeConflict();
        continue;
      }
      // It was taken in the snapshot and is so still, or else it has changed hands since.
      const isTaken = now !== undefined && (then === now || !base.past.has(now));
      if (!isTaken) throw writeConflict();
      throw duplicateKey(own.view.namespace, index.spec, document, key);
    }
  }

  #take(thing: string): void {
    if (!this.#source.holds.take(thing, this)) throw writeConflict();
    this.#held.add(thing);
  }
}

function writeConflict(): ServerError {
  return new ServerError(
    112,
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
  );
}

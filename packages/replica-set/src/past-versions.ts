/** What the documents of a collection were at a position of the log, as far as they have changed since. */
import { decodeDocument } from './bson-decoder.ts';
import { type BsonValue, isDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import type { Catalog } from './catalog.ts';
import type { Collection, CollectionIndex } from './collection.ts';
import { keysOf } from './index-keys.ts';
import type { ReplicaLog } from './replica-log.ts';
import { ServerError } from './server-error.ts';
import { documentKinds } from './transaction-entry.ts';

/** The parts of a member that a snapshot is read from. */
export interface SnapshotSource {
  readonly log: ReplicaLog;
  readonly catalog: Catalog;
}

export class PastVersions {
  readonly #source: SnapshotSource;
  readonly #position: number;
  readonly #namespace: string;
  readonly #versions = new Map<number, Uint8Array | undefined>();
  #noted: number[] = [];
  /** Unique keys that these versions hold: built when first asked for. */
  #keys: Map<string, number> | undefined;
  /** Unique keys that documents had before changes since, as far as the log was read for them. */
  readonly #keysSince = new Set<string>();
  #keysRead: number;
  #read: number;
  #backward: number;
  #generation = 0;
  #created = false;

  constructor(source: SnapshotSource, position: number, namespace: string) {
    this.#source = source;
    this.#position = position;
    this.#read = position;
    this.#keysRead = position;
    this.#namespace = namespace;
    this.#backward = source.log.backward;
    this.refresh();
  }

  /** True when the collection was made later. */
  get isCreatedSince(): boolean {
    return this.#created;
  }

  /** Rises when what was noted is taken back. */
  get generation(): number {
    return this.#generation;
  }

  /** The records of `versions`, in the order in which their changes were noted. */
  get noted(): readonly number[] {
    return this.#noted;
  }

  /**
   * Takes notice of what the log holds by now.
   *
   * Throws 239 when the log has forgotten what is needed, 246 when the
   * collection was dropped or renamed since.
   */
  refresh(): void {
    const { log } = this.#source;
    if (log.end.position === this.#read && log.backward === this.#backward) return;
    if (log.backward !== this.#backward) this.#forget();
    if (log.start > this.#read) {
      throw new ServerError(
        239,
        `Read timestamp is older than the oldest available timestamp: the log no longer goes back to position ${this.#position}`,
      );
    }
    const undos = log.history.undosBehind(this.#read, this.#namespace);
    this.#read = log.end.position;
    for (const { kind, undo } of undos) {
      if (kind === 'drop' || kind === 'rename') throw dropped(this.#namespace);
      if (kind === 'create') this.#created = true;
      else if (documentKinds.has(kind)) this.#note(undo);
    }
  }

  has(record: number): boolean {
    return this.#versions.has(record);
  }

  /** The records that have changed, with what they were; nothing for one that was not there. */
  get versions(): ReadonlyMap<number, Uint8Array | undefined> {
    return this.#versions;
  }

  /** The changed record that had a unique key then. */
  recordOf(indexes: readonly CollectionIndex[], key: string): number | undefined {
    if (this.#keys === undefined) {
      this.#keys = new Map();
      for (const [record, bytes] of this.#versions) {
        if (bytes === undefined) continue;
        for (const each of uniqueKeysOf(indexes, bytes)) this.#keys.set(each, record);
      }
    }
    return this.#keys.get(key);
  }

  /** Whether a document that has changed since had a unique key before, be it but for a while. */
  wasHeld(indexes: readonly CollectionIndex[], key: string): boolean {
    const { log } = this.#source;
    if (log.end.position > this.#keysRead) {
      for (const { kind, undo } of log.history.undosBehind(this.#keysRead, this.#namespace)) {
        const before = documentKinds.has(kind) && documentOf(decodeDocument(undo).get('document'));
        if (before) for (const each of uniqueKeysOf(indexes, before)) this.#keysSince.add(each);
      }
      this.#keysRead = log.end.position;
    }
    return this.#keysSince.has(key);
  }

  #note(undo: Uint8Array): void {
    const how = decodeDocument(undo);
    const record = Number(how.get('record'));
    // The oldest change since then knows what was there then.
    if (this.#versions.has(record)) return;
    this.#versions.set(record, documentOf(how.get('document')));
    this.#noted.push(record);
    this.#keys = undefined;
  }

  /** Entries were taken back: those that are left are read anew. */
  #forget(): void {
    this.#versions.clear();
    this.#noted = [];
    this.#keys = undefined;
    this.#keysSince.clear();
    this.#keysRead = this.#position;
    this.#created = false;
    this.#read = this.#position;
    this.#backward = this.#source.log.backward;
    this.#generation += 1;
  }
}

function documentOf(value: BsonValue): Uint8Array | undefined {
  return isDocument(value) ? encodeDocument(value) : undefined;
}

function* uniqueKeysOf(indexes: readonly CollectionIndex[], bytes: Uint8Array): Iterable<string> {
  const document = decodeDocument(bytes);
  for (const index of indexes) {
    if (!index.spec.unique) continue;
    for (const each of keysOf(index.spec, document).keys) yield uniqueKey(index, each);
  }
}

/** A unique key of one index, as text. */
export function uniqueKey({ id }: CollectionIndex, key: Buffer): string {
  return `${id}:${key.toString('latin1')}`;
}

function dropped(namespace: string): ServerError {
  return new ServerError(
    246,
    `Unable to read from a snapshot due to pending collection catalog changes; ${namespace} was dropped or renamed since. Please retry the operation.`,
  );
}

/** A collection as it was at a position: nothing when it was not there. */
export function pastCollection(
  source: SnapshotSource,
  position: number,
  namespace: string,
): { readonly collection: Collection; readonly past: PastVersions } | undefined {
  const past = new PastVersions(source, position, namespace);
  const collection = source.catalog.get(namespace);
  if (collection === undefined || past.isCreatedSince) return undefined;
  return { collection, past };
}

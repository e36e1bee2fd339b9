/** What an open transaction has done to one collection. */
import { decodeDocument } from './bson-decoder.ts';
import type { Collection, CollectionIndex } from './collection.ts';
import { CollectionView, type OwnVersions } from './collection-view.ts';
import type { DatabaseFile } from './database-file.ts';
import { keysOf } from './index-keys.ts';
import { idIndexSpec, parseIndexSpec } from './index-spec.ts';
import { type PastVersions, uniqueKey } from './past-versions.ts';

/** The numbers of new documents until the commit gives them real ones: beyond all of those. */
const firstNewRecord = 2 ** 40;

export class OwnCollection implements OwnVersions {
  readonly versions: Map<number, Uint8Array | undefined> = new Map();
  readonly base: { readonly collection: Collection; readonly past: PastVersions } | undefined;
  readonly view: CollectionView;
  /** Those of a collection that the transaction has made. */
  readonly #indexes: CollectionIndex[] = [];
  /** The unique keys of the documents it has written. */
  readonly #keys = new Map<string, number>();
  #revision = 0;
  #nextRecord = firstNewRecord;

  constructor(
    file: DatabaseFile,
    namespace: string,
    base: { readonly collection: Collection; readonly past: PastVersions } | undefined,
    options?: Uint8Array,
  ) {
    this.base = base;
    if (base === undefined) this.addIndex(idIndexSpec);
    const made = options && { indexes: this.#indexes, options };
    this.view = new CollectionView(file, namespace, base, this, made);
  }

  get revision(): number {
    return this.#revision;
  }

  get indexes(): readonly CollectionIndex[] {
    return this.view.indexes;
  }

  addIndex(bytes: Uint8Array): void {
    // Real indexes count from 1.
    const id = -1 - this.#indexes.length;
    this.#indexes.push({ id, spec: parseIndexSpec(bytes), multikey: false });
  }

  newRecord(): number {
    return this.#nextRecord++;
  }

  /** The own document with that unique key. */
  recordOf(key: string): number | undefined {
    return this.#keys.get(key);
  }

  set(record: number, bytes: Uint8Array | undefined): void {
    const before = this.versions.get(record);
    if (before !== undefined) {
      for (const key of this.#keysOf(before)) this.#keys.delete(key);
    }
    this.versions.set(record, bytes);
    if (bytes !== undefined) for (const key of this.#keysOf(bytes)) this.#keys.set(key, record);
    this.#revision += 1;
  }

  #keysOf(bytes: Uint8Array): string[] {
    const document = decodeDocument(bytes);
    return this.indexes
      .filter(({ spec }) => spec.unique)
      .flatMap((index) => keysOf(index.spec, document).keys.map((key) => uniqueKey(index, key)));
  }
}

/** What commands read from and write to: the member's data, a snapshot of it, or a transaction. */
import { decodeDocument } from './bson-decoder.ts';
import type { BsonDocument } from './bson-document.ts';
import type { CollectionIndex, StoredDocument } from './collection.ts';
import { CollectionView } from './collection-view.ts';
import { HeldByTransaction, held } from './hold.ts';
import { keysOf } from './index-keys.ts';
import type { MemberState } from './member-state.ts';
import type { Operation, StatementRecord } from './operation.ts';
import { pastCollection, uniqueKey } from './past-versions.ts';
import type { Readable } from './query.ts';
import { ServerError } from './server-error.ts';
import { documentKinds } from './transaction-entry.ts';

export interface Store {
  collection(namespace: string): Readable | undefined;
  /** Makes a change; `found` is the document that it changes or removes. */
  write(operation: Operation, record?: StatementRecord, found?: StoredDocument): void;
}

/** The member's data themselves. What an open transaction holds is refused by `HeldByTransaction`. */
export class PresentStore implements Store {
  readonly #state: MemberState;

  constructor(state: MemberState) {
    this.#state = state;
  }

  collection(namespace: string): Readable | undefined {
    return this.#state.catalog.get(namespace);
  }

  /** Refuses to change a collection as such while an open transaction uses it. */
  claimCollection(namespace: string): void {
    const user = this.#state.sessions.userOf(namespace);
    if (user !== undefined) throw new HeldByTransaction(user);
  }

  write(operation: Operation, record?: StatementRecord, found?: StoredDocument): void {
    const { kind, namespace, payload } = operation;
    if (kind === 'create') this.#refuseHeld(held.name(namespace));
    else if (documentKinds.has(kind)) {
      this.#refuseHeldDocument(namespace, found, kind === 'delete' ? undefined : payload);
    } else if (kind !== 'noop') this.claimCollection(namespace);
    this.#state.replica.append(operation, record, found);
  }

  /** Of a document that is to become another one, to be inserted (no `before`) or removed (no `after`). */
  #refuseHeldDocument(
    namespace: string,
    before: StoredDocument | undefined,
    after: Uint8Array | undefined,
  ): void {
    if (this.#state.sessions.holds.isEmpty) return;
    const collection = this.#state.catalog.get(namespace);
    if (collection === undefined) return;
    if (before !== undefined) this.#refuseHeld(held.document(collection.id, before.record));
    const old = before && decodeDocument(before.bytes);
    for (const key of changedKeys(collection.indexes, old, after && decodeDocument(after))) {
      this.#refuseHeld(held.key(key.name));
    }
  }

  #refuseHeld(thing: string): void {
    const holder = this.#state.sessions.holds.holderOf(thing);
    if (holder !== undefined) throw new HeldByTransaction(holder);
  }
}

/** The data as they were at a position of the log. */
export class SnapshotStore implements Store {
  readonly #state: MemberState;
  readonly #position: number;

  constructor(state: MemberState, position: number) {
    this.#state = state;
    this.#position = position;
  }

  collection(namespace: string): Readable | undefined {
    const found = pastCollection(this.#state, this.#position, namespace);
    return found && new CollectionView(this.#state.file, namespace, found);
  }

  write(): never {
    throw new ServerError(72, 'a snapshot cannot be written to');
  }
}

/** A unique key that a document gains or gives up. */
export interface ChangedKey {
  readonly index: CollectionIndex;
  readonly key: Buffer;
  /** The key as holds and versions know it. */
  readonly name: string;
  readonly isAdded: boolean;
}

/** The unique keys that change when a document becomes another one. */
export function changedKeys(
  indexes: readonly CollectionIndex[],
  before: BsonDocument | undefined,
  after: BsonDocument | undefined,
): ChangedKey[] {
  return indexes.flatMap((index) => {
    if (!index.spec.unique) return [];
    const old = before === undefined ? [] : keysOf(index.spec, before).keys;
    const keys = after === undefined ? [] : keysOf(index.spec, after).keys;
    const without = (list: readonly Buffer[], others: readonly Buffer[], isAdded: boolean) =>
      list
        .filter((key) => !others.some((other) => other.equals(key)))
        .map((key) => ({ index, key, name: uniqueKey(index, key), isAdded }));
    return [...without(old, keys, false), ...without(keys, old, true)];
  });
}

/** A tailable cursor: the documents of a capped collection in their order, and those that come later. */
import { decodeDocument } from './bson-decoder.ts';
import type { RawDocument } from './bson-document.ts';
import type { Collection } from './collection.ts';
import type { Match } from './match.ts';
import type { Predicate } from './matcher.ts';
import type { MemberState } from './member-state.ts';
import { readAll } from './plan-reader.ts';
import { ServerError } from './server-error.ts';

const batchBytes = 16_000_000;

export class CappedTail {
  readonly #state: MemberState;
  readonly #collection: Collection;
  readonly #test: Predicate;
  readonly #show: (match: Match) => RawDocument;
  /** How many are left out before the first is shown, and how many may be shown then. */
  #skip: number;
  #left: number;
  /** The last record that was looked at. */
  #at = 0;
  #closed = false;
  /** True while a batch is being waited for. */
  busy = false;

  constructor(
    state: MemberState,
    collection: Collection,
    {
      test,
      show,
      skip,
      limit,
    }: {
      readonly test: Predicate;
      readonly show: (match: Match) => RawDocument;
      readonly skip: number;
      readonly limit: number;
    },
  ) {
    this.#state = state;
    this.#collection = collection;
    this.#test = test;
    this.#show = show;
    this.#skip = skip;
    this.#left = limit || Number.POSITIVE_INFINITY;
  }

  /** Ends the cursor, and a wait for more at once. */
  close(): void {
    this.#closed = true;
    this.#state.replica.standing.changed.notify();
  }

  /** True once a document was looked at. */
  get begun(): boolean {
    return this.#at > 0;
  }

  /** True once as many as it was limited to were shown. */
  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /**
   * The next documents, at most `most`; none is no end.
   *
   * Throws 136 when the documents behind the last one were dropped to make room
   * before they were read, and 237 when the collection or the cursor is gone.
   */
  take(most: number): RawDocument[] {
    this.#refuseEnded();
    const collection = this.#collection;
    const oldest = collection.oldest();
    if (this.begun && oldest !== undefined && oldest.record > this.#at + 1) throw positionLost();
    const documents: RawDocument[] = [];
    let bytes = 0;
    if (most === 0 || this.isSpent) return documents;
    for (const stored of readAll(this.#state.file, collection, false, this.#at)) {
      this.#at = stored.record;
      const match = { stored, document: decodeDocument(stored.bytes) };
      if (!this.#test(match.document)) continue;
      if (this.#skip > 0) {
        this.#skip -= 1;
        continue;
      }
      const shown = this.#show(match);
      documents.push(shown);
      bytes += shown.bytes.length;
      this.#left -= 1;
      if (this.isSpent) break;
      if (documents.length >= most || bytes >= batchBytes) break;
    }
    return documents;
  }

  /** As `take`, but waits for the first document up to `milliseconds`. */
  async wait(most: number, milliseconds: number): Promise<RawDocument[]> {
    let found: RawDocument[] = [];
    this.busy = true;
    try {
      await this.#state.replica.standing.changed.until(() => {
        found = this.take(most);
        return found.length > 0;
      }, milliseconds);
    } finally {
      this.busy = false;
    }
    return found;
  }

  #refuseEnded(): void {
    const { catalog, replica } = this.#state;
    if (replica.standing.stopped) throw new ServerError(11600, 'the member is shutting down');
    if (this.#closed) throw new ServerError(237, 'the cursor was killed');
    const now = catalog.get(this.#collection.namespace);
    if (now?.id === this.#collection.id) return;
    throw new ServerError(175, `collection dropped: ${this.#collection.namespace}`);
  }
}

function positionLost(): ServerError {
  return new ServerError(
    136,
    'CollectionScan died due to position in capped collection being deleted.',
  );
}

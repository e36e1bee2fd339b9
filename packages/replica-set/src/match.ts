/** A document that a query has found. */
import { decodeDocument } from './bson-decoder.ts';
import type { BsonDocument } from './bson-document.ts';
import type { StoredDocument } from './collection.ts';

export interface Match {
  readonly stored: StoredDocument;
  readonly document: BsonDocument;
}

/** A match whose document is read when it is first asked for. */
export class StoredMatch implements Match {
  readonly stored: StoredDocument;
  #document: BsonDocument | undefined;

  constructor(stored: StoredDocument) {
    this.stored = stored;
  }

  get document(): BsonDocument {
    this.#document ??= decodeDocument(this.stored.bytes);
    return this.#document;
  }
}

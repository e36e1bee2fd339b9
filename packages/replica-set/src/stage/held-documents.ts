/** Documents of a foreign collection that are held to be joined many times. */
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import type { Collator } from '../collator.ts';
import { splitPath, valuesAtPath } from '../field-path.ts';
import { type Flow, pause } from '../pause.ts';
import { ValueKeys } from './value-keys.ts';

/** So many documents are held at most. */
const mostHeld = 50_000;

export class HeldDocuments {
  readonly documents: readonly BsonDocument[];
  readonly #keys: ValueKeys;
  /** The places of the documents with a value at the path. */
  readonly #places = new Map<string, number[]>();

  private constructor(
    documents: readonly BsonDocument[],
    path: readonly string[],
    collator: Collator | undefined,
  ) {
    this.documents = documents;
    this.#keys = new ValueKeys(collator);
    for (const [place, document] of documents.entries()) {
      for (const { value, missing } of valuesAtPath(document, path)) {
        if (missing) continue;
        this.#add(value, place);
        if (Array.isArray(value)) for (const item of value) this.#add(item, place);
      }
    }
  }

  /** Holds documents by what they have at a path; nothing when there are too many of them. */
  static *of(
    documents: Flow<BsonDocument>,
    path: string,
    collator: Collator | undefined,
  ): Generator<typeof pause, HeldDocuments | undefined> {
    const held: BsonDocument[] = [];
    for (const document of documents) {
      if (document === pause) {
        yield pause;
        continue;
      }
      if (held.length === mostHeld) return undefined;
      held.push(document);
    }
    return new HeldDocuments(held, splitPath(path), collator);
  }

  /** The documents, in their order, whose field equals one of the values; none of these is null or undefined. */
  with(values: readonly BsonValue[]): BsonDocument[] {
    const places = values.flatMap((value) => this.#places.get(this.#keys.of(value)) ?? []);
    const ordered = values.length === 1 ? places : [...new Set(places)].sort((a, b) => a - b);
    return ordered.flatMap((place) => this.documents[place] ?? []);
  }

  #add(value: BsonValue, place: number): void {
    const key = this.#keys.of(value);
    const places = this.#places.get(key);
    if (places === undefined) this.#places.set(key, [place]);
    else if (places.at(-1) !== place) places.push(place);
  }
}

/** The documents of a view that are not what is stored now. */
import type { BsonValue } from './bson-document.ts';
import type { OwnVersions } from './collection-view.ts';
import { type Match, StoredMatch } from './match.ts';
import type { Predicate } from './matcher.ts';
import type { PastVersions } from './past-versions.ts';
import { pause } from './pause.ts';
import { RecordSet } from './record-set.ts';

/** The order in which matches come. */
export interface MatchOrder {
  keyOf(match: Match): readonly BsonValue[];
  compare(a: readonly BsonValue[], b: readonly BsonValue[]): number;
}

interface Queued {
  readonly match: Match;
  readonly key: readonly BsonValue[];
}

const noKey: readonly BsonValue[] = [];
/** Put into their places one by one; more than that are sorted in. */
const mostInsertions = 32;

/**
 * Those that pass, in order where there is one, each until it has been taken; more come while others
 * write, at the cost of the new ones alone.
 */
export class ChangedMatches {
  readonly #past: PastVersions | undefined;
  readonly #own: OwnVersions;
  readonly #test: Predicate;
  readonly #order: MatchOrder | undefined;
  /** Records that have been told, from here or from what is stored. */
  readonly #told = new RecordSet();
  #queue: Queued[] = [];
  /** Where the queue begins. */
  #at = 0;
  /** How many of the past's records have been taken notice of. */
  #noted = 0;
  #generation = -1;
  #revision = -1;

  constructor(
    past: PastVersions | undefined,
    own: OwnVersions,
    test: Predicate,
    order: MatchOrder | undefined,
  ) {
    this.#past = past;
    this.#own = own;
    this.#test = test;
    this.#order = order;
  }

  /** True for a record that is not to be told as it is stored. */
  hides(record: number): boolean {
    return (
      this.#told.has(record) || this.#own.versions.has(record) || this.#past?.has(record) === true
    );
  }

  /** Takes notice of what has been written: `yield* changed.refresh()`. */
  *refresh(): Generator<typeof pause, void> {
    const past = this.#past;
    past?.refresh();
    const generation = past?.generation ?? 0;
    const { revision, versions } = this.#own;
    const isNew = generation !== this.#generation || revision !== this.#revision;
    if (!isNew && this.#noted === (past?.noted.length ?? 0)) return;
    const found: Queued[] = [];
    let looked = 0;
    const look = (record: number, bytes: Uint8Array | undefined): boolean => {
      if (bytes !== undefined && !this.#told.has(record)) {
        const match = new StoredMatch({ record, bytes });
        if (this.#test(match.document)) found.push({ match, key: this.#keyOf(match) });
      }
      looked += 1;
      return looked % 64 === 0;
    };
    if (isNew) {
      this.#generation = generation;
      this.#revision = revision;
      this.#queue = [];
      this.#at = 0;
      this.#noted = 0;
      for (const [record, bytes] of [...versions]) if (look(record, bytes)) yield pause;
    }
    // More may be noted in a pause, but nothing is told before all of it is here.
    while (past !== undefined && this.#noted < past.noted.length) {
      const record = past.noted[this.#noted] ?? 0;
      this.#noted += 1;
      const bytes = versions.has(record) ? undefined : past.versions.get(record);
      if (look(record, bytes)) yield pause;
    }
    this.#add(found);
  }

  /** Those that come before `next`, or all; they are told by that, and `next`, whatever becomes of it meanwhile. */
  *before(next: Match | undefined): Generator<Match | typeof pause, void> {
    if (next !== undefined) this.#told.add(next.stored.record);
    const key = next && this.#at < this.#queue.length ? this.#keyOf(next) : noKey;
    for (;;) {
      const first = this.#queue[this.#at];
      if (first === undefined) break;
      const order = this.#order;
      if (next !== undefined && (!order || order.compare(first.key, key) > 0)) break;
      this.#at += 1;
      this.#told.add(first.match.stored.record);
      yield first.match;
      yield* this.refresh();
    }
  }

  #keyOf(match: Match): readonly BsonValue[] {
    return this.#order?.keyOf(match) ?? noKey;
  }

  #add(found: readonly Queued[]): void {
    const order = this.#order;
    if (order !== undefined && found.length <= mostInsertions) {
      for (const each of found) this.#queue.splice(this.#placeOf(each.key, order), 0, each);
      return;
    }
    this.#queue = [...this.#queue.slice(this.#at), ...found];
    this.#at = 0;
    if (order !== undefined) this.#queue.sort((a, b) => order.compare(a.key, b.key));
  }

  /** Behind those of the queue that do not come after the key. */
  #placeOf(key: readonly BsonValue[], order: MatchOrder): number {
    let low = this.#at;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#queue[middle]?.key ?? noKey;
      if (order.compare(other, key) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

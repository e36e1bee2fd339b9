/**
 * An index while it is being built, a slice at a time, over documents that go on
 * changing. Its keys lie in the file under a number of its own, which no index
 * has until the build is adopted: what a crash leaves is swept away.
 */
import { decodeDocument } from './bson-decoder.ts';
import type { BsonDocument } from './bson-document.ts';
import type { DatabaseFile } from './database-file.ts';
import type { DocumentRows } from './document-rows.ts';
import { duplicateKey } from './duplicate-key.ts';
import { keysOf } from './index-keys.ts';
import type { IndexSpec } from './index-spec.ts';
import { ServerError } from './server-error.ts';
import { SortedRuns } from './sorted-runs.ts';

/** Keys held in memory at a time, and their bytes: they are written in order, which keeps the file's pages together. */
const mostKeys = 250_000;
const mostBytes = 32 * 1024 * 1024;

interface KeyOfRecord {
  readonly key: Buffer;
  readonly record: number;
}

export class IndexBuild {
  readonly id: number;
  readonly spec: IndexSpec;
  multikey = false;
  readonly #file: DatabaseFile;
  readonly #namespace: string;
  readonly #rows: DocumentRows;
  /** Documents up to this record have been read; their keys are in the file up to the other. */
  #read = 0;
  #written = 0;
  #gathered = new SortedRuns(compareKeys);
  /** Of the keys that are gathered. */
  #bytes = 0;
  #writing: Iterator<KeyOfRecord> | undefined;
  /** Records, read and not yet written, whose documents have changed since, with the keys they were read with. */
  readonly #stale = new Map<number, readonly Buffer[]>();
  readonly #most: number;
  #done = false;
  #failure: ServerError | undefined;

  /** `most` is how many keys are held in memory at a time. */
  constructor(
    file: DatabaseFile,
    { namespace, rows }: { readonly namespace: string; readonly rows: DocumentRows },
    id: number,
    spec: IndexSpec,
    most: number = mostKeys,
  ) {
    this.#most = most;
    this.#file = file;
    this.#namespace = namespace;
    this.#rows = rows;
    this.id = id;
    this.spec = spec;
  }

  get done(): boolean {
    return this.#done && this.#failure === undefined;
  }

  /** Lets the next step throw. */
  fail(error: ServerError): void {
    this.#failure ??= error;
  }

  /**
   * Goes on for about as many milliseconds; true when the index is complete.
   * Throws what forbids it: 11000 for a unique key that two documents have, 171
   * for parallel arrays.
   */
  step(milliseconds: number): boolean {
    const until = performance.now() + milliseconds;
    while (!this.#done) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#writing === undefined) this.#gather(until);
      else this.#write(this.#writing, until);
      if (performance.now() >= until) break;
    }
    if (this.#failure !== undefined) throw this.#failure;
    return this.#done;
  }

  /** Takes notice of a document that is written, changed or removed meanwhile; never throws for what it is. */
  note(record: number, before: BsonDocument | undefined, after: BsonDocument | undefined): void {
    if (this.#failure !== undefined || (record > this.#read && !this.#done)) return;
    if (record > this.#written && !this.#done) {
      if (this.#stale.has(record)) return;
      this.#stale.set(record, before === undefined ? [] : keysOf(this.spec, before).keys);
      return;
    }
    try {
      if (before !== undefined) this.#remove(record, keysOf(this.spec, before).keys);
      if (after !== undefined) this.#add(record, after);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#failure = error;
    }
  }

  #gather(until: number): void {
    const { first, end } = this.#rows;
    const rows = this.#file
      .statement('select row, document from documents where row > ? and row < ? order by row')
      .iterate(first + this.#read, end);
    for (const { row, document } of rows) {
      const record = Number(row) - first;
      const { keys, multikey } = keysOf(this.spec, decodeDocument(document as Uint8Array));
      for (const key of keys) {
        this.#gathered.add({ key, record });
        this.#bytes += key.length;
      }
      if (multikey) this.multikey = true;
      this.#read = record;
      if (this.#gathered.size >= this.#most || this.#bytes >= mostBytes) {
        this.#writing = this.#gathered.merged();
        return;
      }
      if (performance.now() >= until) return;
    }
    // Behind the last document.
    if (this.#read === this.#written) this.#done = true;
    else this.#writing = this.#gathered.merged();
  }

  #write(items: Iterator<KeyOfRecord>, until: number): void {
    for (let count = 1; ; count++) {
      const next = items.next();
      if (next.done === true) break;
      const { key, record } = next.value;
      if (!this.#stale.has(record)) this.#put(record, key);
      if (count % 64 === 0 && performance.now() >= until) return;
    }
    this.#refresh();
    this.#written = this.#read;
    this.#writing = undefined;
    this.#gathered = new SortedRuns(compareKeys);
    this.#bytes = 0;
  }

  /** Gives documents that changed while keys were being written the keys that they have now. */
  #refresh(): void {
    for (const [record, keys] of this.#stale) this.#remove(record, keys);
    for (const record of this.#stale.keys()) {
      const document = this.#document(record);
      if (document !== undefined) this.#add(record, document);
    }
    this.#stale.clear();
  }

  #add(record: number, document: BsonDocument): void {
    const { keys, multikey } = keysOf(this.spec, document);
    for (const key of keys) this.#put(record, key);
    if (multikey) this.multikey = true;
  }

  #put(record: number, key: Buffer): void {
    if (this.spec.unique) {
      const other = this.#file
        .statement(
          'select record from entries where "index" = ? and key = ? and record <> ? limit 1',
        )
        .get(this.id, key, record);
      if (other !== undefined) {
        throw duplicateKey(this.#namespace, this.spec, this.#document(record) ?? new Map(), key);
      }
    }
    this.#file
      .statement('insert or ignore into entries ("index", key, record) values (?, ?, ?)')
      .run(this.id, key, record);
  }

  #remove(record: number, keys: readonly Buffer[]): void {
    const statement = this.#file.statement(
      'delete from entries where "index" = ? and key = ? and record = ?',
    );
    for (const key of keys) statement.run(this.id, key, record);
  }

  #document(record: number): BsonDocument | undefined {
    const row = this.#file
      .statement('select document from documents where row = ?')
      .get(this.#rows.first + record);
    return row && decodeDocument(row.document as Uint8Array);
  }
}

function compareKeys(a: KeyOfRecord, b: KeyOfRecord): number {
  return Buffer.compare(a.key, b.key) || a.record - b.record;
}

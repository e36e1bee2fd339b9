/** The SQLite file of one member, written in groups: one sync for all writes of a turn of the event loop. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ServerError } from './server-error.ts';

const schema = `
  create table if not exists facts (name text primary key, value text not null) strict;
  create table if not exists collections (
    id integer primary key autoincrement,
    namespace text not null,
    uuid blob not null,
    options blob not null,
    dropped_at integer
  ) strict;
  create table if not exists indexes (
    id integer primary key autoincrement,
    collection integer not null,
    spec blob not null,
    multikey integer not null default 0
  ) strict;
  create table if not exists documents (
    collection integer not null,
    record integer not null,
    document blob not null,
    primary key (collection, record)
  ) strict, without rowid;
  create table if not exists entries (
    "index" integer not null,
    key blob not null,
    record integer not null,
    primary key ("index", key, record)
  ) strict, without rowid;
  create table if not exists log (
    position integer primary key,
    term integer not null,
    seconds integer not null,
    increment integer not null,
    kind text not null,
    namespace text not null,
    payload blob not null,
    undo blob not null,
    session blob,
    txn integer,
    statement integer,
    result blob
  ) strict;
  create index if not exists log_by_session on log (session, txn, statement) where session is not null;
`;

/** What is told of each group of writes. */
export interface GroupWatcher {
  /** It is about to be written to the disk, which takes a while; not called before `flushNow`. */
  readonly closing: () => void;
  /** It is on the disk. */
  readonly committed: () => void;
  /** All of it was undone; what is returned is told instead of the disk's error. */
  readonly failed: () => ServerError | undefined;
}

export class DatabaseFile {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #beforeSync: () => void;
  #open = false;
  #flush: Promise<void> = Promise.resolve();
  #settle: (error?: ServerError) => void = () => {};
  #watcher: GroupWatcher = { closing: () => {}, committed: () => {}, failed: () => undefined };

  /**
   * With `durable` false a commit survives the end of the process, but not of the machine.
   * What `beforeSync` throws undoes the group, as an error of the disk would.
   */
  constructor(
    path: string,
    { durable, beforeSync = () => {} }: { durable: boolean; beforeSync?: () => void },
  ) {
    this.#beforeSync = beforeSync;
    this.#database = new DatabaseSync(path);
    // The lock is the process's: no other opens this file, and a killed one leaves nothing behind.
    this.#database.exec(`
      pragma locking_mode = exclusive;
      pragma journal_mode = wal;
      pragma synchronous = ${durable ? 'full' : 'off'};
      pragma cache_size = -65536;
      pragma wal_autocheckpoint = 4000;
    `);
    this.#database.exec(schema);
  }

  /** The prepared statement of this text; kept for the next time. */
  statement(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  watch(watcher: GroupWatcher): void {
    this.#watcher = watcher;
  }

  /** Runs writes that succeed or fail as one, within the open group. */
  writeAtomically<T>(changes: () => T): T {
    this.#begin();
    this.statement('savepoint step').run();
    try {
      const result = changes();
      this.statement('release step').run();
      return result;
    } catch (error) {
      // On some errors, as of a full disk, SQLite undoes the whole group by itself.
      if (!this.#database.isTransaction) throw this.#lose(error);
      this.statement('rollback to step').run();
      this.statement('release step').run();
      throw (error as { errcode?: number }).errcode === sqliteFull ? outOfSpace(error) : error;
    }
  }

  /** Resolves when every write made so far is on the disk; rejects when they were undone. */
  flushed(): Promise<void> {
    return this.#flush;
  }

  /** Writes the open group at once. */
  flushNow(): void {
    if (this.#open) this.#commit();
  }

  /** Writes the open group if that can be done, and closes the file. */
  close(): void {
    try {
      this.flushNow();
    } catch {
      // Those who wait for the group are told.
    } finally {
      this.#statements.clear();
      this.#database.close();
    }
  }

  #begin(): void {
    if (this.#open) return;
    this.statement('begin immediate').run();
    this.#open = true;
    this.#flush = new Promise((resolve, reject) => {
      this.#settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#flush.catch(() => {});
    setImmediate(() => this.#watcher.closing());
    setImmediate(() => {
      try {
        this.flushNow();
      } catch {
        // Those who wait for the group are told.
      }
    });
  }

  #commit(): void {
    try {
      this.#beforeSync();
      this.statement('commit').run();
    } catch (cause) {
      throw this.#lose(cause);
    }
    this.#open = false;
    this.#settle();
    this.#watcher.committed();
  }

  /** Undoes the open group and tells those who wait for it; later ones have nothing to wait for. */
  #lose(cause: unknown): ServerError {
    if (this.#database.isTransaction) this.statement('rollback').run();
    if (!this.#open) return outOfSpace(cause);
    this.#open = false;
    this.#flush = Promise.resolve();
    const settle = this.#settle;
    const error = this.#watcher.failed() ?? outOfSpace(cause);
    settle(error);
    return error;
  }
}

/** SQLite's own code for a disk that is full. */
const sqliteFull = 13;

function outOfSpace(cause: unknown): ServerError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ServerError(14031, `the write could not be kept: ${reason}`);
}

/** The SQLite file of one member, written in groups: one sync for all writes of a turn of the event loop. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  type FileError,
  fileErrorOf,
  makeFormat,
  requireFile,
  requireFormat,
} from './file-format.ts';
import { ServerError } from './server-error.ts';

/** What is told of each group of writes. */
export interface GroupWatcher {
  /** It is on the disk. */
  readonly committed: () => void;
  /** All of it was undone. */
  readonly failed: () => void;
}

export class DatabaseFile {
  readonly path: string;
  readonly #durable: boolean;
  #database: DatabaseSync;
  /** Stays open as long as the database: to close it would give up the process's lock on the file. */
  #reader: Promise<FileHandle> | undefined;
  readonly #statements = new Map<string, StatementSync>();
  readonly #beforeSync: () => void;
  readonly #onDamage: (error: FileError) => void;
  #open = false;
  #flush: Promise<void> = Promise.resolve();
  #settle: (error?: ServerError) => void = () => {};
  #watcher: GroupWatcher = { committed: () => {}, failed: () => {} };

  /**
   * With `durable` false a commit survives the end of the process, but not of the machine.
   * What `beforeSync` throws undoes the group, as an error of the disk would.
   *
   * Throws a `FileError` for what is not such a file; `onDamage` is called when that is found later.
   */
  constructor(
    path: string,
    {
      durable,
      beforeSync = () => {},
      onDamage = () => {},
    }: { durable: boolean; beforeSync?: () => void; onDamage?: (error: FileError) => void },
  ) {
    this.path = path;
    this.#durable = durable;
    this.#beforeSync = beforeSync;
    this.#onDamage = onDamage;
    this.#database = this.#connect();
    // Not before the lock is ours: what lies here may be somebody else's copy in the making.
    if (path === ':memory:') return;
    for (const end of ['', '-journal', '-wal', '-shm'])
      rmSync(`${path}.copy${end}`, { force: true });
  }

  #connect(): DatabaseSync {
    const { path } = this;
    if (path !== ':memory:') requireFile(path);
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path);
      this.#prepare(database);
      return database;
    } catch (error) {
      database?.close();
      throw fileErrorOf(error, path) ?? error;
    }
  }

  #prepare(database: DatabaseSync): void {
    // The lock is the process's: no other opens this file, and a killed one leaves nothing behind.
    database.exec('pragma locking_mode = exclusive');
    requireFormat(database, this.path);
    database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = ${this.#durable ? 'full' : 'off'};
      pragma cache_size = -65536;
      pragma wal_autocheckpoint = ${checkpointPages};
    `);
    makeFormat(database);
  }

  /** Stops the member when an error shows that its file is damaged. */
  notice(error: unknown): void {
    const damage = fileErrorOf(error, this.path);
    if (damage !== undefined) this.#onDamage(damage);
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
      this.notice(error);
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

  /** Moves all that is written into the file itself, which then does not change before `goOn`; returns its size. */
  holdStill(): number {
    this.#moveLogIntoFile();
    this.#database.exec('pragma wal_autocheckpoint = 0');
    return statSync(this.path).size;
  }

  goOn(): void {
    if (this.#database.isOpen) {
      this.#database.exec(`pragma wal_autocheckpoint = ${checkpointPages}`);
    }
  }

  /** Bytes of the file while it is held still; fewer than `length` at its end. */
  async readAt(offset: number, length: number): Promise<Buffer> {
    this.#reader ??= open(this.path);
    const { buffer, bytesRead } = await (await this.#reader).read(
      Buffer.allocUnsafeSlow(length),
      0,
      length,
      offset,
    );
    return buffer.subarray(0, bytesRead);
  }

  /** Puts another file in the place of this one, at once and for good, and goes on with that. */
  exchange(path: string): void {
    this.#moveLogIntoFile();
    this.#disconnect();
    try {
      renameSync(path, this.path);
      const folder = openSync(dirname(this.path), 'r');
      fsyncSync(folder);
      closeSync(folder);
    } finally {
      this.#database = this.#connect();
    }
  }

  /** Writes the open group if that can be done, and closes the file. */
  close(): void {
    try {
      this.flushNow();
    } catch {
      // Those who wait for the group are told.
    } finally {
      this.#disconnect();
    }
  }

  #disconnect(): void {
    this.#statements.clear();
    this.#database.close();
    void this.#reader?.then((reader) => reader.close());
    this.#reader = undefined;
  }

  /** Leaves an empty WAL behind. */
  #moveLogIntoFile(): void {
    this.flushNow();
    const [done] = this.statement('pragma wal_checkpoint(truncate)').all();
    if (done?.busy !== 0) throw new ServerError(1, `${this.path} is being read by somebody else`);
  }

  #begin(): void {
    if (this.#open) return;
    this.statement('begin immediate').run();
    this.#open = true;
    this.#flush = new Promise((resolve, reject) => {
      this.#settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#flush.catch(() => {});
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
      this.notice(cause);
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
    const error = outOfSpace(cause);
    this.#watcher.failed();
    settle(error);
    return error;
  }
}

/** Pages of the WAL that are moved into the file at a time. */
const checkpointPages = 4000;

/** SQLite's own code for a disk that is full. */
const sqliteFull = 13;

function outOfSpace(cause: unknown): ServerError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ServerError(14031, `the write could not be kept: ${reason}`);
}

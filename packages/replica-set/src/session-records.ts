/**
 * What retryable statements answered, so that a repeat is answered and not done again.
 *
 * A record is written with the log entry of its statement and goes with it when
 * that is rolled back, but outlives it when the log is cut. A session keeps the
 * records of its last transaction number that a majority has and of what came
 * after it: a client that has gone on to the next number does not ask for those
 * before.
 */
import type { DatabaseFile } from './database-file.ts';
import type { StatementRecord } from './operation.ts';

/** How long after its last use a session's records are kept, by the log's clock. */
export const recordSeconds: number = 30 * 60;

/** A record with the position of the entry that it was written with. */
export interface WrittenRecord extends StatementRecord {
  readonly position: number;
}

export class SessionRecords {
  readonly #file: DatabaseFile;

  constructor(file: DatabaseFile) {
    this.#file = file;
  }

  /** Writes the record of the entry at `position`; a majority has the log up to `settled`. */
  write(position: number, seconds: number, record: StatementRecord, settled: number): void {
    const { session, txn, statement, result } = record;
    this.#file
      .statement(
        `delete from records where session = ?1 and txn < (
           select max(txn) from records where session = ?1 and txn < ?2 and position <= ?3)`,
      )
      .run(session, txn, settled);
    this.#file
      .statement(
        'insert into records (position, seconds, session, txn, statement, result) values (?, ?, ?, ?, ?, ?)',
      )
      .run(position, seconds, session, txn, statement, result);
  }

  /** Takes back the record of the entry at `position`, if it has one. */
  remove(position: number): void {
    this.#file.statement('delete from records where position = ?').run(position);
  }

  /** The record of a statement that was carried out before. */
  find(session: Uint8Array, txn: number, statement: number): WrittenRecord | undefined {
    const row = this.#file
      .statement(
        'select position, result from records where session = ? and txn = ? and statement = ?',
      )
      .get(session, txn, statement);
    if (row === undefined) return undefined;
    const position = Number(row.position);
    return { session, txn, statement, result: row.result as Uint8Array, position };
  }

  /** The highest transaction number that is known of a session. */
  lastTxnOf(session: Uint8Array): number | undefined {
    const row = this.#file
      .statement('select max(txn) as txn from records where session = ?')
      .get(session);
    return row === undefined || row.txn === null ? undefined : Number(row.txn);
  }

  /**
   * Forgets the oldest records up to `position` that were written before `seconds`,
   * at most `count` of them; true when there may be more.
   */
  forget(position: number, seconds: number, count: number): boolean {
    const rows = this.#file
      .statement(
        'select position, seconds from records where position <= ? order by position limit ?',
      )
      .all(position, count);
    const old = rows.filter((row) => Number(row.seconds) < seconds);
    const last = old.at(-1);
    if (last === undefined) return false;
    this.#file.writeAtomically(() => {
      this.#file.statement('delete from records where position <= ?').run(Number(last.position));
    });
    return old.length === count;
  }
}

/**
 * A full copy of the primary's file, as a member takes it.
 *
 * It is written beside the member's own file, gets the member's own ballot, and
 * is renamed over that file: a crash at any moment leaves the old state or the
 * new one.
 */
import { open, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { Binary } from 'bson';
import type { BsonDocument } from './bson-document.ts';
import type { DatabaseFile } from './database-file.ts';
import { ServerError } from './server-error.ts';
import type { OtherMember, Standing } from './standing.ts';

const pieceMilliseconds = 10_000;
const busyMilliseconds = 200;

export class FullCopy {
  readonly #standing: Standing;
  readonly #file: DatabaseFile;
  readonly #onExchange: () => void;

  /** `onExchange` is called when the file has become another one. */
  constructor(standing: Standing, file: DatabaseFile, onExchange: () => void) {
    this.#standing = standing;
    this.#file = file;
    this.#onExchange = onExchange;
  }

  /**
   * Takes a copy from `source` and goes on with it, for as long as it is `current`
   * that this is the primary; `heard` is called with each sign of it.
   */
  async take(source: OtherMember, current: () => boolean, heard: () => void): Promise<void> {
    this.#standing.recover();
    const path = `${this.#file.path}.copy`;
    const first = await this.#ask(source, {});
    if (!current()) return;
    heard();
    if (first.get('busy') === true) {
      await this.#standing.changed.until(() => !current(), busyMilliseconds);
      return;
    }
    const id = Number(first.get('id'));
    const size = Number(first.get('bytes'));
    if (!(await this.#write(path, size, source, id, current, heard))) return;
    if (!current()) return;
    this.#exchange(path, source.address.index);
  }

  async #write(
    path: string,
    size: number,
    source: OtherMember,
    id: number,
    current: () => boolean,
    heard: () => void,
  ): Promise<boolean> {
    await rm(path, { force: true });
    const copy = await open(path, 'w', 0o600);
    try {
      for (let offset = 0; offset < size; ) {
        const reply = await this.#ask(source, { id, offset });
        if (!current() || reply.get('gone') === true) return false;
        heard();
        const { buffer, position } = reply.get('piece') as Binary;
        if (position === 0) return false;
        await copy.write(buffer, 0, position, offset);
        offset += position;
      }
      await copy.sync();
      return true;
    } catch (error) {
      throw (error as { code?: unknown }).code === 'ENOSPC'
        ? new ServerError(14031, 'there is no room for a copy of the primary')
        : error;
    } finally {
      await copy.close();
    }
  }

  async #ask(source: OtherMember, question: { id?: number; offset?: number }) {
    const { index, term } = this.#standing;
    const request = { holdfastCopy: 1, from: index, term, ...question };
    const reply: BsonDocument = await source.logLine.request(request, pieceMilliseconds);
    if (Number(reply.get('ok')) !== 1) throw new ServerError(10107, 'not primary');
    return reply;
  }

  /** All in one turn of the event loop, in which no vote can be given. */
  #exchange(path: string, leader: number): void {
    const { term, blank } = this.#standing;
    // A member that forgot its vote of this term gave it, for all that others know, to the primary.
    if (blank) this.#standing.vote(term, leader);
    const { votedFor } = this.#standing;
    const database = new DatabaseSync(path);
    try {
      database.exec('pragma journal_mode = delete; pragma synchronous = full;');
      database
        .prepare("insert or replace into facts (name, value) values ('ballot', ?)")
        .run(JSON.stringify({ term, votedFor }));
    } finally {
      database.close();
    }
    this.#file.exchange(path);
    this.#standing.recovered();
    this.#onExchange();
    this.#standing.changed.notify();
  }
}

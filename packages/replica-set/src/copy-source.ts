/** A full copy, as the primary gives it: its file stands still and is read in pieces, while writes go to the WAL. */
import { randomInt } from 'node:crypto';
import { Binary } from 'bson';
import type { BsonDocument, EncodableDocument } from './bson-document.ts';
import type { DatabaseFile } from './database-file.ts';
import type { LogEnd } from './operation.ts';
import { ServerError } from './server-error.ts';
import type { Standing } from './standing.ts';

const pieceBytes = 4 * 1024 * 1024;

/** Milliseconds after which a member that asks for no more has given up. */
const idleMilliseconds = 10_000;

interface HeldFile {
  readonly id: number;
  readonly taker: number;
  readonly bytes: number;
  timer: NodeJS.Timeout;
}

export class CopySource {
  readonly #standing: Standing;
  readonly #file: DatabaseFile;
  readonly #appendNote: (note: string) => LogEnd;
  #held: HeldFile | undefined;
  #beginning = false;

  constructor(parts: {
    standing: Standing;
    file: DatabaseFile;
    appendNote: (note: string) => LogEnd;
  }) {
    this.#standing = parts.standing;
    this.#file = parts.file;
    this.#appendNote = parts.appendNote;
  }

  /** Answers a member that asks for a copy, or for a piece of the one it was told of; one has a copy at a time. */
  async give(request: BsonDocument): Promise<EncodableDocument> {
    const { term, role } = this.#standing;
    if (role !== 'primary' || Number(request.get('term')) !== term) throw notPrimary();
    const taker = Number(request.get('from'));
    const id = Number(request.get('id') ?? 0);
    if (id === 0) return this.#begin(taker, term);
    const held = this.#held;
    if (held?.id !== id) return { ok: 1, term, gone: true };
    clearTimeout(held.timer);
    const offset = Number(request.get('offset'));
    const bytes = await this.#file.readAt(offset, Math.min(pieceBytes, held.bytes - offset));
    if (this.#held !== held) return { ok: 1, term, gone: true };
    if (offset + bytes.length >= held.bytes) this.stop();
    else held.timer = this.#idleTimer();
    return { ok: 1, term, piece: new Binary(bytes) };
  }

  /** Ends the copy that is being taken, if there is one. */
  stop(): void {
    if (this.#held === undefined) return;
    clearTimeout(this.#held.timer);
    this.#held = undefined;
    this.#file.goOn();
  }

  async #begin(taker: number, term: number): Promise<EncodableDocument> {
    const free = this.#held === undefined || this.#held.taker === taker;
    if (!free || this.#beginning) return { ok: 1, term, busy: true };
    this.#beginning = true;
    try {
      this.stop();
      // That a majority has this entry shows that there is no later primary whose writes the copy
      // would lack; the taker has no part in that majority.
      const { position } = this.#appendNote('full copy');
      const standing = this.#standing;
      await standing.changed.until(
        () => standing.stopped || standing.role !== 'primary' || standing.committed >= position,
      );
      if (standing.stopped || standing.role !== 'primary' || standing.term !== term) {
        throw notPrimary();
      }
      const bytes = this.#holdStill();
      if (bytes === undefined) return { ok: 1, term, busy: true };
      const id = randomInt(1, 2 ** 31);
      this.#held = { id, taker, bytes, timer: this.#idleTimer() };
      return { ok: 1, term, id, bytes };
    } finally {
      this.#beginning = false;
    }
  }

  /** Nothing while the file cannot stand still, as over a read that is under way or a full disk. */
  #holdStill(): number | undefined {
    try {
      return this.#file.holdStill();
    } catch (error) {
      this.#file.notice(error);
      return undefined;
    }
  }

  #idleTimer(): NodeJS.Timeout {
    return setTimeout(() => this.stop(), idleMilliseconds);
  }
}

function notPrimary(): ServerError {
  return new ServerError(10107, 'not primary');
}

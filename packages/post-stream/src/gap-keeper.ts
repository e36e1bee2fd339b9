import type { GapMessage, GapReason, Post } from './stream-message.ts';

/** Where a reader left off: a post it has, or anything else with its id and time. */
export type StreamCursor = Pick<Post, 'id' | 'createdAt'>;

/**
 * Knows up to when nothing is missing, and so what is when something went wrong.
 *
 * Times are ms since 1970. The gaps of one keeper overlap where they must, so that
 * together they leave nothing out.
 */
export class GapKeeper {
  #completeUntil = 0;
  #lastId: string | undefined;
  #open: GapReason | undefined;
  #limitFrom = 0;
  #undelivered = 0;

  constructor(cursor?: StreamCursor) {
    if (cursor === undefined) return;
    this.#completeUntil = cursor.createdAt.getTime();
    this.#lastId = cursor.id;
    this.#open = 'cursor';
  }

  /** A post came. */
  received(post: Post): void {
    this.#completeUntil = post.createdAt.getTime();
    this.#lastId = post.id;
  }

  /** An established connection is gone. */
  lost(reason: GapReason): void {
    this.#open ??= reason;
  }

  /** A connection asked for at `asked` stands at `now`: the gap that this closes, if any. */
  resumed(asked: number, now: number): GapMessage | undefined {
    const reason = this.#open;
    const gap = reason && this.gap(reason, now);
    this.#open = undefined;
    this.#completeUntil = asked;
    this.#limitFrom = asked;
    this.#undelivered = 0;
    return gap;
  }

  /** The service held back `undelivered` posts in all on this connection: the gap that is new. */
  limited(undelivered: number, now: number): GapMessage | undefined {
    const missed = undelivered - this.#undelivered;
    const from = this.#limitFrom;
    this.#undelivered = undelivered;
    this.#limitFrom = this.#completeUntil;
    return missed > 0 ? { ...this.#gapFrom(from, 'limit', now), missed } : undefined;
  }

  /** Whatever was made since the last post may be missing. */
  gap(reason: GapReason, now: number): GapMessage {
    return this.#gapFrom(this.#completeUntil, reason, now);
  }

  #gapFrom(from: number, reason: GapReason, now: number): GapMessage {
    return {
      kind: 'gap',
      from: new Date(from),
      to: new Date(Math.max(from, now)),
      reason,
      ...(this.#lastId === undefined ? {} : { lastId: this.#lastId }),
    };
  }
}

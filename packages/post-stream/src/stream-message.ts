import type { Failure } from './failure.ts';

/** A post in a shape that does not depend on where it comes from. */
export interface Post {
  /** The service's own id, as text: it may exceed 2⁵³. */
  readonly id: string;
  readonly author: {
    readonly id?: string;
    readonly name: string;
    /** Without the @. */
    readonly handle: string;
  };
  /** The whole text, also where the service sent a shortened one beside it. */
  readonly text: string;
  /** A BCP 47 tag, or the service's own mark for "undetermined" (`und`). */
  readonly lang?: string;
  /** By the service's clock. */
  readonly createdAt: Date;
  /** Where people can read it, when that is known. */
  readonly url?: string;
  /** The parsed object as it came. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/**
 * Why posts may be missing. 'dropped', 'stalled', 'disconnect': the connection
 * was away; 'cursor': nobody listened between the cursor and the first
 * connection; 'limit': the service held posts back; 'oversized': a message was
 * longer than we are ready to keep.
 */
export type GapReason = 'dropped' | 'stalled' | 'disconnect' | 'cursor' | 'limit' | 'oversized';

/**
 * Posts made from `from` to `to` (both included) may be missing.
 *
 * `from` is the time of the last post that came, by the service's clock, or, when
 * none came on that connection, when it was asked for, by ours; `to` is by ours.
 * A service whose clock is off, or that does not deliver in order of time,
 * deserves a margin of as much.
 */
export interface GapMessage {
  readonly kind: 'gap';
  readonly from: Date;
  readonly to: Date;
  readonly reason: GapReason;
  /** The last post that came before it. */
  readonly lastId?: string;
  /** How many are missing, where the service says so ('limit'). */
  readonly missed?: number;
}

/** The code of a warning that the service counts too many connections of ours, and ends this one. */
export const connectionLimitCode = 'CONNECTION_LIMIT';

/** Everything a stream may say; `kind` tells which. */
export type StreamMessage =
  | { readonly kind: 'post'; readonly post: Post }
  /** Forget this post: it was deleted. May come before the post itself. */
  | { readonly kind: 'delete'; readonly id: string; readonly userId?: string }
  /** Forget where the posts of this user up to this one were made. */
  | { readonly kind: 'scrub-geo'; readonly userId: string; readonly upToId: string }
  /** A post (`id`) or all of a user may not be shown in these countries (ISO 3166-1, XX for all). */
  | {
      readonly kind: 'withheld';
      readonly id?: string;
      readonly userId: string;
      readonly countries: readonly string[];
    }
  /** So many posts were held back on this connection, in all; a gap with the difference follows. */
  | { readonly kind: 'limit'; readonly undelivered: number }
  | { readonly kind: 'warning'; readonly code: string; readonly text: string }
  /** The service is about to end the connection. */
  | { readonly kind: 'disconnect'; readonly code: number; readonly reason: string }
  /** Something else, kept as it came; `raw` when it is JSON. */
  | { readonly kind: 'unknown'; readonly text: string; readonly raw?: unknown }
  | { readonly kind: 'connected'; readonly at: Date }
  /** There is no connection; the next is tried in `delay` ms. */
  | {
      readonly kind: 'reconnecting';
      readonly at: Date;
      readonly delay: number;
      readonly failure: Failure;
    }
  | GapMessage;

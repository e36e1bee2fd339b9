import type { FencedCollection, Lock, LockerRoom } from '@holdfast/locker-room';
import type { GapMessage, StreamCursor, StreamMessage } from '@holdfast/post-stream';
import { MongoBulkWriteError } from 'mongodb';
import type { MatchedTerm } from '../posts/term.ts';
import type { CursorDocument, GapDocument, PostDocument } from '../store/documents.ts';
import type { RankingTable } from '../store/ranking-table.ts';
import type { Store } from '../store/store.ts';
import { type PostPlan, planPosts } from './post-plan.ts';

export interface WriterOptions {
  readonly source: string;
  readonly store: Store;
  readonly lockers: LockerRoom;
  readonly match: (text: string) => readonly MatchedTerm[];
  /** The ranking as it is now. */
  readonly ranking: () => RankingTable;
}

/** What the cursor says besides its name. */
type Progress = Omit<CursorDocument, '_id' | 'schema' | 'fence'>;

/**
 * Writes what a source sent, for as long as no newer holder of its lock exists.
 *
 * Posts and tombstones first, then gaps, last the cursor: whatever is cut off in between is found
 * again by `open`, and nothing that the cursor counts is missing.
 */
export class FencedWriter {
  readonly #options: WriterOptions;
  readonly #posts: FencedCollection<PostDocument>;
  readonly #gaps: FencedCollection<GapDocument>;
  readonly #cursors: FencedCollection<CursorDocument>;
  readonly #resumes: boolean;
  #progress: Progress;

  /** Made by `open`. */
  private constructor(lock: Lock, options: WriterOptions, progress: Progress, resumes: boolean) {
    const { store, lockers } = options;
    this.#options = options;
    this.#posts = lockers.fenced(lock, store.posts);
    this.#gaps = lockers.fenced(lock, store.gaps);
    this.#cursors = lockers.fenced(lock, store.cursors);
    this.#progress = progress;
    this.#resumes = resumes;
  }

  /** Takes over where the last holder stopped, and shuts its writes out. */
  static async open(lock: Lock, options: WriterOptions): Promise<FencedWriter> {
    const { source, store, lockers } = options;
    const cursor = await lockers.fenced(lock, store.cursors).findOne({ _id: source });
    const progress =
      cursor === null ? untouched(new Date()) : await withUncounted(store, source, cursor);
    const writer = new FencedWriter(lock, options, progress, cursor !== null);
    await writer.#saveProgress();
    return writer;
  }

  /** Where reading was left off; null when the source was never read before. */
  get cursor(): StreamCursor | null {
    const { lastPostId, readUpTo } = this.#progress;
    return this.#resumes ? { id: lastPostId ?? 'none', createdAt: readUpTo } : null;
  }

  /**
   * Writes a batch; resolves, when a majority has it, with the posts that were new.
   *
   * May be repeated after a failure: what is there already is left as it is.
   *
   * @throws {LockLostError} when a newer holder exists or may exist
   */
  async write(messages: readonly StreamMessage[]): Promise<readonly PostDocument[]> {
    const { source, match, ranking } = this.#options;
    const receivedAt = this.#nextInstant();
    const context = { source, match, ranking: ranking(), receivedAt };
    const plan = planPosts(messages, context);
    const stored = await this.#insert(plan.posts);
    for (const _id of plan.deleted) await this.#forget(_id, receivedAt);
    for (const gap of plan.gaps) await this.#report(gap);
    this.#advance(plan, stored.length, receivedAt);
    await this.#saveProgress();
    return stored;
  }

  async #insert(posts: readonly PostDocument[]): Promise<readonly PostDocument[]> {
    if (posts.length === 0) return [];
    try {
      await this.#posts.insertMany(posts, { ordered: false });
      return posts;
    } catch (error) {
      const known = duplicatesIn(error);
      if (known === null) throw error;
      return posts.filter((_, place) => !known.has(place));
    }
  }

  /** Leaves a tombstone, so that a post that comes after its own deletion is not stored. */
  async #forget(_id: string, at: Date): Promise<void> {
    await this.#posts.updateOne(
      { _id },
      {
        $set: { schema: 1, source: this.#options.source, queued: false, deletedAt: at },
        $unset: { text: '', author: '', url: '', lang: '', symbols: '', score: '' },
      },
      { upsert: true },
    );
  }

  async #report({ from, to, reason, missed }: GapMessage): Promise<void> {
    const { source } = this.#options;
    const _id = `${source}:${from.toISOString()}:${to.toISOString()}:${reason}`;
    const gap = { schema: 1, source, from, to, reason, missed: missed ?? null } as const;
    await this.#gaps.replaceOne({ _id }, gap, { upsert: true });
  }

  #advance(plan: PostPlan, stored: number, at: Date): void {
    const { received, withdrawn, deleted, last } = plan;
    const before = this.#progress;
    const isNewer = last !== null && last.createdAt >= (before.lastPostAt ?? new Date(0));
    this.#progress = {
      ...before,
      ...(isNewer
        ? { lastPostId: last.id, lastPostAt: last.createdAt, readUpTo: last.createdAt }
        : {}),
      received: before.received + received,
      stored: before.stored + stored,
      duplicates: before.duplicates + received - stored - withdrawn,
      deleted: before.deleted + deleted.length,
      at,
    };
  }

  async #saveProgress(): Promise<void> {
    const { source } = this.#options;
    const cursor = { schema: 1, ...this.#progress } as const;
    await this.#cursors.replaceOne({ _id: source }, cursor, { upsert: true });
  }

  /** Later than every batch before it, also when the clock steps back. */
  #nextInstant(): Date {
    return new Date(Math.max(Date.now(), this.#progress.at.getTime() + 1));
  }
}

function untouched(now: Date): Progress {
  return {
    lastPostId: null,
    lastPostAt: null,
    readUpTo: now,
    received: 0,
    stored: 0,
    duplicates: 0,
    deleted: 0,
    at: new Date(0),
  };
}

/**
 * Counts the posts that were stored by a holder who ended before it could say so.
 *
 * It may have ended in the middle of a batch, so how far the source was read is left as it was.
 */
async function withUncounted(
  { posts }: Store,
  source: string,
  cursor: CursorDocument,
): Promise<Progress> {
  const { lastPostId, lastPostAt, readUpTo, received, stored, duplicates, deleted, at } = cursor;
  const uncounted = await posts
    .find({ source, receivedAt: { $gt: at } })
    .project<Pick<PostDocument, 'receivedAt'>>({ receivedAt: 1 })
    .sort({ receivedAt: 1 })
    .toArray();
  return {
    lastPostId,
    lastPostAt,
    readUpTo,
    received: received + uncounted.length,
    stored: stored + uncounted.length,
    duplicates,
    deleted,
    at: uncounted.at(-1)?.receivedAt ?? at,
  };
}

/** The places of the documents that are there already; null when there was another error. */
function duplicatesIn(error: unknown): ReadonlySet<number> | null {
  if (!(error instanceof MongoBulkWriteError)) return null;
  const errors = [error.writeErrors].flat();
  return errors.every(({ code }) => code === 11_000)
    ? new Set(errors.map(({ index }) => index))
    : null;
}

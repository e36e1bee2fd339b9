import { type AnyBulkWriteOperation, ObjectId } from 'mongodb';
import type { JudgementRequest, Verdict } from '../api.ts';
import { DeskError } from '../desk-error.ts';
import type { PostDocument, UndoDocument, VerdictDocument } from './documents.ts';
import type { Store } from './store.ts';

/** A verdict that was taken back; `post` is null when the post is not unread again. */
export interface TakenBack {
  readonly postId: string;
  readonly verdict: Verdict;
  readonly post: PostDocument | null;
}

/**
 * The book of verdicts.
 *
 * A row in it is the truth; the flag on the post, which keeps the queue to one index, follows it
 * and is set right by `reconcile` after a crash between the two. Calls take effect one after the
 * other, in the order in which they were made.
 */
export class JudgementBook {
  readonly #store: Store;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Enters a verdict and takes the post off the queue; resolves with the post as it was before.
   *
   * Resolves when a majority has both. The same verdict again, as after a lost answer, adds no row.
   *
   * @throws {DeskError} `data`, when there is no such post
   */
  async judge({ postId, verdict }: JudgementRequest): Promise<PostDocument> {
    return this.#inTurn(async () => {
      const { posts, judgements } = this.#store;
      const post = await posts.findOne({ _id: postId });
      if (post === null || post.deletedAt !== undefined) {
        throw new DeskError('data', `There is no post ${postId}.`, 'It may have been deleted.');
      }
      if ((await this.#verdictOn(postId)) !== verdict) {
        await judgements.insertOne({
          _id: new ObjectId(),
          schema: 1,
          kind: 'verdict',
          postId,
          verdict,
          at: new Date(),
          score: post.score ?? null,
          stands: true,
          undoneBy: null,
        });
      }
      const before = await posts.findOneAndUpdate(
        { _id: postId },
        { $set: { queued: false, verdict } },
      );
      return before ?? post;
    });
  }

  /** Takes the latest verdict back that has not been taken back; null when none is left. */
  async undo(): Promise<TakenBack | null> {
    return this.#inTurn(async () => {
      const { judgements } = this.#store;
      const undoId = new ObjectId();
      const row = await judgements.findOneAndUpdate(
        { kind: 'verdict', stands: true },
        { $set: { stands: false, undoneBy: undoId } },
        { sort: { at: -1, _id: -1 } },
      );
      if (row?.kind !== 'verdict') return null;
      const { postId, verdict } = row;
      await judgements.insertOne(undoRow(undoId, row));
      return { postId, verdict, post: await this.#putBack(postId) };
    });
  }

  /** Makes undo rows and the flags of posts agree with the verdicts; returns how many it mended. */
  async reconcile(): Promise<number> {
    return this.#inTurn(async () => {
      const verdicts = await this.#verdicts();
      return (await this.#addMissingUndos(verdicts)) + (await this.#mendFlags(verdicts));
    });
  }

  async #verdictOn(postId: string): Promise<Verdict | null> {
    const [row] = await this.#store.judgements
      .find({ postId, kind: 'verdict', stands: true })
      .sort({ at: -1, _id: -1 })
      .limit(1)
      .toArray();
    return row?.kind === 'verdict' ? row.verdict : null;
  }

  async #putBack(postId: string): Promise<PostDocument | null> {
    const { posts } = this.#store;
    const verdict = await this.#verdictOn(postId);
    const post = await posts.findOneAndUpdate(
      { _id: postId, deletedAt: { $exists: false } },
      { $set: { queued: verdict === null, verdict } },
      { returnDocument: 'after' },
    );
    return verdict === null ? post : null;
  }

  async #verdicts(): Promise<readonly VerdictDocument[]> {
    const rows = await this.#store.judgements
      .find({ kind: 'verdict' })
      .sort({ at: 1, _id: 1 })
      .toArray();
    return rows.flatMap((row) => (row.kind === 'verdict' ? [row] : []));
  }

  async #addMissingUndos(verdicts: readonly VerdictDocument[]): Promise<number> {
    const { judgements } = this.#store;
    const undos = await judgements.find({ kind: 'undo' }, { projection: { _id: 1 } }).toArray();
    const known = new Set(undos.map(({ _id }) => _id.toHexString()));
    const missing = verdicts.flatMap((row) =>
      row.undoneBy === null || known.has(row.undoneBy.toHexString())
        ? []
        : [undoRow(row.undoneBy, row)],
    );
    if (missing.length > 0) await judgements.insertMany(missing);
    return missing.length;
  }

  async #mendFlags(verdicts: readonly VerdictDocument[]): Promise<number> {
    const due = new Map<string, Verdict | null>();
    for (const { postId, verdict, undoneBy } of verdicts) {
      if (undoneBy === null) due.set(postId, verdict);
      else if (!due.has(postId)) due.set(postId, null);
    }
    const ids = [...due.keys()];
    let mended = 0;
    for (let start = 0; start < ids.length; start += 1000) {
      mended += await this.#mendSome(ids.slice(start, start + 1000), due);
    }
    return mended;
  }

  async #mendSome(
    ids: readonly string[],
    due: ReadonlyMap<string, Verdict | null>,
  ): Promise<number> {
    const { posts } = this.#store;
    const found = await posts
      .find({ _id: { $in: [...ids] } }, { projection: { queued: 1, verdict: 1, deletedAt: 1 } })
      .toArray();
    const writes = found.flatMap((post): AnyBulkWriteOperation<PostDocument>[] => {
      const verdict = due.get(post._id) ?? null;
      const queued = verdict === null && post.deletedAt === undefined;
      if (post.queued === queued && (post.verdict ?? null) === verdict) return [];
      const change = { $set: { queued, verdict } };
      return [{ updateOne: { filter: { _id: post._id }, update: change } }];
    });
    if (writes.length > 0) await posts.bulkWrite(writes, { ordered: false });
    return writes.length;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function undoRow(undoId: ObjectId, { _id, postId }: VerdictDocument): UndoDocument {
  return { _id: undoId, schema: 1, kind: 'undo', undoes: _id, postId, at: new Date() };
}

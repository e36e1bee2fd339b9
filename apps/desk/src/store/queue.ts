import type { AnyBulkWriteOperation } from 'mongodb';
import type { QueuedPost } from '../api.ts';
import { priorityReasons, rankingTime, sortableScore } from '../posts/ranking.ts';
import type { PostDocument } from './documents.ts';
import type { RankingTable } from './ranking-table.ts';
import type { Store } from './store.ts';

/** A page may be a moment old, but it comes even while a primary is being elected. */
const pageReads = { readPreference: 'primaryPreferred' } as const;

/** The unread posts of the highest priority first, by one walk along an index. */
export async function readQueue(
  { posts }: Store,
  ranking: RankingTable,
  limit: number,
  now: Date,
): Promise<readonly QueuedPost[]> {
  const found = await posts
    .find({ queued: true }, pageReads)
    .sort({ score: -1, _id: 1 })
    .limit(limit)
    .toArray();
  return found.map((post) => queuedPost(post, ranking, now));
}

/** How many posts wait to be read. */
export async function countUnread({ posts }: Store): Promise<number> {
  return posts.countDocuments({ queued: true }, pageReads);
}

/** How many of them speak of each of these holdings. */
export async function countBySymbol(
  { posts }: Store,
  symbols: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = await Promise.all(
    symbols.map(async (symbol) => {
      const filter = { queued: true, 'symbols.symbol': symbol };
      return [symbol, await posts.countDocuments(filter, pageReads)] as const;
    }),
  );
  return new Map(counts);
}

/** A post as the page is told of it. */
export function queuedPost(post: PostDocument, ranking: RankingTable, now: Date): QueuedPost {
  const { author, symbols = [], createdAt = now, receivedAt = now } = post;
  return {
    id: post._id,
    source: post.source,
    author: { name: author?.name ?? '', handle: author?.handle ?? '' },
    text: post.text ?? '',
    lang: post.lang ?? null,
    createdAt: createdAt.toISOString(),
    symbols: symbols.map(({ symbol, term }) => ({ symbol, term })),
    why: priorityReasons(
      {
        keepProbability: ranking.keepProbability,
        symbols: symbols.map(({ symbol }) => symbol),
        rankedAt: rankingTime(createdAt, receivedAt),
      },
      ranking.riskShares,
      now,
      ranking.rule,
    ),
  };
}

/** What of a post decides its score. */
export type ScoredPost = Required<Pick<PostDocument, 'symbols' | 'createdAt' | 'receivedAt'>>;

/** The score to store with a post. */
export function scoreOf(
  post: ScoredPost,
  { keepProbability, riskShares, rule }: RankingTable,
): number {
  const symbols = post.symbols.map(({ symbol }) => symbol);
  const rankedAt = rankingTime(post.createdAt, post.receivedAt);
  return sortableScore({ keepProbability, symbols, rankedAt }, riskShares, rule);
}

const batch = 1000;

/**
 * Gives every unread post that was scored by another ranking its score by this one.
 *
 * Needed when risk shares change; does nothing when they have not. May be cut short and repeated;
 * returns how many it rescored.
 */
export async function rescore({ posts, settings }: Store, ranking: RankingTable): Promise<number> {
  const { version } = ranking;
  const before = await settings.findOne({ _id: 'ranking' });
  if (before?.version === version) return 0;
  let changed = 0;
  // In the order of `_id`, which stays as it is while scores change.
  for (let last = ''; ; ) {
    const some = await posts
      .find({ _id: { $gt: last } })
      .project<ScoredPost & Pick<PostDocument, '_id' | 'queued' | 'ranking'>>({
        symbols: 1,
        createdAt: 1,
        receivedAt: 1,
        queued: 1,
        ranking: 1,
      })
      .sort({ _id: 1 })
      .limit(batch)
      .toArray();
    const stale = some.filter((post) => post.queued && post.ranking !== version);
    const writes = stale.map((post): AnyBulkWriteOperation<PostDocument> => {
      const change = { score: scoreOf(post, ranking), ranking: version };
      return { updateOne: { filter: { _id: post._id }, update: { $set: change } } };
    });
    if (writes.length > 0) await posts.bulkWrite(writes, { ordered: false });
    changed += stale.length;
    last = some.at(-1)?._id ?? '';
    if (some.length < batch) break;
  }
  await settings.replaceOne({ _id: 'ranking' }, { schema: 1, version }, { upsert: true });
  return changed;
}

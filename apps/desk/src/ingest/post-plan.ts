import type { GapMessage, Post, StreamMessage } from '@holdfast/post-stream';
import type { MatchedTerm } from '../posts/term.ts';
import type { PostDocument } from '../store/documents.ts';
import { scoreOf } from '../store/queue.ts';
import type { RankingTable } from '../store/ranking-table.ts';

/** What a batch of messages asks to be written. */
export interface PostPlan {
  /** Posts of the batch, duplicates and withdrawn ones among them. */
  readonly received: number;
  /** Posts of the batch that the batch itself deletes. */
  readonly withdrawn: number;
  /** Those to store, each once. */
  readonly posts: readonly PostDocument[];
  /** `_id`s of posts to forget, whether they are stored or not. */
  readonly deleted: readonly string[];
  readonly gaps: readonly GapMessage[];
  /** The last post in the order of the stream. */
  readonly last: Post | null;
}

/** What the plan needs to know besides the messages. */
export interface PlanContext {
  readonly source: string;
  readonly match: (text: string) => readonly MatchedTerm[];
  readonly ranking: RankingTable;
  readonly receivedAt: Date;
}

/**
 * Decides what a batch of messages writes.
 *
 * A post that the same batch deletes is never written, whichever of the two came first.
 */
export function planPosts(messages: readonly StreamMessage[], context: PlanContext): PostPlan {
  const { source } = context;
  const received = messages.flatMap((message) => (message.kind === 'post' ? [message.post] : []));
  const deleted = new Set(messages.flatMap((message) => withdrawnBy(message, source)));
  const posts = new Map<string, PostDocument>();
  for (const post of received) {
    const _id = `${source}:${post.id}`;
    if (!deleted.has(_id) && !posts.has(_id)) posts.set(_id, postDocument(_id, post, context));
  }
  return {
    received: received.length,
    withdrawn: received.filter(({ id }) => deleted.has(`${source}:${id}`)).length,
    posts: [...posts.values()],
    deleted: [...deleted],
    gaps: messages.filter((message) => message.kind === 'gap'),
    last: received.at(-1) ?? null,
  };
}

function withdrawnBy(message: StreamMessage, source: string): string[] {
  if (message.kind === 'delete') return [`${source}:${message.id}`];
  // Withheld everywhere is as good as deleted; elsewhere than here is no concern of ours.
  const everywhere = message.kind === 'withheld' && message.countries.includes('XX');
  return everywhere && message.id !== undefined ? [`${source}:${message.id}`] : [];
}

function postDocument(
  _id: string,
  { author, text, lang, url, createdAt }: Post,
  { source, match, ranking, receivedAt }: PlanContext,
): PostDocument {
  const symbols = match(text);
  return {
    _id,
    schema: 1,
    source,
    author: { name: author.name, handle: author.handle },
    text,
    lang: lang ?? null,
    url: url ?? null,
    createdAt,
    receivedAt,
    symbols,
    queued: true,
    score: scoreOf({ symbols, createdAt, receivedAt }, ranking),
    ranking: ranking.version,
    verdict: null,
  };
}

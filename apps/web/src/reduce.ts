import type { JudgementReply, QueuedPost, QueueReply, UndoReply } from '@holdfast/desk/api';
import { openPost, type PageEvent, type PageState, waitingPosts } from './page-state.ts';
import {
  newPosts,
  notDone,
  nothingToUndo,
  postInBrief,
  undoneWithoutPost,
  verdictDone,
} from './wording.ts';

/** The page after an event. Pure: the same state and event always give the same page. */
export function reduce(state: PageState, event: PageEvent): PageState {
  switch (event.type) {
    case 'routed':
      return { ...state, route: event.route };
    case 'desk-loaded':
      return withNews(state, { ...state, desk: event.desk });
    case 'queue-loaded':
      return queueLoaded(state, event.reply, event.keep);
    case 'portfolio-loaded':
      return { ...state, portfolio: event.portfolio, portfolioFailure: null };
    case 'portfolio-failed':
      return { ...state, portfolioFailure: event.failure };
    case 'opened':
      return placed(state, event.postId);
    case 'moved':
      return moved(state, event.by);
    case 'asked':
      return { ...state, pending: event.pending, failure: null };
    case 'judged':
      return judged(state, event.reply);
    case 'undone':
      return undone(state, event.reply);
    case 'refused':
      return { ...state, pending: null, failure: notDone(state.pending, event.failure) };
    case 'failed':
      return { ...state, failure: event.failure };
    case 'failure-read':
      return { ...state, failure: null };
    case 'unread-changed':
      return withNews(state, withUnread(state, event.unread));
    case 'stream-changed':
      return state.desk === null
        ? state
        : { ...state, desk: { ...state.desk, stream: event.stream } };
    case 'columns-changed':
      return { ...state, columns: event.columns };
    case 'connection-changed':
      return { ...state, live: event.live };
    case 'why-toggled':
      return { ...state, whyOpen: !state.whyOpen };
    case 'help-opened':
      return { ...state, helpOpen: event.open };
    case 'single-keys-set':
      return { ...state, singleKeys: event.on };
    case 'minute-passed':
      return { ...state, now: event.now };
  }
}

/**
 * Nothing is put above the reading place: what stands there stays (`keep: 'read'`) and the
 * desk's order follows; or all that is loaded stays and the rest follows (`keep: 'all'`).
 */
function queueLoaded(state: PageState, reply: QueueReply, keep: 'read' | 'all'): PageState {
  const loaded = state.queue ?? [];
  const kept = (keep === 'all' ? loaded : loaded.slice(0, placeOf(state) + 1)).filter(
    (post) => post.id === state.placeId || !isGone(post, reply),
  );
  const keptIds = new Set(kept.map((post) => post.id));
  const queue = [...kept, ...reply.posts.filter((post) => !keptIds.has(post.id))];
  return {
    ...withUnread(state, reply.unread),
    queue,
    beyond: Math.max(0, reply.unread - queue.length),
    placeId: state.placeId ?? queue[0]?.id ?? null,
    said: keep === 'read' && state.queue !== null ? 'Loaded.' : state.said,
  };
}

/** A reply that holds every unread post shows which others were judged or deleted elsewhere. */
function isGone(post: QueuedPost, { posts, unread }: QueueReply): boolean {
  return posts.length >= unread && !posts.some(({ id }) => id === post.id);
}

function judged(state: PageState, { postId, verdict, unread }: JudgementReply): PageState {
  const queue = state.queue ?? [];
  const index = Math.max(
    0,
    queue.findIndex((post) => post.id === postId),
  );
  const left = queue.filter((post) => post.id !== postId);
  const next = left[Math.min(index, left.length - 1)];
  const after: PageState = {
    ...withUnread(state, unread),
    queue: left,
    placeId: state.placeId === postId ? (next?.id ?? null) : state.placeId,
    pending: null,
    judged: [...state.judged, { postId, verdict, index }],
  };
  const open = openPost(after);
  return { ...after, said: `${verdictDone(verdict)} ${open ? postInBrief(open) : 'Caught up.'}` };
}

function undone(state: PageState, { postId, post, unread }: UndoReply): PageState {
  const after = { ...withUnread(state, unread), pending: null };
  if (postId === null) return { ...after, said: nothingToUndo };
  const verdict = state.judged.findLast((each) => each.postId === postId);
  const judgedLeft = state.judged.filter((each) => each !== verdict);
  if (post === null) return { ...after, judged: judgedLeft, said: undoneWithoutPost };
  const others = (state.queue ?? []).filter((each) => each.id !== postId);
  const index = verdict?.index ?? Math.max(0, placeOf(state));
  return {
    ...after,
    judged: judgedLeft,
    queue: [...others.slice(0, index), post, ...others.slice(index)],
    placeId: postId,
    said: `Undone. ${postInBrief(post)}`,
  };
}

function moved(state: PageState, by: 1 | -1): PageState {
  const next = state.queue?.[placeOf(state) + by];
  return next === undefined ? state : placed(state, next.id);
}

function placed(state: PageState, postId: string): PageState {
  const after = { ...state, placeId: postId };
  const open = openPost(after);
  return open === undefined ? state : { ...after, said: postInBrief(open) };
}

function placeOf({ queue, placeId }: PageState): number {
  return queue?.findIndex((post) => post.id === placeId) ?? -1;
}

function withUnread(state: PageState, unread: number): PageState {
  return state.desk === null ? state : { ...state, desk: { ...state.desk, unread } };
}

/** Says once that posts wait, not again for each that joins them. */
function withNews(before: PageState, after: PageState): PageState {
  const waiting = waitingPosts(after);
  const isNews = waitingPosts(before) === 0 && waiting > 0;
  return isNews ? { ...after, said: newPosts(waiting) } : after;
}

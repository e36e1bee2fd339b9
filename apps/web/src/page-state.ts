import type {
  DeskState,
  JudgementReply,
  PortfolioReport,
  QueuedPost,
  QueueReply,
  StreamState,
  UndoReply,
  Verdict,
} from '@holdfast/desk/api';
import type { Route } from './route.ts';

/** All that the page shows. Nothing else is remembered anywhere, but for the browser's own. */
export interface PageState {
  readonly route: Route;
  /** Null until the desk has answered once. */
  readonly desk: DeskState | null;
  /** The loaded posts in reading order; null until loaded once. */
  readonly queue: readonly QueuedPost[] | null;
  /** Unread posts that the last load left with the desk. */
  readonly beyond: number;
  /** The open post: always one of the queue, null when that is empty. */
  readonly placeId: string | null;
  /** The verdict or undo that the desk has not confirmed yet. */
  readonly pending: Pending | null;
  /** The verdicts of this visit, latest last; those taken back are gone. */
  readonly judged: readonly Judged[];
  readonly failure: Failure | null;
  readonly portfolio: PortfolioReport | null;
  readonly portfolioFailure: Failure | null;
  /** Characters a line, as the user last set them. */
  readonly columns: number;
  /** Whether the desk's events arrive. */
  readonly live: boolean;
  readonly whyOpen: boolean;
  readonly helpOpen: boolean;
  readonly singleKeys: boolean;
  /** Milliseconds since 1970; moves on once a minute. */
  readonly now: number;
  /** The latest sentence for the live region. */
  readonly said: string;
}

export type Pending =
  | { readonly kind: 'judge'; readonly postId: string; readonly verdict: Verdict }
  | { readonly kind: 'undo' };

interface Judged {
  readonly postId: string;
  readonly verdict: Verdict;
  /** Where the post stood, so that undo puts it back there. */
  readonly index: number;
}

export interface Failure {
  readonly message: string;
  readonly mend: string | undefined;
}

/** All that can happen to the page. */
export type PageEvent =
  | { readonly type: 'routed'; readonly route: Route }
  | { readonly type: 'desk-loaded'; readonly desk: DeskState }
  | { readonly type: 'queue-loaded'; readonly reply: QueueReply; readonly keep: 'read' | 'all' }
  | { readonly type: 'portfolio-loaded'; readonly portfolio: PortfolioReport }
  | { readonly type: 'portfolio-failed'; readonly failure: Failure }
  | { readonly type: 'opened'; readonly postId: string }
  | { readonly type: 'moved'; readonly by: 1 | -1 }
  | { readonly type: 'asked'; readonly pending: Pending }
  | { readonly type: 'judged'; readonly reply: JudgementReply }
  | { readonly type: 'undone'; readonly reply: UndoReply }
  /** The desk refused what is pending, or never answered. */
  | { readonly type: 'refused'; readonly failure: Failure }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'failure-read' }
  | { readonly type: 'unread-changed'; readonly unread: number }
  | { readonly type: 'stream-changed'; readonly stream: StreamState }
  | { readonly type: 'columns-changed'; readonly columns: number }
  | { readonly type: 'connection-changed'; readonly live: boolean }
  | { readonly type: 'why-toggled' }
  | { readonly type: 'help-opened'; readonly open: boolean }
  | { readonly type: 'single-keys-set'; readonly on: boolean }
  | { readonly type: 'minute-passed'; readonly now: number };

export function initialState(route: Route, now: number, singleKeys: boolean): PageState {
  return {
    route,
    desk: null,
    queue: null,
    beyond: 0,
    placeId: null,
    pending: null,
    judged: [],
    failure: null,
    portfolio: null,
    portfolioFailure: null,
    columns: 25,
    live: true,
    whyOpen: false,
    helpOpen: false,
    singleKeys,
    now,
    said: '',
  };
}

/** The open post. */
export function openPost({ queue, placeId }: PageState): QueuedPost | undefined {
  return queue?.find((post) => post.id === placeId);
}

/** Unread posts that came since the queue was last loaded, as far as the counts tell. */
export function waitingPosts({ desk, queue, beyond }: PageState): number {
  if (desk === null || queue === null) return 0;
  return Math.max(0, desk.unread - queue.length - beyond);
}

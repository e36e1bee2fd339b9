/**
 * The contract between the desk's server and its page. Types only.
 *
 * | Call | Answer |
 * |---|---|
 * | `GET /api/state` | `DeskState` |
 * | `GET /api/queue?limit=50` | `QueueReply` |
 * | `GET /api/portfolio` | `PortfolioReport` |
 * | `POST /api/judgements` with a `JudgementRequest` | `JudgementReply` |
 * | `POST /api/judgements/undo` with `{}` | `UndoReply` |
 * | `PUT /api/settings` with a `Settings` | `Settings` |
 * | `GET /api/events` | server-sent events, see `DeskEvents` |
 *
 * Errors answer with their HTTP status and an `ApiError`. Instants are ISO 8601
 * strings in UTC, plain dates `YYYY-MM-DD`; shares are fractions, not per cent.
 */

export interface ApiError {
  readonly error: string;
  /** What the user can do about it, when something can be done. */
  readonly mend?: string;
}

export interface DeskState {
  /** Shown at the top of every page when set: what is real here and what is not. */
  readonly banner: string | null;
  readonly holdings: readonly HoldingChip[];
  readonly learner: LearnerState;
  readonly stream: StreamState;
  readonly unread: number;
  readonly settings: Settings;
}

export interface HoldingChip {
  readonly symbol: string;
  readonly name: string;
  /** Share of the money. */
  readonly weight: number;
  /** Share of the portfolio's variance; negative for a hedge. */
  readonly riskShare: number;
  /** Unread posts that speak of it. */
  readonly posts: number;
}

export interface LearnerState {
  /** False until a model is trusted: then P(keep) is one half for every post. */
  readonly trusted: boolean;
  readonly note: string;
}

export interface StreamState {
  readonly source: string;
  readonly status: 'connecting' | 'ingesting' | 'standby' | 'waiting' | 'offline';
  /** One plain sentence about the status. */
  readonly note: string;
  readonly received: number;
  readonly stored: number;
  readonly lastPostAt: string | null;
}

export interface Settings {
  /** Characters a line of the reader, 12 to 60. */
  readonly columns: number;
}

export interface QueueReply {
  /** Highest priority first. */
  readonly posts: readonly QueuedPost[];
  readonly unread: number;
}

export interface QueuedPost {
  readonly id: string;
  readonly source: string;
  readonly author: { readonly name: string; readonly handle: string };
  readonly text: string;
  readonly lang: string | null;
  readonly createdAt: string;
  /** The holdings it speaks of, each with the term that matched. */
  readonly symbols: readonly { readonly symbol: string; readonly term: string }[];
  readonly why: PriorityReasons;
}

/** `priority = keepProbability × (floor + riskSize) × 2^(−ageHours / halfLifeHours)` */
export interface PriorityReasons {
  readonly priority: number;
  readonly keepProbability: number;
  readonly floor: number;
  /** The sum of the sizes of the risk shares of the holdings it speaks of. */
  readonly riskSize: number;
  readonly holdings: readonly { readonly symbol: string; readonly riskShare: number }[];
  readonly ageHours: number;
  readonly halfLifeHours: number;
}

export type Verdict = 'keep' | 'skip';

export interface JudgementRequest {
  readonly postId: string;
  readonly verdict: Verdict;
}

/** Sent only when the verdict is stored for good. */
export interface JudgementReply {
  readonly postId: string;
  readonly verdict: Verdict;
  readonly unread: number;
}

/** The judgement taken back and its post, or nulls when none is left to undo. */
export interface UndoReply {
  readonly postId: string | null;
  readonly verdict: Verdict | null;
  readonly post: QueuedPost | null;
  readonly unread: number;
}

export interface PortfolioReport {
  readonly holdings: readonly PortfolioHolding[];
  /** Returns used, and the first and last day they cover. */
  readonly returns: number;
  readonly from: string;
  readonly to: string;
  readonly dailyVolatility: number;
  readonly yearlyVolatility: number;
  /** What the daily volatility would be if no holding moved with another. */
  readonly unrelatedDailyVolatility: number;
  readonly diversificationRatio: number;
  /** In the order of `holdings`, n × n. */
  readonly correlations: readonly (readonly number[])[];
  /** How it was computed, and what was left out. */
  readonly notes: readonly string[];
}

export interface PortfolioHolding {
  readonly symbol: string;
  readonly name: string;
  readonly weight: number;
  readonly riskShare: number;
  readonly dailyVolatility: number;
}

/** Server-sent events of `/api/events`: the event's name and its JSON data. */
export interface DeskEvents {
  /** Posts were stored, judged, changed or deleted. */
  readonly queue: { readonly unread: number; readonly arrived: number };
  readonly stream: StreamState;
  readonly settings: Settings;
}

import type { ObjectId } from 'mongodb';
import type { Settings, Verdict } from '../api.ts';
import type { Holding } from '../portfolio/demo-portfolio.ts';
import type { MatchedTerm } from '../posts/term.ts';

/** A post, or what is left of a deleted one: then text, author and address are gone. */
export interface PostDocument {
  /** `source:id`, so that a post that arrives twice is stored once. */
  readonly _id: string;
  readonly schema: 1;
  readonly source: string;
  readonly author?: { readonly name: string; readonly handle: string };
  readonly text?: string;
  readonly lang?: string | null;
  readonly url?: string | null;
  readonly createdAt?: Date;
  readonly receivedAt?: Date;
  readonly symbols?: readonly MatchedTerm[];
  /** True while it waits to be read: neither judged nor deleted. */
  readonly queued: boolean;
  /** Sorts as the priority does; see `sortableScore`. */
  readonly score?: number;
  /** The version of the ranking that gave the score. */
  readonly ranking?: string;
  readonly verdict?: Verdict | null;
  readonly editedAt?: Date;
  readonly deletedAt?: Date;
  /** The fencing token under which it was written; `fenced` sets it. */
  readonly fence?: bigint | number;
}

/** A verdict on a post. Rows are never removed; one that was taken back names the undo. */
export interface VerdictDocument {
  readonly _id: ObjectId;
  readonly schema: 1;
  readonly kind: 'verdict';
  readonly postId: string;
  readonly verdict: Verdict;
  readonly at: Date;
  /** The post's score when it was judged. */
  readonly score: number | null;
  /** False when it was taken back. */
  readonly stands: boolean;
  /** The undo that took it back. */
  readonly undoneBy: ObjectId | null;
}

/** The taking back of one verdict. */
export interface UndoDocument {
  readonly _id: ObjectId;
  readonly schema: 1;
  readonly kind: 'undo';
  readonly undoes: ObjectId;
  readonly postId: string;
  readonly at: Date;
}

export type JudgementDocument = VerdictDocument | UndoDocument;

/** How far a source has been read, and what became of its posts. */
export interface CursorDocument {
  /** The source. */
  readonly _id: string;
  readonly schema: 1;
  readonly lastPostId: string | null;
  readonly lastPostAt: Date | null;
  /** Of posts made later than this, by the service's clock, nothing is certain. */
  readonly readUpTo: Date;
  readonly received: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly deleted: number;
  readonly fence?: bigint | number;
  /** When the last batch was written. */
  readonly at: Date;
}

/** Posts between two instants may be missing. */
export interface GapDocument {
  /** `source:from:to:reason`. */
  readonly _id: string;
  readonly schema: 1;
  readonly source: string;
  readonly from: Date;
  readonly to: Date;
  readonly reason: string;
  readonly missed: number | null;
  readonly fence?: bigint | number;
}

/** What a holding is called and by which words posts speak of it. */
export interface InstrumentDocument {
  /** The symbol. */
  readonly _id: string;
  readonly schema: 1;
  readonly name: string;
  readonly terms: Holding['terms'];
}

export interface HoldingDocument {
  /** The symbol. */
  readonly _id: string;
  readonly schema: 1;
  readonly weight: number;
  /** Place in the list, from 0. */
  readonly place: number;
}

/** The prices of one symbol in one year, from one source. */
export interface PriceYearDocument {
  /** `source:symbol:year`. */
  readonly _id: string;
  readonly schema: 1;
  readonly source: string;
  readonly symbol: string;
  readonly year: number;
  /** `YYYY-MM-DD`, ascending; each has the close at the same place. */
  readonly dates: readonly string[];
  readonly closes: readonly number[];
}

/** The last file that was imported from a source, whole. */
export interface ImportDocument {
  /** The source. */
  readonly _id: string;
  readonly schema: 1;
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string;
  readonly prices: number;
  readonly at: Date;
}

/** What was set, or is true of the whole store. */
export interface SettingsDocument {
  readonly _id: 'page' | 'ranking';
  readonly schema: 1;
  /** Of the page. */
  readonly values?: Settings;
  /** Of the ranking by which every unread post is scored. */
  readonly version?: string;
}

import type { StreamState } from './api.ts';

/** The answer of `GET /api/status` and of `holdfast status --json`. */
export interface StatusReport {
  readonly schema: 'holdfast.status/1';
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly dataDirectory: string | null;
  readonly database: DatabaseStatus;
  readonly unread: number;
  readonly sources: readonly SourceStatus[];
}

export interface DatabaseStatus {
  readonly name: string;
  /** `own`: this process runs the embedded set; `joined`: another does; `given`: by --mongo-uri. */
  readonly kind: 'own' | 'joined' | 'given';
  readonly reachable: boolean;
}

/** What became of the messages of one source; the counts are those of its whole life. */
export interface SourceStatus {
  readonly source: string;
  readonly status: StreamState['status'];
  readonly note: string;
  /** Posts that were read from the stream. */
  readonly received: number;
  /** Of them, those that were new. */
  readonly stored: number;
  /** Of them, those that had been stored or deleted before. */
  readonly duplicates: number;
  /** Posts whose text was removed because their source said so. */
  readonly deleted: number;
  /** The latest hundred, newest first. */
  readonly gaps: readonly GapReport[];
  /** The fencing token of the last grant of the source's lock. */
  readonly lockToken: string;
  /** Who reads the source now. */
  readonly lockOwner: string | null;
  readonly lastPostAt: string | null;
}

/** Posts between these instants may be missing. */
export interface GapReport {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  /** How many, when the source told. */
  readonly missed: number | null;
}

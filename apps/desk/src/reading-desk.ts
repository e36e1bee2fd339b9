import type { LockerRoom } from '@holdfast/locker-room';
import type {
  DeskState,
  HoldingChip,
  JudgementReply,
  JudgementRequest,
  PortfolioReport,
  QueueReply,
  Settings,
  StreamState,
  UndoReply,
} from './api.ts';
import type { Desk, DeskEvent } from './desk.ts';
import { DeskError } from './desk-error.ts';
import type { Ingestor } from './ingest/ingestor.ts';
import type { DatabaseStatus, SourceStatus, StatusReport } from './status-report.ts';
import type { PostDocument } from './store/documents.ts';
import type { JudgementBook } from './store/judgement-book.ts';
import { queuedPost, readQueue } from './store/queue.ts';
import { type CountedQueue, QueueCounts } from './store/queue-counts.ts';
import type { RankingTable } from './store/ranking-table.ts';
import { readSettings, saveSettings } from './store/settings-shelf.ts';
import { readSourceStatus, readStreamCounts } from './store/source-status.ts';
import type { Store } from './store/store.ts';
import { version } from './version.ts';

export interface ReadingDeskOptions {
  readonly store: Store;
  readonly lockers: LockerRoom;
  readonly book: JudgementBook;
  /** Null when there are no holdings or no prices for them. */
  readonly portfolio: PortfolioReport | null;
  readonly ranking: RankingTable;
  /** Null when no source is connected. */
  readonly ingestor: Ingestor | null;
  readonly banner: string | null;
  readonly dataDirectory: string | null;
  readonly databaseKind: () => DatabaseStatus['kind'];
}

const pulseEvery = 1_000;
const readinessTimeout = 2_000;

/** The desk over its store: what the page and the command line ask, answered. */
export class ReadingDesk implements Desk {
  readonly #options: ReadingDeskOptions;
  readonly #listeners = new Set<(event: DeskEvent) => void>();
  readonly #startedAt = new Date();
  readonly #counts: QueueCounts;
  #pulse: NodeJS.Timeout | undefined;
  #last: { readonly unread: number; readonly stream: StreamState } | undefined;
  #isLooking = false;

  constructor(options: ReadingDeskOptions) {
    this.#options = options;
    const symbols = options.portfolio?.holdings.map(({ symbol }) => symbol) ?? [];
    this.#counts = new QueueCounts(options.store, symbols);
  }

  async state(): Promise<DeskState> {
    const { store, banner } = this.#options;
    const [counted, stream, settings] = await Promise.all([
      this.#counts.read(),
      this.#stream(),
      readSettings(store),
    ]);
    const { unread } = counted;
    const holdings = this.#chips(counted);
    const note = 'Nothing is learned from your verdicts yet: risk and age decide.';
    return { banner, holdings, learner: { trusted: false, note }, stream, unread, settings };
  }

  async queue(limit: number): Promise<QueueReply> {
    const { store, ranking } = this.#options;
    const [posts, { unread }] = await Promise.all([
      readQueue(store, ranking, limit, new Date()),
      this.#counts.read(),
    ]);
    return { posts, unread: posts.length < limit ? posts.length : Math.max(unread, posts.length) };
  }

  async portfolio(): Promise<PortfolioReport> {
    const { portfolio } = this.#options;
    if (portfolio !== null) return portfolio;
    throw new DeskError(
      'data',
      'There are no holdings with prices yet.',
      'Run holdfast start --demo to look around with a sample portfolio.',
    );
  }

  async judge(request: JudgementRequest): Promise<JudgementReply> {
    const before = await this.#options.book.judge(request);
    if (before.queued) this.#counts.moved(before, -1);
    return { ...request, unread: await this.#unreadNow() };
  }

  async undo(): Promise<UndoReply> {
    const { book, ranking } = this.#options;
    const back = await book.undo();
    if (back?.post) this.#counts.moved(back.post, 1);
    const unread = await this.#unreadNow();
    if (back === null) return { postId: null, verdict: null, post: null, unread };
    const { postId, verdict, post } = back;
    const shown = post === null ? null : queuedPost(post, ranking, new Date());
    return { postId, verdict, post: shown, unread };
  }

  async saveSettings(settings: Settings): Promise<Settings> {
    const saved = await saveSettings(this.#options.store, settings);
    this.#tell({ name: 'settings', data: saved });
    return saved;
  }

  async status(): Promise<StatusReport> {
    const { store, dataDirectory, databaseKind } = this.#options;
    const database = { name: store.db.databaseName, kind: databaseKind() };
    const [reachable, { unread }, sources] = await Promise.all([
      this.isReady(),
      this.#counts.read(),
      this.#sources(),
    ]);
    return {
      schema: 'holdfast.status/1',
      version,
      pid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      dataDirectory,
      database: { ...database, reachable },
      unread,
      sources,
    };
  }

  async isReady(): Promise<boolean> {
    const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, readinessTimeout, false);
    const answered = this.#options.store.db.command({ ping: 1 }).then(
      () => true,
      () => false,
    );
    const ready = await Promise.race([answered, tooLate]);
    clearTimeout(timer);
    return ready;
  }

  onEvent(listener: (event: DeskEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#pulse ??= setInterval(() => this.changed(), pulseEvery).unref();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#pulse);
      this.#pulse = undefined;
    };
  }

  /** Takes note of posts that are new in the store. */
  stored(posts: readonly PostDocument[]): void {
    for (const post of posts) this.#counts.moved(post, 1);
    this.changed();
  }

  /**
   * Looks whether anything that the page shows has changed, and says so.
   *
   * Called at each write of this desk, and every second for those of others.
   */
  changed(): void {
    if (this.#listeners.size === 0 || this.#isLooking) return;
    this.#isLooking = true;
    this.#look()
      .catch(() => undefined) // the database is away; the next look will tell
      .finally(() => {
        this.#isLooking = false;
      });
  }

  async #look(): Promise<void> {
    const [{ unread }, stream] = await Promise.all([this.#counts.read(), this.#stream()]);
    const before = this.#last;
    this.#last = { unread, stream };
    if (before === undefined) return;
    const arrived = Math.max(0, stream.stored - before.stream.stored);
    if (arrived > 0 || unread !== before.unread) {
      this.#tell({ name: 'queue', data: { unread, arrived } });
    }
    if (JSON.stringify(stream) !== JSON.stringify(before.stream)) {
      this.#tell({ name: 'stream', data: stream });
    }
  }

  async #unreadNow(): Promise<number> {
    const { unread } = await this.#counts.read();
    this.changed();
    return unread;
  }

  #chips({ bySymbol }: CountedQueue): readonly HoldingChip[] {
    const holdings = this.#options.portfolio?.holdings ?? [];
    return holdings.map(({ symbol, name, weight, riskShare }) => ({
      symbol,
      name,
      weight,
      riskShare,
      posts: bySymbol.get(symbol) ?? 0,
    }));
  }

  async #stream(): Promise<StreamState> {
    const { store, ingestor } = this.#options;
    if (ingestor === null) return noStream;
    const counts = await readStreamCounts(store, ingestor.source);
    return { source: ingestor.source, ...ingestor.state, ...counts };
  }

  async #sources(): Promise<readonly SourceStatus[]> {
    const { store, lockers, ingestor } = this.#options;
    if (ingestor === null) return [];
    return [await readSourceStatus(store, lockers, ingestor.source, ingestor.state)];
  }

  #tell(event: DeskEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

const noStream: StreamState = {
  source: 'none',
  status: 'offline',
  note: 'No source is connected. Run holdfast start --demo to look around.',
  received: 0,
  stored: 0,
  lastPostAt: null,
};

import {
  type AbstractCursor,
  type ChangeStream,
  type ClientSession,
  type Document,
  MongoError,
  type ResumeToken,
} from 'mongodb';
import { ChangeStreamHistoryLostError } from './change-stream-history-lost-error.ts';
import { asError, isCut, readTrial, whereAsks } from './cursor-hooks.ts';
import {
  type Batch,
  type CursorInside,
  forget,
  hook,
  inherited,
  insideOf,
  isOver,
  type Opening,
  viewOf,
} from './cursor-inside.ts';
import { exactly } from './keyset.ts';
import type { CallOptions, FailedAttempt, Patience, Trial } from './patience.ts';
import { codeOf } from './transient-error.ts';

/** What a `ChangeStreamCursor` keeps beside: node-mongodb-native 7.9, `src/cursor/change_stream_cursor.ts`. */
interface ChangeStreamInside extends CursorInside {
  readonly pipeline: Document[];
  readonly resumeOptions: Document;
  maxWireVersion: number | undefined;
  startAtOperationTime: unknown;
  resumeToken: ResumeToken;
  _processBatch(batch: Batch): void;
}

interface StreamInside {
  readonly cursor: AbstractCursor;
  _createChangeStreamCursor(options: object): AbstractCursor;
}

/** Where a stream starts or goes on; one of them at most may be asked for. */
const starts = ['resumeAfter', 'startAfter', 'startAtOperationTime'] as const;

/**
 * Lets a fresh change stream ride out fail-overs in whatever way it is read: by `next`, by events,
 * or by `stream()`. Returns the same stream.
 *
 * When it is cut it goes on behind the last change that was delivered: each change comes once, in
 * order.
 *
 * @throws {ChangeStreamHistoryLostError} (reading) the server no longer has what comes next
 * @throws {PatienceExhaustedError} (reading) nobody answered for as long as patience lasts
 */
export function protectChangeStream<T extends Document, C extends Document>(
  patience: Patience,
  stream: ChangeStream<T, C>,
  call: CallOptions = {},
): ChangeStream<T, C> {
  const inside = stream as unknown as StreamInside;
  const protect = (cursor: AbstractCursor): AbstractCursor => {
    new ResumingCursor(patience, insideOf<ChangeStreamInside>(cursor, parts), call);
    return cursor;
  };
  protect(inside.cursor);
  const create = inside._createChangeStreamCursor.bind(stream);
  const value = (options: object): AbstractCursor => protect(create(options));
  Object.defineProperty(stream, '_createChangeStreamCursor', { value, configurable: true });
  return stream;
}

const parts = ['pipeline', 'resumeOptions', '_processBatch', 'resumeToken'] as const;

class ResumingCursor {
  readonly #patience: Patience;
  readonly #cursor: ChangeStreamInside;
  readonly #call: CallOptions;
  /** What it watches: the cursor's own is replaced by that of its answers. */
  readonly #namespace: object;
  /** The token behind everything that has been delivered, once there is one. */
  #token: ResumeToken;
  #hasReceived = false;

  constructor(patience: Patience, cursor: ChangeStreamInside, call: CallOptions) {
    this.#patience = patience;
    this.#cursor = cursor;
    this.#call = call;
    this.#namespace = cursor.cursorNamespace;
    hook(cursor, {
      _initialize: (session) => this.#initialize(session),
      getMore: () => this.#getMore(),
    });
  }

  async #initialize(session: ClientSession): Promise<Opening> {
    const cursor = this.#cursor;
    const attempt = () => this.#open(session, {});
    const { opening, view } = await this.#patience.run('watch', this.#trial(attempt), this.#call);
    cursor.startAtOperationTime = view.startAtOperationTime;
    cursor.maxWireVersion = view.maxWireVersion;
    this.#take(opening.response);
    return opening;
  }

  async #getMore(): Promise<Batch> {
    const cursor = this.#cursor;
    try {
      const asking = inherited(cursor).getMore.call(viewOf(cursor, { _processBatch }));
      const where = whereAsks(cursor);
      return this.#take(await this.#patience.connection.guard(asking, { where }));
    } catch (thrown) {
      return this.#take(await this.#resume(asError(thrown)));
    }
  }

  /** Asks anew; the cursor proper notices nothing until it takes the batch. */
  async #open(
    session: ClientSession,
    request: Partial<ChangeStreamInside>,
  ): Promise<{ opening: Opening; view: ChangeStreamInside }> {
    const cursorNamespace = this.#namespace;
    const view = viewOf(this.#cursor, { ...request, cursorNamespace, _processBatch });
    return { opening: await inherited(this.#cursor)._initialize.call(view, session), view };
  }

  /** Notes where to go on behind a batch, which will have been delivered by the time of need. */
  #take(batch: Batch): Batch {
    this.#cursor._processBatch(batch);
    if (batch.batchSize > 0) this.#hasReceived = true;
    this.#token = batch.postBatchResumeToken ?? lastToken(batch) ?? this.#token;
    return batch;
  }

  async #resume(cut: Error): Promise<Batch> {
    const cursor = this.#cursor;
    const { cursorSession: session, selectedServer: server, cursorId } = cursor;
    if (session === null || server === undefined || cursorId === null || isOver(cursor)) throw cut;
    if (isResumable(cut)) forget(cursor, { server, session, response: { id: cursorId } });
    const request = this.#request();
    let isFirst = true;
    const trial = this.#trial(() => {
      if (!isFirst) return this.#open(session, request);
      // The cut is the first of the failures that are told and waited for.
      isFirst = false;
      return Promise.reject(cut);
    });
    const { opening } = await this.#patience.run('watch', trial, this.#call);
    if (isOver(cursor)) {
      forget(cursor, opening);
      throw cut;
    }
    cursor.selectedServer = opening.server;
    this.#patience.counts.resumed += 1;
    return opening.response;
  }

  #trial<T>(attempt: () => Promise<T>): Trial<T> {
    return {
      ...readTrial('watch', attempt, this.#cursor),
      mayRetry: (error) => isResumable(error) && !isOver(this.#cursor),
      verdict: (error, attempts) => this.#verdict(error, attempts),
    };
  }

  #verdict(error: Error, attempts: readonly FailedAttempt[]): Error {
    if (!historyLost.has(codeOf(error))) return error;
    return new ChangeStreamHistoryLostError(this.#token ?? this.#cursor.resumeToken, attempts);
  }

  /** The stream from behind what has been delivered. */
  #request(): Partial<ChangeStreamInside> {
    const cursor = this.#cursor;
    const [first = {}, ...others] = cursor.pipeline;
    const stage: Document = { ...first.$changeStream };
    for (const name of starts) delete stage[name];
    const { startAtOperationTime, startAfter } = cursor.resumeOptions;
    const token = this.#token ?? cursor.resumeToken;
    // What follows an `invalidate` may be asked for by `startAfter` only.
    const isFresh = startAfter !== undefined && !this.#hasReceived;
    if (token) stage[isFresh ? 'startAfter' : 'resumeAfter'] = token;
    else if (startAtOperationTime) stage.startAtOperationTime = startAtOperationTime;
    return { pipeline: [{ $changeStream: stage }, ...others] };
  }
}

function _processBatch(): void {}

/** The token of a batch's last change, from servers that tell none for the whole batch. */
function lastToken(batch: Batch): ResumeToken {
  if (batch.batchSize === 0) return undefined;
  const { iterated } = batch;
  batch.iterated = batch.batchSize - 1;
  const last = batch.shift(exactly);
  batch.iterated = iterated;
  return last?._id;
}

/** CappedPositionLost, ChangeStreamFatalError, ChangeStreamHistoryLost. */
const historyLost: ReadonlySet<number> = new Set([136, 280, 286]);

/**
 * The specification's list for servers that send no labels (change-streams.md, "Resumable Error"),
 * as far as these are no transient errors anyway.
 */
const resumable: ReadonlySet<number> = new Set([63, 133, 150, 234, 13388]);

function isResumable(error: Error): boolean {
  if (isCut(error) || resumable.has(codeOf(error))) return !historyLost.has(codeOf(error));
  return error instanceof MongoError && error.hasErrorLabel('ResumableChangeStreamError');
}

import {
  type ClientSession,
  type ClientSessionOptions,
  type Document,
  MongoServerError,
  ReadConcern,
  type Timestamp,
} from 'mongodb';
import { CursorCutError } from './cursor-cut-error.ts';
import { asError, cutOf, isCut, isSnapshotGone, readTrial, whereAsks } from './cursor-hooks.ts';
import {
  type Batch,
  type CursorInside,
  forget,
  hook,
  inherited,
  isOver,
  more,
  type Opening,
  open,
} from './cursor-inside.ts';
import { exactly } from './keyset.ts';
import { deploymentObstacle, namespaceObstacle, sessionObstacle } from './namespace-kind.ts';
import { NotDurableError } from './not-durable-error.ts';
import type { Obstacle } from './obstacle.ts';
import type { CallOptions, Patience } from './patience.ts';

/** What a call that reads by a cursor may ask for itself, beside the driver's own options. */
export interface CursorCall extends CallOptions {
  /**
   * Whether the cursor has to survive a cut: true raises `NotDurableError` where it cannot, false
   * leaves it to the driver altogether.
   */
  readonly durable?: boolean | undefined;
}

/** Fields of a cursor that make its request another one. */
export type Request<I extends CursorInside> = Partial<I> & object;

/** What has been delivered of a request. */
export interface Delivered {
  readonly count: number;
  /** The last of these documents, decoded without promotion. */
  last(): Document;
}

/** How one kind of cursor asks again. */
export interface Resumption<I extends CursorInside> {
  /** What can be told without a server. */
  obstacle(): Obstacle | undefined;
  /** Whether this is all of the answer, though the server may not have noticed. */
  isWhole(batch: Batch): boolean;
  /** True for a request that must not be sent twice. */
  writes(): boolean;
  /** Sends a request that writes: once, unless it is certain that it did nothing. */
  writeOut(send: (session: ClientSession) => Promise<Opening>): Promise<Opening>;
  /** The owner's request, with no more than `most` documents in its first batch. */
  first(most: number): Request<I>;
  /** The owner's request in a total order. */
  ordered(): Request<I>;
  /** What is left of such a request in the same snapshot. */
  rest(request: Request<I>, delivered: Delivered): Request<I>;
  /** What is left of it at a later time; `has` asks whether there is an answer then. */
  later(
    request: Request<I>,
    delivered: Delivered,
    has: (request: Request<I>) => Promise<boolean>,
  ): Promise<Request<I> | Obstacle>;
}

/** A request at a time, and how many documents had been delivered before it. */
interface Leg<I extends CursorInside> {
  readonly request: Request<I>;
  readonly at: Timestamp;
  readonly before: number;
}

/** As many documents as servers put into a first batch by themselves. */
const firstBatchSize = 101;
/** How many snapshots may be gone before their first read, until it is done without. */
const mostSnapshots = 3;

/**
 * Lets a cursor go on elsewhere when it loses its server, its connection or its snapshot.
 *
 * The first request is the owner's, with a first batch of at most 101 documents. If that is all
 * there is, nothing differs from the driver. If there is more, it is asked for again from the
 * start, in a total order and as of the time of the first answer (so that the reader sees its own
 * writes). In one snapshot and a total order it is certain what follows which document, so any
 * member can be asked for what is left.
 */
export class DurableCursor<I extends CursorInside> {
  readonly #patience: Patience;
  readonly #operation: string;
  readonly #cursor: I;
  readonly #resumption: Resumption<I>;
  readonly #call: CursorCall;
  /** The owner's session, once the cursor reads its snapshot in another one. */
  #owners: ClientSession | undefined;
  /** Why it cannot be resumed; undefined while that is not known, and when it can. */
  #obstacle: Obstacle | undefined;
  #ordered: Request<I> = {};
  #leg: Leg<I> | undefined;
  #delivered = 0;
  /** The batch that the last delivered document came in. */
  #last: Batch | undefined;

  constructor(
    patience: Patience,
    operation: string,
    cursor: I,
    resumption: Resumption<I>,
    call: CursorCall,
  ) {
    this.#patience = patience;
    this.#operation = operation;
    this.#cursor = cursor;
    this.#resumption = resumption;
    this.#call = call;
    hook(cursor, {
      _initialize: (session) => this.#initialize(session),
      getMore: () => this.#getMore(),
    });
  }

  async #initialize(given: ClientSession): Promise<Opening> {
    this.#leg = undefined;
    this.#delivered = 0;
    this.#last = undefined;
    const session = given.explicit ? given : (this.#owners ?? given);
    this.#refuse(sessionObstacle(session) ?? this.#resumption.obstacle());
    const plainly = (within: ClientSession) =>
      inherited(this.#cursor)._initialize.call(this.#cursor, within);
    if (session.inTransaction()) return plainly(session);
    if (this.#resumption.writes()) return this.#resumption.writeOut(plainly);
    if (this.#call.durable === true) this.#refuse(await this.#namespaceObstacle());
    const opening =
      this.#obstacle === undefined
        ? await this.#openDurably(session, given)
        : await this.#ask(session, {});
    if (opening.session !== given) {
      if (given.explicit) this.#owners = given;
      else void given.endSession();
      this.#cursor.cursorSession = opening.session;
    }
    this.#take(opening.response);
    return opening;
  }

  /** Notes an obstacle, which is an error where a durable cursor was demanded. */
  #refuse(obstacle: Obstacle | undefined, error?: Error): void {
    if (obstacle !== undefined && this.#call.durable === true) {
      throw new NotDurableError(this.#operation, obstacle, error);
    }
    this.#obstacle = obstacle;
  }

  #namespaceObstacle(): Promise<Obstacle | undefined> {
    return namespaceObstacle(this.#patience, this.#cursor, this.#call);
  }

  #ask(session: ClientSession, request: Request<I>): Promise<Opening> {
    const attempt = () => open(this.#cursor, session, request);
    const trial = readTrial(this.#operation, attempt, this.#cursor);
    return this.#patience.run(this.#operation, trial, this.#call);
  }

  async #openDurably(session: ClientSession, given: ClientSession): Promise<Opening> {
    for (let snapshots = 1; ; snapshots++) {
      const first = await this.#ask(session, this.#resumption.first(firstBatchSize));
      if (this.#resumption.isWhole(first.response)) return first;
      try {
        this.#refuse(deploymentObstacle(this.#cursor, first) ?? (await this.#namespaceObstacle()));
        if (this.#obstacle !== undefined) return first;
        const opening = await this.#openSnapshot(first, given);
        forget(this.#cursor, first);
        return opening;
      } catch (thrown) {
        const error = asError(thrown);
        const isRefused = error instanceof MongoServerError;
        const again = isSnapshotGone(error) && snapshots < mostSnapshots;
        if (!isRefused || again || this.#call.durable === true) forget(this.#cursor, first);
        if (again) continue;
        if (!isRefused) throw error;
        const detail = `the server would not read it at a fixed time (${error.message})`;
        this.#refuse({ code: 'snapshot-refused', detail }, error);
        return first;
      }
    }
  }

  async #openSnapshot({ response }: Opening, given: ClientSession): Promise<Opening> {
    const at = timeOf(response);
    const request = this.#resumption.ordered();
    // A causal session would ask for a later time as well; servers refuse both together.
    const session = given.explicit ? implicitSession(this.#cursor) : given;
    try {
      const opening = await this.#ask(session, this.#atTime(request, at));
      this.#ordered = request;
      this.#leg = { request, at, before: 0 };
      return opening;
    } catch (error) {
      if (session !== given) void session.endSession();
      throw error;
    }
  }

  #atTime(request: Request<I>, at: Timestamp): Request<I> {
    const { cursorOptions = this.#cursor.cursorOptions } = request;
    return { ...request, cursorOptions: { ...cursorOptions, readConcern: snapshotAt(at) } };
  }

  /** As `#atTime`, but with documents: an empty first batch would bring a cut cursor nowhere. */
  #again({ request, at }: Leg<I>): Request<I> {
    const { cursorOptions } = this.#cursor;
    return this.#atTime(
      cursorOptions.batchSize === 0
        ? { ...request, cursorOptions: { ...cursorOptions, batchSize: firstBatchSize } }
        : request,
      at,
    );
  }

  #take(batch: Batch): Batch {
    this.#delivered += batch.batchSize;
    if (batch.batchSize > 0) this.#last = batch;
    if ('numReturned' in this.#cursor) this.#cursor.numReturned = this.#delivered;
    return batch;
  }

  async #getMore(): Promise<Batch> {
    const cursor = this.#cursor;
    try {
      const where = whereAsks(cursor);
      return this.#take(await this.#patience.connection.guard(more(cursor), { where }));
    } catch (thrown) {
      const cut = asError(thrown);
      if (this.#leg === undefined) {
        const obstacle = this.#obstacle ?? { code: 'snapshot-refused', detail: 'it has none' };
        throw cutOf(this.#operation, this.#delivered, obstacle, cut, cursor);
      }
      if (isOver(cursor) || !isCut(cut)) throw cut;
      return this.#take(await this.#resume(cut, this.#leg));
    }
  }

  async #resume(cut: Error, broken: Leg<I>): Promise<Batch> {
    const cursor = this.#cursor;
    const { cursorSession: session, selectedServer: server, cursorId } = cursor;
    if (session === null || server === undefined || cursorId === null) throw cut;
    forget(cursor, { server, session, response: { id: cursorId } });
    let isFirst = true;
    let isGone = false;
    const trial = readTrial(
      this.#operation,
      async () => {
        // The cut is the first of the failures that are told and waited for.
        if (isFirst) {
          isFirst = false;
          throw cut;
        }
        const leg = isGone ? await this.#laterLeg(session, broken, cut) : this.#restOf(broken);
        return { leg, opening: await open(cursor, session, this.#again(leg)) };
      },
      cursor,
    );
    const { leg, opening } = await this.#patience.run(
      this.#operation,
      {
        ...trial,
        mayRetry: (error) => {
          isGone ||= isSnapshotGone(error);
          return isCut(error) && !isOver(cursor);
        },
        verdict: (error) => (isOver(cursor) ? cut : error),
      },
      this.#call,
    );
    if (isOver(cursor)) {
      forget(cursor, opening);
      throw cut;
    }
    cursor.selectedServer = opening.server;
    this.#patience.counts.resumed += 1;
    this.#leg = leg;
    return opening.response;
  }

  #restOf({ request, at, before }: Leg<I>): Leg<I> {
    const count = this.#delivered - before;
    if (count === 0) return { request, at, before };
    const rest = this.#resumption.rest(request, { count, last: () => this.#lastDocument() });
    return { request: rest, at, before: this.#delivered };
  }

  async #laterLeg(session: ClientSession, { at: since }: Leg<I>, cut: Error): Promise<Leg<I>> {
    const now = await timeOfServer(this.#cursor, session);
    const at = now?.greaterThan(since) ? now : since;
    this.#owners?.advanceOperationTime(at);
    if (this.#delivered === 0) return { request: this.#ordered, at, before: 0 };
    const request = await this.#resumption.later(
      this.#ordered,
      { count: this.#delivered, last: () => this.#lastDocument() },
      async (probe) => {
        const { response } = await open(this.#cursor, session, this.#atTime(probe, at));
        return response.batchSize > 0;
      },
    );
    if (!isObstacle(request)) return { request, at, before: this.#delivered };
    const attempts = [{ error: cut, elapsed: 0 }];
    throw new CursorCutError(this.#operation, this.#delivered, request, attempts);
  }

  #lastDocument(): Document {
    const batch = this.#last;
    // All of a batch has been taken when another one is asked for.
    if (batch !== undefined) batch.iterated = batch.batchSize - 1;
    return batch?.shift(exactly) ?? {};
  }
}

function isObstacle(request: object | Obstacle): request is Obstacle {
  return 'code' in request && 'detail' in request;
}

/** The time of an answer: that of its snapshot, or by when all that it shows had happened. */
function timeOf({ atClusterTime, operationTime }: Batch): Timestamp {
  const time = atClusterTime ?? operationTime;
  if (time === null) throw new MongoServerError({ message: 'the server tells no time' });
  return time;
}

/** The time to which the server has come by now. */
async function timeOfServer(
  { client, cursorOptions: { readPreference } }: CursorInside,
  session: ClientSession,
): Promise<Timestamp | undefined> {
  const options = { session, raw: false, ...(readPreference && { readPreference }) };
  const reply: Document = await client.db('admin').command({ ping: 1 }, options);
  return reply.operationTime as Timestamp | undefined;
}

/** The driver hands an instance of its class on as it is, with whatever it holds. */
function snapshotAt(at: Timestamp): ReadConcern {
  return Object.assign(new ReadConcern('snapshot'), { atClusterTime: at });
}

/** A session that the driver ends with the cursor, as one that it starts by itself. */
function implicitSession(cursor: CursorInside): ClientSession {
  const options = { owner: cursor, explicit: false } as ClientSessionOptions;
  return cursor.client.startSession(options);
}

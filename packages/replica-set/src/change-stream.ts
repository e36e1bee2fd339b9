/** A change stream: a cursor over the part of the log that a majority has, which waits for more. */
import { setImmediate } from 'node:timers/promises';
import { decodeDocument } from './bson-decoder.ts';
import { type BsonDocument, type EncodableDocument, RawDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { equalValues } from './bson-order.ts';
import { type EventStyle, eventOf, invalidateEvent, pointOf } from './change-event.ts';
import type { ChangeStreamSpec } from './change-stream-spec.ts';
import { CollectionUuids } from './collection-uuids.ts';
import type { LoggedChange } from './log-history.ts';
import type { MemberState } from './member-state.ts';
import type { LogEnd, LogTime, OperationKind } from './operation.ts';
import { withoutPauses } from './pause.ts';
import { type StreamPoint, tokenOf } from './resume-token.ts';
import { ServerError } from './server-error.ts';
import { runStages, type StageScope } from './stage/stage.ts';
import type { WatchedNamespace } from './watched-namespace.ts';

export interface StreamBatch {
  readonly documents: RawDocument[];
  /** Where to come back to after this batch; nothing before a time to begin at has come. */
  readonly token: EncodableDocument | undefined;
  /** True when there will be no more. */
  readonly done: boolean;
}

/** Told only to those who ask for expanded events. */
const expandedKinds: ReadonlySet<OperationKind> = new Set([
  'create',
  'collMod',
  'createIndex',
  'dropIndex',
  'modifyIndex',
]);

/** How many entries are looked at in one turn of the event loop. */
const window = 1000;
const batchBytes = 16_000_000;

export class ChangeStream {
  readonly #state: MemberState;
  readonly #watched: WatchedNamespace;
  readonly #spec: ChangeStreamSpec;
  readonly #uuids: CollectionUuids;
  readonly #style: EventStyle;
  /** Whether its events show no more than their changes, and so are those of other streams too. */
  readonly #isPlain: boolean;
  /** What `$$NOW` is to the stages stays as it was at the beginning. */
  readonly #scope: StageScope;
  #at: StreamPoint;
  /** False until the log's entry at `#at` was seen to be the one the client's token names. */
  #verified: boolean;
  /** Events before this time are not told. */
  #notBefore: LogTime | undefined;
  /** The entry whose `invalidate` is still to be told. */
  #ended: LogEnd | undefined;
  #lookedUp = false;
  #busy = false;
  #closed = false;
  #done = false;

  private constructor(
    state: MemberState,
    watched: WatchedNamespace,
    spec: ChangeStreamSpec,
    at: StreamPoint,
  ) {
    this.#state = state;
    this.#watched = watched;
    this.#spec = spec;
    this.#uuids = new CollectionUuids(state.log, state.catalog);
    this.#style = {
      lookup: spec.looksUp ? this.#lookup : undefined,
      afterImage: spec.afterImage,
      beforeImage: spec.beforeImage,
      expanded: spec.expanded ? (change) => this.#uuids.of(change) : undefined,
    };
    this.#scope = { now: new Date(), variables: spec.variables };
    this.#isPlain = Object.values(this.#style).every((part) => part === undefined);
    this.#at = at;
    this.#verified = spec.after === undefined;
  }

  /**
   * Opens a stream where `spec` says. Without a token it begins behind what the
   * log holds now, once that can no longer be rolled back (50 when that takes
   * longer than `milliseconds`).
   */
  static async open(
    state: MemberState,
    watched: WatchedNamespace,
    spec: ChangeStreamSpec,
    milliseconds: number,
  ): Promise<ChangeStream> {
    if (spec.after !== undefined) return new ChangeStream(state, watched, spec, spec.after);
    const { end } = state.replica;
    if (!(await state.replica.settled(end, milliseconds))) {
      throw new ServerError(50, 'operation exceeded time limit');
    }
    const { startTime } = spec;
    if (startTime === undefined) {
      return new ChangeStream(state, watched, spec, { entry: end, step: 'past' });
    }
    const { log } = state;
    const first = log.history.pointAt(log.start + 1);
    if (log.start > 0 && first !== undefined && isBefore(startTime, first)) throw historyLost();
    const entry = log.history.lastBefore(startTime, log.start, state.replica.standing.committed);
    const stream = new ChangeStream(state, watched, spec, { entry, step: 'past' });
    stream.#notBefore = startTime;
    return stream;
  }

  /**
   * The next events, at most `most`; waits for the first one up to `milliseconds`.
   *
   * Throws 237 when the stream is closed meanwhile, 286 when the log no longer
   * goes back to where the stream stands, 280 when it never was in this log.
   */
  async take(most: number, milliseconds: number): Promise<StreamBatch> {
    if (this.#busy) throw new ServerError(12051, 'the cursor is in use by another getMore');
    this.#busy = true;
    this.#lookedUp = false;
    try {
      return await this.#take(most, performance.now() + milliseconds);
    } finally {
      this.#busy = false;
    }
  }

  async #take(most: number, deadline: number): Promise<StreamBatch> {
    const { standing } = this.#state.replica;
    const batch = new EventBatch(most);
    for (;;) {
      this.#refuseEnded();
      if (this.#verify()) this.#read(batch);
      if (batch.full || this.#done) break;
      const left = deadline - performance.now();
      if (this.#verified && this.#at.entry.position < standing.committed) {
        if (left <= 0) break;
        await setImmediate();
        continue;
      }
      if (batch.documents.length > 0 || left <= 0) break;
      await standing.changed.until(
        () => this.#closed || standing.stopped || standing.committed > this.#at.entry.position,
        left,
      );
    }
    if (this.#lookedUp) await this.#settleLookups();
    const early = this.#notBefore !== undefined && batch.documents.length === 0;
    const token = early && !this.#reached() ? undefined : tokenOf(this.#at);
    return { documents: batch.documents, token, done: this.#done };
  }

  /** Waits until the documents that were looked up can no longer be rolled back. */
  async #settleLookups(): Promise<void> {
    const { standing, end } = this.#state.replica;
    const { term } = standing;
    const isSettled = () => standing.committed >= end.position;
    await standing.changed.until(
      () => this.#closed || standing.stopped || isSettled() || standing.term !== term,
    );
    this.#refuseEnded();
    if (!isSettled()) throw new ServerError(11602, 'operation was interrupted by an election');
  }

  /** True while events are being taken. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Ends the stream, and a wait for its events at once. */
  close(): void {
    this.#closed = true;
    this.#state.replica.standing.changed.notify();
  }

  #refuseEnded(): void {
    if (this.#closed) throw new ServerError(237, 'the cursor was killed');
    if (this.#state.replica.standing.stopped) {
      throw new ServerError(11600, 'the member is shutting down');
    }
  }

  /** True once the client's token is known to name an entry of this log. */
  #verify(): boolean {
    const { log, replica } = this.#state;
    const { entry, step } = this.#at;
    const isCut =
      typeof this.#at.index === 'number' && entry.position === log.start && log.start > 0;
    if (entry.position < log.start || isCut) throw historyLost();
    if (this.#verified) return true;
    if (entry.position > replica.standing.committed) return false;
    const found = log.history.pointAt(entry.position);
    if (found !== undefined) {
      if (found.term !== entry.term || isBefore(found, entry) || isBefore(entry, found)) {
        throw new ServerError(
          280,
          'cannot resume stream; the resume token was not found in the log of this set',
        );
      }
      if (step === 'event' && this.#watched.isEndedBy(found)) this.#ended = entry;
    }
    this.#verified = true;
    return true;
  }

  #read(batch: EventBatch): void {
    const { log, replica } = this.#state;
    this.#tellEnd(batch);
    if (batch.full || this.#done) return;
    const { position } = this.#at.entry;
    const told = typeof this.#at.index === 'number' ? this.#at.index : undefined;
    const through = Math.min(replica.standing.committed, position + window);
    // Of a transaction that was told in part, the rest comes first.
    const from = told === undefined ? position : position - 1;
    let last: LoggedChange | undefined;
    for (const change of log.history.changes(from, through, this.#watched.range)) {
      if (change.position === position && (change.transaction?.index ?? 0) <= (told ?? 0)) continue;
      if (this.#isTold(change)) this.#tell(change, batch);
      this.#uuids.pass(change);
      if (batch.full || this.#done) return;
      last = change;
    }
    const entry = last?.position === through ? pointOf(last).entry : log.history.pointAt(through);
    if (entry !== undefined && (through > position || told !== undefined))
      this.#at = { entry, step: 'past' };
  }

  #isTold(change: LoggedChange): boolean {
    if (!this.#watched.includes(change)) return false;
    if (!this.#spec.expanded && expandedKinds.has(change.kind)) return false;
    return this.#notBefore === undefined || !isBefore(change, this.#notBefore);
  }

  #tell(change: LoggedChange, batch: EventBatch): void {
    this.#pass(this.#eventOf(change), batch);
    this.#at = pointOf(change);
    const { entry } = this.#at;
    if (!this.#watched.isEndedBy(change)) return;
    this.#ended = entry;
    if (!batch.full) this.#tellEnd(batch);
  }

  #tellEnd(batch: EventBatch): void {
    if (this.#ended === undefined || batch.full) return;
    this.#pass(new StreamEvent(invalidateEvent(this.#ended)), batch);
    this.#at = { entry: this.#ended, step: 'invalidate' };
    this.#ended = undefined;
    this.#done = true;
  }

  readonly #lookup: NonNullable<EventStyle['lookup']> = (namespace, key) => {
    this.#lookedUp = true;
    return this.#state.catalog.get(namespace)?.byId(key)?.bytes;
  };

  #eventOf(change: LoggedChange): StreamEvent {
    const known = this.#isPlain ? plainEvents.get(change) : undefined;
    if (known !== undefined) return known;
    const event = new StreamEvent(eventOf(change, this.#style, this.#state.credential?.name));
    if (this.#isPlain) plainEvents.set(change, event);
    return event;
  }

  /** Sends an event through the stages; what they leave of it goes into the batch. */
  #pass(event: StreamEvent, batch: EventBatch): void {
    const { stages } = this.#spec;
    if (stages.length === 0) {
      batch.add(event.bytes);
      return;
    }
    const token = event.document.get('_id');
    for (const result of withoutPauses(runStages(stages, [event.document], this.#scope))) {
      if (!result.has('_id') || !equalValues(result.get('_id'), token)) throw tokenChanged();
      batch.add(encodeDocument(result));
    }
  }

  #reached(): boolean {
    return this.#notBefore !== undefined && !isBefore(this.#at.entry, this.#notBefore);
  }
}

/** An event as it is sent; it may be shared, so nothing of it is changed. */
class StreamEvent {
  readonly bytes: Uint8Array;
  #document: BsonDocument | undefined;

  constructor(event: EncodableDocument) {
    this.bytes = encodeDocument(event);
  }

  get document(): BsonDocument {
    this.#document ??= decodeDocument(this.bytes);
    return this.#document;
  }
}

/** The plain event of a change that several streams come across. */
const plainEvents = new WeakMap<LoggedChange, StreamEvent>();

class EventBatch {
  readonly documents: RawDocument[] = [];
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(bytes: Uint8Array): void {
    this.documents.push(new RawDocument(bytes));
    this.#bytes += bytes.length;
  }

  get full(): boolean {
    return this.documents.length >= this.#most || this.#bytes >= batchBytes;
  }
}

function isBefore(a: LogTime, b: LogTime): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.increment < b.increment);
}

function historyLost(): ServerError {
  return new ServerError(
    286,
    'Resume of change stream was not possible, as the resume point may no longer be in the oplog.',
  );
}

function tokenChanged(): ServerError {
  return new ServerError(
    280,
    'Encountered an event whose _id field, which contains the resume token, was modified by the pipeline. Modifying the _id field of an event makes it impossible to resume the stream from that point. Only transformations that retain the unmodified _id field are allowed.',
  );
}

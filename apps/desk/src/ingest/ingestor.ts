import { setTimeout as sleep } from 'node:timers/promises';
import type { Lock, LockerRoom } from '@holdfast/locker-room';
import type { StreamCursor, StreamMessage } from '@holdfast/post-stream';
import type { StreamState } from '../api.ts';
import type { Log } from '../log.ts';
import type { PostDocument } from '../store/documents.ts';
import { batches } from './batches.ts';
import { FencedWriter, type WriterOptions } from './fenced-writer.ts';

/** Opens a source; without a cursor when it was never read before. */
export type OpenSource = (options: {
  readonly signal: AbortSignal;
  readonly cursor?: StreamCursor;
}) => AsyncIterable<StreamMessage>;

export interface IngestorOptions extends WriterOptions {
  readonly open: OpenSource;
  readonly log: Log;
  /** Called when `state` has changed. */
  readonly onChange: () => void;
  /** Called with the posts that are new in the store. */
  readonly onStored: (posts: readonly PostDocument[]) => void;
}

/** How the ingestor stands. */
export type IngestorState = Pick<StreamState, 'status' | 'note'>;

/** A holder that vanished is replaced when this many milliseconds have passed. */
const lease = 1_700;
const batchLimits = { size: 500, delay: 50 };
const pauseAfterFailure = 1_000;

/**
 * Reads one source into the store, in at most one desk at a time.
 *
 * It waits for the lock `ingest:<source>`, reads and writes while it holds it, and stands in line
 * again when it was lost. Its writes carry the token of the lock, so one that was paused and wakes
 * late is refused.
 */
export class Ingestor {
  readonly #options: IngestorOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #state: IngestorState = { status: 'connecting', note: 'Starting.' };
  /** What was received and could not be written before the lock was lost. */
  #unsaved: readonly StreamMessage[] = [];

  constructor(options: IngestorOptions) {
    this.#options = options;
  }

  get source(): string {
    return this.#options.source;
  }

  get state(): IngestorState {
    return this.#state;
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** Ends the stream, writes what has arrived, and gives the lock back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(stopping: AbortSignal): Promise<void> {
    const { source, lockers, log } = this.#options;
    while (!stopping.aborted) {
      try {
        const lock = await this.#waitForLock(lockers, stopping);
        log.info({ source, lockToken: String(lock.token) }, 'reading the stream');
        await this.#holdLock(lock, stopping);
      } catch (error) {
        if (stopping.aborted) return;
        this.#show('offline', 'The database or the stream failed; trying again.');
        log.warn({ source, reason: String(error) }, 'reading the stream was cut short');
        await sleep(pauseAfterFailure, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  }

  async #waitForLock(lockers: LockerRoom, signal: AbortSignal): Promise<Lock> {
    const { source } = this.#options;
    const owner = `desk ${process.pid}`;
    const name = `ingest:${source}`;
    const free = await lockers.tryLock(name, { owner, lease });
    if (free !== null) return free;
    this.#show('standby', 'Another desk reads the stream; this one takes over if it stops.');
    return lockers.lock(name, { owner, lease, signal });
  }

  async #holdLock(lock: Lock, stopping: AbortSignal): Promise<void> {
    const reading = new AbortController();
    const signal = AbortSignal.any([stopping, lock.signal, reading.signal]);
    try {
      const writer = await this.#takeOver(lock);
      const { cursor } = writer;
      const stream = this.#options.open(cursor === null ? { signal } : { signal, cursor });
      for await (const batch of batches(stream, batchLimits)) {
        lock.assertHeld();
        await this.#write(writer, batch);
      }
      lock.signal.throwIfAborted();
    } finally {
      reading.abort();
      await lock.release().catch(() => undefined);
    }
  }

  async #takeOver(lock: Lock): Promise<FencedWriter> {
    this.#show('connecting', 'Connecting to the stream.');
    const writer = await FencedWriter.open(lock, this.#options);
    if (this.#unsaved.length > 0) await this.#write(writer, this.#unsaved);
    return writer;
  }

  async #write(writer: FencedWriter, batch: readonly StreamMessage[]): Promise<void> {
    for (const message of batch) this.#note(message);
    this.#unsaved = batch;
    const stored = await writer.write(batch);
    this.#unsaved = [];
    this.#options.onStored(stored);
  }

  #note(message: StreamMessage): void {
    const { source, log } = this.#options;
    switch (message.kind) {
      case 'connected':
        this.#show('ingesting', 'Posts arrive.');
        break;
      case 'reconnecting': {
        const seconds = Math.ceil(message.delay / 1000);
        this.#show('waiting', `The stream broke off; the next try is in ${seconds} s.`);
        log.warn(
          { source, failure: message.failure, delay: message.delay },
          'the stream broke off',
        );
        break;
      }
      case 'gap':
        log.warn({ source, gap: message }, 'posts may be missing');
        break;
      case 'warning':
      case 'disconnect':
        log.warn({ source, message }, 'the stream warns');
        break;
      default:
    }
  }

  #show(status: StreamState['status'], note: string): void {
    this.#state = { status, note };
    this.#options.onChange();
  }
}

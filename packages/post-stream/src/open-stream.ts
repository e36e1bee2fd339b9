import { type Clock, systemClock } from './clock.ts';
import type { Failure } from './failure.ts';
import { GapKeeper, type StreamCursor } from './gap-keeper.ts';
import { StreamStoppedError } from './post-stream-error.ts';
import { ReconnectPolicy } from './reconnect-policy.ts';
import { connectionLimitCode, type GapReason, type StreamMessage } from './stream-message.ts';
import type { SourceConnection, StreamSource } from './stream-source.ts';

/** How to follow a source. */
export interface StreamOptions {
  /** Ends the iteration when it aborts, without an error. */
  readonly signal?: AbortSignal;
  /** Where the reader left off: the time since then is reported as a gap. */
  readonly cursor?: StreamCursor;
  readonly policy?: ReconnectPolicy;
  /** For tests: the time to live by. */
  readonly clock?: Clock;
}

/**
 * Follows a source for as long as it is iterated, through every loss of the connection.
 *
 * Nothing is requested before the first message is asked for, and no more is read
 * than is consumed: a slow loop slows the service down, and memory stays bounded.
 * Whatever may have been missed is reported by a 'gap'. Leaving the loop, by
 * `break` or by an exception, closes the connection; aborting the signal ends the
 * loop at once, even while it waits. What it returns is iterated once.
 *
 * @throws {StreamStoppedError} while iterating, when the service refuses for good
 * @example
 * for await (const message of openStream(source, { signal })) {
 *   if (message.kind === 'post') console.log(message.post.text);
 * }
 */
export function openStream(
  source: StreamSource,
  options: StreamOptions = {},
): AsyncGenerator<StreamMessage, void, undefined> {
  if (typeof source?.connect !== 'function') {
    throw new TypeError('openStream needs a source, such as twitterV11 makes');
  }
  const { signal = new AbortController().signal, clock = systemClock } = options;
  const { policy = new ReconnectPolicy(), cursor } = options;
  return follow({ source, signal, clock, policy, gaps: new GapKeeper(cursor) });
}

interface Stream {
  readonly source: StreamSource;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly policy: ReconnectPolicy;
  readonly gaps: GapKeeper;
}

async function* follow(stream: Stream): AsyncGenerator<StreamMessage, void, undefined> {
  const { source, signal, clock, policy, gaps } = stream;
  while (!signal.aborted) {
    const asked = clock.now();
    const connection = await connect(stream);
    let failure: Failure;
    if ('cause' in connection) {
      failure = connection;
    } else {
      try {
        if (signal.aborted) return;
        const now = clock.now();
        const gap = gaps.resumed(asked, now);
        yield { kind: 'connected', at: new Date(now) };
        if (gap !== undefined) yield gap;
        failure = yield* read(connection, stream);
      } finally {
        connection.close();
      }
      gaps.lost(reasonOf(failure));
    }
    if (signal.aborted) return;

    const now = clock.now();
    const delay = policy.after(failure, now);
    if (delay === Infinity) {
      const gap = gaps.resumed(now, now);
      if (gap !== undefined) yield gap;
      throw new StreamStoppedError(source.name, failure);
    }
    yield { kind: 'reconnecting', at: new Date(now), delay, failure };
    await pause(delay, stream);
  }
}

async function connect({ source, signal, clock }: Stream): Promise<SourceConnection | Failure> {
  const attempt = new AbortController();
  const connecting = source.connect({
    clock,
    signal: AbortSignal.any([signal, attempt.signal]),
  });
  const first = await beforeSilence(connecting, source.stallTimeout, clock);
  if (first !== silence) return first;
  attempt.abort();
  const late = await connecting;
  if ('close' in late) late.close();
  return { cause: 'network', code: 'ETIMEDOUT' };
}

/** Yields what a connection brings, and returns how it ended. */
async function* read(
  connection: SourceConnection,
  { source, signal, clock, policy, gaps }: Stream,
): AsyncGenerator<StreamMessage, Failure, undefined> {
  let proven = false;
  for (;;) {
    // Only while we wait for bytes does the service's silence count: while our own
    // reader is busy, nothing is asked for and nothing can come.
    const next = await beforeSilence(nextBatch(connection), source.stallTimeout, clock);
    if (next === silence) return { cause: 'stalled' };
    if (next === undefined) return { cause: 'dropped' };
    for (const message of next) {
      if (signal.aborted) return { cause: 'dropped' };
      if (message.kind === 'oversized') {
        yield gaps.gap('oversized', clock.now());
        continue;
      }
      if (message.kind === 'post') gaps.received(message.post);
      if (!proven && provesTheConnection(message)) {
        proven = true;
        policy.succeeded();
      }
      yield message;
      if (message.kind === 'limit') {
        const gap = gaps.limited(message.undelivered, clock.now());
        if (gap !== undefined) yield gap;
      }
      if (message.kind === 'disconnect') return { cause: 'disconnect', code: message.code };
      if (message.kind === 'warning' && message.code === connectionLimitCode) {
        return { cause: 'connection-limit' };
      }
    }
  }
}

/** The next batch, or undefined when the connection has ended, however it did. */
async function nextBatch(connection: SourceConnection) {
  try {
    const { done, value } = await connection.batches.next();
    return done === true ? undefined : value;
  } catch {
    return undefined;
  }
}

const silence: unique symbol = Symbol('silence');

/** What is awaited, or `silence` when it takes longer than `timeout` ms. */
async function beforeSilence<T>(
  awaited: Promise<T>,
  timeout: number,
  clock: Clock,
): Promise<T | typeof silence> {
  const done = new AbortController();
  const giveUp = (): typeof silence => silence;
  const silent = clock.sleep(timeout, done.signal).then(giveUp, giveUp);
  try {
    return await Promise.race([awaited, silent]);
  } finally {
    done.abort();
  }
}

async function pause(delay: number, { signal, clock }: Stream): Promise<void> {
  try {
    if (delay > 0) await clock.sleep(delay, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A refusal in words says nothing about whether posts can come through. */
function provesTheConnection({ kind }: StreamMessage): boolean {
  return kind === 'post' || kind === 'delete' || kind === 'scrub-geo' || kind === 'withheld';
}

function reasonOf({ cause }: Failure): GapReason {
  if (cause === 'stalled') return 'stalled';
  return cause === 'dropped' ? 'dropped' : 'disconnect';
}

import type { Clock } from './clock.ts';
import type { Failure } from './failure.ts';
import type { StreamMessage } from './stream-message.ts';

/** A message, or the length in bytes of one that was too long to keep. */
export type SourceMessage = StreamMessage | { readonly kind: 'oversized'; readonly bytes: number };

/** One established connection. */
export interface SourceConnection {
  /**
   * What arrives, a batch for each chunk of bytes; a keep-alive is an empty batch.
   * Ends where the connection ended; fails where its bytes make no sense.
   */
  readonly batches: AsyncIterator<Iterable<SourceMessage>, unknown>;
  /** Ends the connection at once, leaving no socket. */
  close(): void;
}

/** Where messages come from: what `openStream` needs to know of a service. */
export interface StreamSource {
  /** For messages and errors; holds no secret. */
  readonly name: string;
  /** Milliseconds of silence, keep-alives included, after which a connection is taken for dead. */
  readonly stallTimeout: number;
  /**
   * Makes one connection, or says why there is none. When the signal aborts, the
   * attempt fails, or the connection that came of it ends, at once.
   */
  connect(context: {
    readonly clock: Clock;
    readonly signal: AbortSignal;
  }): Promise<SourceConnection | Failure>;
}

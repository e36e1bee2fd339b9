import { MongoProxyError } from './mongo-proxy-error.ts';
import type { Obstacle, ObstacleCode } from './obstacle.ts';

/**
 * A cursor was asked for with `durable: true` and could not be resumed if it were cut.
 *
 * Thrown by the first read, before anything is delivered. Leave the option out to have it read
 * all the same, and a cut raise `CursorCutError`.
 */
export class NotDurableError extends MongoProxyError {
  override readonly name = 'NotDurableError';
  readonly code: ObstacleCode;

  constructor(operation: string, { code, detail }: Obstacle, error?: Error) {
    super(
      `${operation} with durable: true cannot be had: ${detail}; ` +
        'change that, or leave the option out',
      operation,
      error === undefined ? [] : [{ error, elapsed: 0 }],
    );
    this.code = code;
  }
}

import { MongoProxyError } from './mongo-proxy-error.ts';
import type { Obstacle, ObstacleCode } from './obstacle.ts';
import type { FailedAttempt } from './patience.ts';

/**
 * A cursor lost its server or connection after its first batch, and could not go on elsewhere.
 *
 * What was delivered is right, and not all. Read again from the start, in a way that can be
 * resumed: `durable: true` tells at once whether it can.
 */
export class CursorCutError extends MongoProxyError {
  override readonly name = 'CursorCutError';
  /** Why it could not be resumed. */
  readonly code: ObstacleCode;
  /** Documents that had arrived before the cut. */
  readonly delivered: number;

  constructor(
    operation: string,
    delivered: number,
    { code, detail }: Obstacle,
    attempts: readonly FailedAttempt[],
  ) {
    super(
      `${operation} was cut after ${delivered} documents (${attempts[0]?.error.message}) and ` +
        `cannot be resumed: ${detail}; read it again from the start`,
      operation,
      attempts,
    );
    this.code = code;
    this.delivered = delivered;
  }
}

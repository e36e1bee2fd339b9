import type { Failure } from './failure.ts';

/** What every error of this package is an instance of. No message of theirs holds a secret. */
export abstract class PostStreamError extends Error {
  abstract readonly code: string;
}

/** Why a stream ended for good. Codes are stable. */
export type StreamStoppedCode = 'refused' | 'disconnected';

/**
 * The service will not serve this stream, and trying again would not help.
 *
 * 'refused': the connection got a `status` such as 401 (wrong credentials) or 406
 * (nothing to track). 'disconnected': the service ended it with a
 * `disconnectCode`, 6 or 7 (credentials revoked).
 */
export class StreamStoppedError extends PostStreamError {
  override readonly name = 'StreamStoppedError';
  readonly code: StreamStoppedCode;
  readonly status?: number;
  readonly disconnectCode?: number;

  constructor(source: string, failure: Failure) {
    super(`${source} ${sentenceOf(failure)}`);
    this.code = failure.cause === 'disconnect' ? 'disconnected' : 'refused';
    if (failure.cause === 'http') this.status = failure.status;
    if (failure.cause === 'disconnect') this.disconnectCode = failure.code;
  }
}

const advice: Readonly<Record<number, string>> = {
  401: 'check the four credentials and the clock of this machine',
  403: 'these credentials have no access to the stream',
  404: 'check the url',
  406: 'track or follow at least one thing',
  413: 'track or follow fewer things',
  416: 'a range was asked for that cannot be had',
};

function sentenceOf(failure: Failure): string {
  if (failure.cause === 'http') {
    return `refused the stream with status ${failure.status}: ${advice[failure.status] ?? 'see its documentation'}`;
  }
  if (failure.cause === 'disconnect') {
    return `ended the stream with code ${failure.code}: get new credentials`;
  }
  return `ended the stream (${failure.cause})`;
}

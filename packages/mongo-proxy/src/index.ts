import './driver-options.ts';

export type { Counts } from './counts.ts';
export { type MongoProxyOptions, mongoProxy, proxyCounts } from './mongo-proxy.ts';
export { MongoProxyError } from './mongo-proxy-error.ts';
export { OutcomeUnknownError, type OutcomeUnknownReason } from './outcome-unknown-error.ts';
export type { CallOptions, FailedAttempt, RetryNotice } from './patience.ts';
export { PatienceExhaustedError } from './patience-exhausted-error.ts';
export { safeClientOptions } from './safe-client-options.ts';

import './driver-options.ts';

export { ChangeStreamHistoryLostError } from './change-stream-history-lost-error.ts';
export type { Counts } from './counts.ts';
export { CursorCutError } from './cursor-cut-error.ts';
export { fresh } from './fresh.ts';
export type { Freshness, FreshOptions } from './freshness.ts';
export { type MongoProxyOptions, mongoProxy, proxyCounts } from './mongo-proxy.ts';
export { MongoProxyError } from './mongo-proxy-error.ts';
export { NotDurableError } from './not-durable-error.ts';
export type { ObstacleCode } from './obstacle.ts';
export { OutcomeUnknownError, type OutcomeUnknownReason } from './outcome-unknown-error.ts';
export type { CallOptions, FailedAttempt, RetryNotice } from './patience.ts';
export { PatienceExhaustedError } from './patience-exhausted-error.ts';
export { explainRead, type ReadExplanation } from './read-explanation.ts';
export { safeClientOptions } from './safe-client-options.ts';
export { type WeakerConsents, weakerClientOptions } from './weaker-client-options.ts';

import type { Operation } from './history.ts';

/** A promise that did not hold. */
export interface Finding {
  readonly promise: string;
  /** What was seen instead. */
  readonly detail: string;
  /** Those involved, in the order of their invocation. */
  readonly operations: readonly Operation[];
}

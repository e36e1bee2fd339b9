/** What `$group`, `$bucket` and `$setWindowFields` gather values into. */
import type { BsonValue } from '../bson-document.ts';
import type { Evaluator, ExpressionScope, ExpressionValue } from '../expression/evaluator.ts';

export interface Accumulator {
  /** Takes a value in, a missing one too. */
  add(value: ExpressionValue): void;
  /**
   * Takes out the value that has been in for longest, as a sliding window does.
   * Where it is not there, the values that are left must be added anew.
   */
  remove?(value: ExpressionValue): void;
  /** What has been gathered; may be asked between additions too. */
  result(): BsonValue;
}

/** An accumulator of a stage: `{ $sum: '$a' }`, compiled. */
export interface CompiledAccumulator {
  /** What of a document is added. */
  readonly evaluate: Evaluator;
  /** One with nothing in it. In `$group` the scope's root is `{ _id }` of the group. */
  readonly start: (scope: ExpressionScope) => Accumulator;
}

/** What a compiled expression is, what it sees and what it yields. */
import type { Timestamp } from 'bson';
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import { compareValues, isNumber, type StringOrder, toDouble, typeName } from '../bson-order.ts';

/** What an expression may look at. `now` is the same for a whole command. */
export interface ExpressionScope {
  readonly now: Date;
  readonly root?: BsonDocument;
  readonly variables?: ReadonlyMap<string, BsonValue> | undefined;
  /** `$$CLUSTER_TIME`. */
  readonly clusterTime?: Timestamp;
  /** How strings compare, when not by their bytes. */
  readonly collator?: StringOrder | undefined;
}

/** The variables around an expression; to compile it, their names are enough: `undefined` is a value not known yet. */
export type VariableScope = Pick<ExpressionScope, 'variables'>;

/** Marks a field that an expression takes away: `$$REMOVE`, or a path that leads nowhere. */
export const missing: unique symbol = Symbol('missing');
export type ExpressionValue = BsonValue | typeof missing;

/** A compiled expression. It never changes what it is given; results may share parts with it. */
export type Evaluator = (scope: ExpressionScope) => ExpressionValue;

/** True as `$cond` and `$match` see it: not null, missing, false or zero. */
export function isTruthy(value: ExpressionValue): boolean {
  if (typeof value === 'boolean') return value;
  if (isNullish(value)) return false;
  return !isNumber(value) || toDouble(value) !== 0;
}

export function isNullish(value: ExpressionValue): value is null | undefined | typeof missing {
  return value === null || value === undefined || value === missing;
}

export function nullIfMissing(value: ExpressionValue): BsonValue {
  return value === missing ? null : value;
}

/** The type's name as error messages have it, `missing` included. */
export function nameOf(value: ExpressionValue): string {
  return value === missing ? 'missing' : typeName(value);
}

/** Two values in the order of the scope; a missing one stands before everything but MinKey. */
export function compareIn(scope: ExpressionScope, a: ExpressionValue, b: ExpressionValue): number {
  return compareValues(
    a === missing ? undefined : a,
    b === missing ? undefined : b,
    scope.collator,
  );
}

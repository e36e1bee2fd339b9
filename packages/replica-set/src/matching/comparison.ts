/** `$eq`, `$gt` and their like, and `$in`. */
import { BSONRegExp, BSONSymbol, ObjectId } from 'bson';
import { type BsonValue, isInt32 } from '../bson-document.ts';
import {
  compareNumbers,
  compareValues,
  isNumber,
  rankOf,
  type StringOrder,
  toDouble,
  typeRank,
} from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import { ValueSet } from '../value-set.ts';
import { absent, type ValueTest } from './condition.ts';

function refuseUndefined(operand: BsonValue): void {
  if (operand === undefined) throw new ServerError(2, 'cannot compare to undefined');
}

/** Holds of what is equal; null is equal to what is missing too. */
export function equalTo(operand: BsonValue, order?: StringOrder): ValueTest {
  refuseUndefined(operand);
  if (operand === null) return (value) => value === null || value === absent;
  if (typeof operand === 'string' && order === undefined) {
    return (value) => value === operand || (value instanceof BSONSymbol && value.value === operand);
  }
  if (typeof operand === 'number' && !Number.isNaN(operand)) {
    return (value) =>
      value === operand ||
      (typeof value !== 'number' &&
        typeof value !== 'string' &&
        isNumber(value) &&
        compareNumbers(value, operand) === 0);
  }
  if (typeof operand === 'boolean') return (value) => value === operand;
  if (operand instanceof ObjectId) {
    return (value) => value instanceof ObjectId && value.equals(operand);
  }
  const rank = rankOf(operand);
  return (value) =>
    value !== absent && rankOf(value) === rank && compareValues(value, operand, order) === 0;
}

type Sign = '$gt' | '$gte' | '$lt' | '$lte';

const signs: Readonly<Record<Sign, (order: number) => boolean>> = {
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

/** Holds of what stands on a side of the operand, within its type; of NaN only with NaN. */
export function ordered(sign: Sign, operand: BsonValue, order?: StringOrder): ValueTest {
  refuseUndefined(operand);
  const holds = signs[sign];
  const orEqual = holds(0);
  const rank = rankOf(operand);
  switch (rank) {
    case typeRank.null:
      return orEqual ? equalTo(null) : () => false;
    case typeRank.minKey:
    case typeRank.maxKey: {
      // What has another type, be it missing, stands on the one side.
      const others = sign.startsWith('$g') === (rank === typeRank.minKey);
      return (value) => (value !== absent && rankOf(value) === rank ? orEqual : others);
    }
    default:
  }
  if (isNumber(operand)) {
    if (Number.isNaN(toDouble(operand))) {
      return orEqual ? equalTo(operand) : () => false;
    }
    if (typeof operand === 'number') return orderedNumber(sign, operand);
    return (value) =>
      isNumber(value) && !isNaNValue(value) && holds(compareNumbers(value, operand));
  }
  if (operand instanceof Date) {
    const time = operand.getTime();
    return (value) => value instanceof Date && holds(value.getTime() - time);
  }
  return (value) =>
    value !== absent && rankOf(value) === rank && holds(compareValues(value, operand, order));
}

/** JavaScript's own operators, which are false for NaN, where the value is a plain number too. */
function orderedNumber(sign: Sign, operand: number): ValueTest {
  const holds = signs[sign];
  const other: ValueTest = (value) =>
    typeof value !== 'string' &&
    isNumber(value) &&
    !isNaNValue(value) &&
    holds(compareNumbers(value, operand));
  switch (sign) {
    case '$gt':
      return (value) => (typeof value === 'number' ? value > operand : other(value));
    case '$gte':
      return (value) => (typeof value === 'number' ? value >= operand : other(value));
    case '$lt':
      return (value) => (typeof value === 'number' ? value < operand : other(value));
    case '$lte':
      return (value) => (typeof value === 'number' ? value <= operand : other(value));
  }
}

function isNaNValue(value: Parameters<typeof toDouble>[0]): boolean {
  return typeof value !== 'bigint' && Number.isNaN(toDouble(value));
}

/** Holds of what is equal to one of the list; strings and small numbers are looked up at once. */
export function oneOf(list: readonly BsonValue[], order?: StringOrder): ValueTest {
  for (const item of list) refuseUndefined(item);
  const plain = new Set<BsonValue>();
  const others = new ValueSet([], order);
  let textsOnly = order === undefined;
  let numbersOnly = true;
  for (const item of list) {
    if (order === undefined && typeof item === 'string') plain.add(item);
    else if (typeof item === 'number') plain.add(item);
    else if (
      isNumber(item) &&
      isInt32(toDouble(item)) &&
      compareNumbers(item, toDouble(item)) === 0
    )
      plain.add(toDouble(item));
    else if (isNumber(item)) numbersOnly = false;
    else if (item instanceof BSONSymbol) textsOnly = false;
    others.add(item);
  }
  const hasNull = list.includes(null);
  return (value) => {
    if (value === absent) return hasNull;
    if (plain.has(value)) return true;
    if (typeof value === 'string' && textsOnly) return false;
    if (typeof value === 'number' && numbersOnly) return false;
    return others.has(value);
  };
}

/** Throws 2 for a regular expression where only values may stand. */
export function refuseRegex(operand: BsonValue, message: string): void {
  if (operand instanceof BSONRegExp) throw new ServerError(2, message);
}

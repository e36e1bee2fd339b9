/** `$bitAnd`, `$bitOr`, `$bitXor`, `$bitNot`: on ints and longs. */
import { type BsonNumber, isNumber } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import type { Operator, Operators } from './context.ts';
import { type ExpressionValue, isNullish, nameOf } from './evaluator.ts';
import { kindOf, numberKind } from './number-kind.ts';
import { variadic } from './operands.ts';
import { numeric } from './rounding.ts';

export const bitwiseOperators: Operators = {
  $bitAnd: bits(
    '$bitAnd',
    -1,
    (a, b) => a & b,
    (a, b) => a & b,
  ),
  $bitOr: bits(
    '$bitOr',
    0,
    (a, b) => a | b,
    (a, b) => a | b,
  ),
  $bitXor: bits(
    '$bitXor',
    0,
    (a, b) => a ^ b,
    (a, b) => a ^ b,
  ),
  $bitNot: numeric('$bitNot', (value) => {
    if (typeof value === 'bigint') return ~value;
    if (kindOf(value) === numberKind.int) return ~(value as number);
    throw new ServerError(14, `$bitNot only supports int and long, not: ${nameOf(value)}.`);
  }),
};

function bits(
  name: string,
  identity: number,
  ints: (a: number, b: number) => number,
  longs: (a: bigint, b: bigint) => bigint,
): Operator {
  return variadic((operands) => (scope) => {
    let result: number | bigint = identity;
    for (const operand of operands) {
      const value = operand(scope);
      if (isNullish(value)) return null;
      const next = wholeNumber(name, value);
      result =
        typeof result === 'number' && typeof next === 'number'
          ? ints(result, next)
          : longs(BigInt(result), BigInt(next));
    }
    return result;
  });
}

function wholeNumber(name: string, value: ExpressionValue): number | bigint {
  const number = value as BsonNumber;
  if (isNumber(value) && kindOf(number) <= numberKind.long) return value as number | bigint;
  throw new ServerError(14, `${name} only supports int and long operands.`);
}

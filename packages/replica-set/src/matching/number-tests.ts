/** `$mod`, `$size` and the tests of bits. */
import { Binary, Decimal128 } from 'bson';
import { type BsonValue, showValue } from '../bson-document.ts';
import { type BsonNumber, fractionOf, isInfinite, isNumber, toDouble } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import { absent, type ValueTest } from './condition.ts';

const longEnd = 2n ** 63n;

/** A number cut off behind the point; nothing for one that no long holds. */
function truncated(value: BsonNumber): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (Number.isNaN(toDouble(value)) || isInfinite(value)) return undefined;
  const { digits, divisor } = fractionOf(value);
  const whole = digits / divisor;
  return whole >= longEnd || whole < -longEnd ? undefined : whole;
}

/** A whole number that a long holds; nothing for others. */
function wholeOf(value: BsonNumber): bigint | undefined {
  const whole = truncated(value);
  if (whole === undefined || typeof value === 'bigint') return whole;
  const { digits, divisor } = fractionOf(value);
  return whole * divisor === digits ? whole : undefined;
}

export function modulo(operand: BsonValue): ValueTest {
  if (!Array.isArray(operand)) throw new ServerError(2, 'malformed mod, needs to be an array');
  if (operand.length < 2) throw new ServerError(2, 'malformed mod, not enough elements');
  const [divisor, remainder] = operand;
  if (!isNumber(divisor)) throw new ServerError(2, 'malformed mod, divisor not a number');
  if (!isNumber(remainder)) throw new ServerError(2, 'malformed mod, remainder not a number');
  if (operand.length > 2) throw new ServerError(2, 'malformed mod, too many elements');
  const by = modOperand('divisor', divisor);
  const rest = modOperand('remainder', remainder);
  if (by === 0n) throw new ServerError(2, 'divisor cannot be 0');
  const quickBy = Number(by);
  const quickRest = Number(rest);
  const isQuick = Number.isSafeInteger(quickBy) && Number.isSafeInteger(quickRest);
  return (value) => {
    if (value === absent || !isNumber(value)) return false;
    if (isQuick && typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
      return Math.trunc(value) % quickBy === quickRest;
    }
    const dividend = truncated(value);
    return dividend !== undefined && dividend % by === rest;
  };
}

function modOperand(name: string, value: BsonNumber): bigint {
  const whole = truncated(value);
  if (whole !== undefined) return whole;
  throw new ServerError(
    2,
    `malformed mod, ${name} value is invalid :: caused by :: ${showValue(value)} cannot be represented as a 64-bit integer`,
  );
}

export function ofSize(operand: BsonValue): ValueTest {
  const refused = (what: string) =>
    new ServerError(2, `Failed to parse $size. ${what} in: $size: ${showValue(operand)}`);
  if (!isNumber(operand)) throw refused('Expected a number');
  const size = wholeOf(operand);
  if (size === undefined) throw refused('Expected an integer');
  if (size < 0n) throw refused('Expected a non-negative number');
  return (value) => Array.isArray(value) && BigInt(value.length) === size;
}

type BitQuantifier = 'allSet' | 'anySet' | 'allClear' | 'anyClear';

const bitOperators: Readonly<Record<string, BitQuantifier>> = {
  $bitsAllSet: 'allSet',
  $bitsAnySet: 'anySet',
  $bitsAllClear: 'allClear',
  $bitsAnyClear: 'anyClear',
};

/** Tests of bits by position; numbers are in two's complement, binaries have bit 0 in their first byte. */
export function bits(operator: string, operand: BsonValue): ValueTest {
  const positions = bitPositions(operator, operand);
  const quantifier = bitOperators[operator];
  const wanted = quantifier === 'allSet' || quantifier === 'anySet';
  const every = quantifier === 'allSet' || quantifier === 'allClear';
  return (value) => {
    const isSet = value === absent ? undefined : bitReader(value);
    if (isSet === undefined) return false;
    const holds = (position: number) => isSet(position) === wanted;
    return every ? positions.every(holds) : positions.some(holds);
  };
}

function bitReader(value: BsonValue): ((position: number) => boolean) | undefined {
  if (value instanceof Binary) {
    const { buffer, position: length } = value;
    return (position) =>
      position >> 3 < length && (((buffer[position >> 3] ?? 0) >> (position & 7)) & 1) === 1;
  }
  const whole = isNumber(value) ? wholeOf(value) : undefined;
  if (whole === undefined) return undefined;
  return (position) => ((whole >> BigInt(Math.min(position, 63))) & 1n) === 1n;
}

function bitPositions(operator: string, operand: BsonValue): number[] {
  if (Array.isArray(operand)) return operand.map(bitPosition);
  if (operand instanceof Binary) {
    const isSet = bitReader(operand);
    return Array.from({ length: operand.position * 8 }, (_, at) => at).filter((at) => isSet?.(at));
  }
  if (!isNumber(operand)) {
    throw new ServerError(
      2,
      `${operator} takes an Array, a number, or a BinData but received: ${operator}: ${showValue(operand)}`,
    );
  }
  const mask = wholeOf(operand);
  const shown = `${operator}: ${showValue(operand)}`;
  if (mask === undefined) {
    const kind =
      truncated(operand) === undefined
        ? 'Cannot represent as a 64-bit integer'
        : 'Expected an integer';
    throw new ServerError(9, `${kind}: ${shown}`);
  }
  if (mask < 0n) throw new ServerError(9, `Expected a non-negative number in: ${shown}`);
  return Array.from({ length: 64 }, (_, at) => at).filter((at) => (mask >> BigInt(at)) & 1n);
}

function bitPosition(value: BsonValue): number {
  const whole = isNumber(value) && !(value instanceof Decimal128) ? wholeOf(value) : undefined;
  if (whole === undefined) {
    throw new ServerError(2, `bit positions must be an integer but got: ${showValue(value)}`);
  }
  if (whole >= 2n ** 31n || whole < -(2n ** 31n)) {
    throw new ServerError(
      2,
      `bit positions cannot be represented as a 32-bit signed integer: ${showValue(value)}`,
    );
  }
  if (whole < 0n)
    throw new ServerError(2, `bit positions must be >= 0 but got: ${showValue(value)}`);
  return Number(whole);
}

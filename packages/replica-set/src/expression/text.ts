/** Values as text: what `$toString` writes, and what string operators take. */
import { BSONSymbol, Code, Decimal128, Double, Timestamp } from 'bson';
import { ServerError } from '../server-error.ts';
import { type ExpressionValue, isNullish, nameOf } from './evaluator.ts';
import { isNumberValue } from './number-kind.ts';

/**
 * A value as the string operators see it: nothing is the empty string.
 *
 * @throws {ServerError} 16007 for what has no text
 */
export function textOf(value: ExpressionValue): string {
  if (typeof value === 'string') return value;
  if (isNullish(value)) return '';
  if (isNumberValue(value)) return numberText(value);
  if (value instanceof Date) return isoText(value);
  if (value instanceof BSONSymbol) return value.value;
  if (value instanceof Code) return value.code;
  if (value instanceof Timestamp) return `Timestamp(${value.t}, ${value.i})`;
  throw new ServerError(16007, `can't convert from BSON type ${nameOf(value)} to String`);
}

export function numberText(value: number | bigint | Double | Decimal128): string {
  if (typeof value === 'bigint' || value instanceof Decimal128) return value.toString();
  return doubleText(value instanceof Double ? value.value : value);
}

/** The fewest digits that tell the double from all others; an exponent below 1e-4 and from 1e16 on. */
function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  if (!Number.isFinite(value) || value === 0 || (size >= 1e-4 && size < 1e16)) return String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${mantissa}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
}

/**
 * `2026-01-01T00:00:00.000Z`.
 *
 * @throws {ServerError} 18537 outside the years 0 to 9999
 */
export function isoText(date: Date): string {
  const year = date.getUTCFullYear();
  if (year >= 0 && year <= 9999) return date.toISOString();
  throw new ServerError(
    18537,
    `Could not convert date to string: date component was outside the supported range of 0-9999: ${year}`,
  );
}

/** How many code points a text has. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index++) {
    if ((text.charCodeAt(index) & 0xfc00) === 0xdc00) count -= 1;
  }
  return count;
}

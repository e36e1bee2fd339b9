/** Strings: joined, cut, measured, searched, in bytes of UTF-8 or in code points. */
import { Binary } from 'bson';
import type { BsonValue } from '../bson-document.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import { searchIndex } from './arrays.ts';
import type { Context, Operator, Operators } from './context.ts';
import { type Evaluator, type ExpressionValue, isNullish, missing, nameOf } from './evaluator.ts';
import { asInt } from './number-kind.ts';
import {
  binary,
  namedOperands,
  optionalOperand,
  ranged,
  ternary,
  unary,
  variadic,
} from './operands.ts';
import { codePoints, textOf } from './text.ts';

export const stringOperators: Operators = {
  $concat: variadic(concat),
  $toLower: unary('$toLower', (value) => inAscii(textOf(value), /[A-Z]+/g, 'toLowerCase')),
  $toUpper: unary('$toUpper', (value) => upper(textOf(value))),
  $strcasecmp: binary('$strcasecmp', (a, b) =>
    Buffer.compare(Buffer.from(upper(textOf(a))), Buffer.from(upper(textOf(b)))),
  ),
  $strLenBytes: unary('$strLenBytes', (value) =>
    Buffer.byteLength(stringOf(34473, '$strLenBytes requires a string argument, found:', value)),
  ),
  $strLenCP: unary('$strLenCP', (value) =>
    codePoints(stringOf(34471, '$strLenCP requires a string argument, found:', value)),
  ),
  $binarySize: unary('$binarySize', binarySize),
  $substr: ternary('$substr', substringOfBytes),
  $substrBytes: ternary('$substrBytes', substringOfBytes),
  $substrCP: ternary('$substrCP', substringOfCodePoints),
  $indexOfBytes: ranged('$indexOfBytes', [2, 4], indexOfBytes),
  $indexOfCP: ranged('$indexOfCP', [2, 4], indexOfCodePoint),
  $split: binary('$split', split),
  $trim: trim('$trim', true, true),
  $ltrim: trim('$ltrim', true, false),
  $rtrim: trim('$rtrim', false, true),
  $replaceOne: replace('$replaceOne', (text, find, by) => {
    const at = text.indexOf(find);
    return at < 0 ? text : text.slice(0, at) + by + text.slice(at + find.length);
  }),
  $replaceAll: replace('$replaceAll', (text, find, by) =>
    find === '' ? Array.from(text, (point) => by + point).join('') + by : text.split(find).join(by),
  ),
};

function stringOf(code: number, refusal: string, value: ExpressionValue): string {
  if (typeof value === 'string') return value;
  throw new ServerError(code, `${refusal} ${nameOf(value)}`);
}

function concat(operands: readonly Evaluator[]): Evaluator {
  return (scope) => {
    let joined = '';
    for (const operand of operands) {
      const value = operand(scope);
      if (isNullish(value)) return null;
      joined += stringOf(16702, '$concat only supports strings, not', value);
    }
    return joined;
  };
}

/** Letters beyond ASCII keep their case, as MongoDB leaves them. */
function inAscii(text: string, letters: RegExp, change: 'toLowerCase' | 'toUpperCase'): string {
  return text.replace(letters, (found) => found[change]());
}

function upper(text: string): string {
  return inAscii(text, /[a-z]+/g, 'toUpperCase');
}

function binarySize(value: ExpressionValue): ExpressionValue {
  if (isNullish(value)) return null;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Binary) return value.position;
  throw new ServerError(
    51276,
    `$binarySize requires a string or BinData argument, found: ${nameOf(value)}`,
  );
}

function substringOfBytes(
  value: ExpressionValue,
  start: ExpressionValue,
  length: ExpressionValue,
): string {
  const bytes = Buffer.from(textOf(value));
  const from = cutNumber(16034, 'starting index', start);
  const count = cutNumber(16035, 'length', length);
  if (from < 0) {
    throw new ServerError(
      50752,
      `$substrBytes:  starting index must be non-negative (got: ${from})`,
    );
  }
  if (isContinuation(bytes[from])) {
    throw new ServerError(
      28656,
      '$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.',
    );
  }
  const end = count < 0 ? bytes.length : from + count;
  if (isContinuation(bytes[end])) {
    throw new ServerError(
      28657,
      '$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.',
    );
  }
  return bytes.toString('utf8', Math.min(from, bytes.length), Math.min(end, bytes.length));
}

function cutNumber(code: number, what: string, value: ExpressionValue): number {
  if (value !== missing && isNumber(value)) return Math.trunc(toDouble(value)) || 0;
  throw new ServerError(
    code,
    `$substrBytes:  ${what} must be a numeric type (is BSON type ${nameOf(value)})`,
  );
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function substringOfCodePoints(
  value: ExpressionValue,
  start: ExpressionValue,
  length: ExpressionValue,
): string {
  const text = textOf(value);
  const from = codePointNumber([34450, 34451], 'starting index', start);
  const count = codePointNumber([34452, 34453], 'length', length);
  if (count < 0) throw new ServerError(34454, '$substrCP: length must be a nonnegative integer.');
  if (from < 0) {
    throw new ServerError(34455, '$substrCP: the starting index must be nonnegative integer.');
  }
  const begin = unitOf(text, 0, from);
  return text.slice(begin, unitOf(text, begin, count));
}

/** Where in UTF-16 the text is `count` code points on from `start`. */
function unitOf(text: string, start: number, count: number): number {
  let at = start;
  for (let left = count; left > 0 && at < text.length; left--) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return at;
}

function codePointNumber(
  [notNumeric, notInt]: readonly [number, number],
  what: string,
  value: ExpressionValue,
): number {
  if (value === missing || !isNumber(value)) {
    throw new ServerError(
      notNumeric,
      `$substrCP: ${what} must be a numeric type (is BSON type ${nameOf(value)})`,
    );
  }
  const number = asInt(value);
  if (number !== undefined) return number;
  throw new ServerError(
    notInt,
    `$substrCP: ${what} cannot be represented as a 32-bit integral value: ${toDouble(value)}`,
  );
}

function searched(
  name: string,
  codes: readonly [number, number],
  [value, token, start, end]: ExpressionValue[],
): { text: string; token: string; from: number; to: number } | undefined {
  if (isNullish(value as ExpressionValue)) return undefined;
  const text = stringOf(
    codes[0],
    `${name} requires a string as the first argument, found:`,
    value as ExpressionValue,
  );
  return {
    text,
    token: stringOf(
      codes[1],
      `${name} requires a string as the second argument, found:`,
      token as ExpressionValue,
    ),
    from: start === undefined ? 0 : searchIndex(name, 'starting', start),
    to: end === undefined ? Number.POSITIVE_INFINITY : searchIndex(name, 'ending', end),
  };
}

function indexOfBytes(values: ExpressionValue[]): ExpressionValue {
  const search = searched('$indexOfBytes', [40091, 40092], values);
  if (search === undefined) return null;
  const bytes = Buffer.from(search.text);
  const end = Math.min(bytes.length, search.to);
  if (search.from > bytes.length || end < search.from) return -1;
  const token = Buffer.from(search.token);
  if (token.length === 0) return search.from;
  return bytes.subarray(0, end).indexOf(token, search.from);
}

function indexOfCodePoint(values: ExpressionValue[]): ExpressionValue {
  const search = searched('$indexOfCP', [40093, 40094], values);
  if (search === undefined) return null;
  const { text, token, from } = search;
  const length = codePoints(text);
  const end = Math.min(length, search.to);
  if (text === '' && token === '' && from === 0) return 0;
  if (from >= end) return -1;
  const begin = unitOf(text, 0, from);
  const found = text.indexOf(token, begin);
  if (found < 0) return -1;
  const at = from + codePoints(text.slice(begin, found));
  return at < end ? at : -1;
}

function split(value: ExpressionValue, separator: ExpressionValue): ExpressionValue {
  if (isNullish(value) || isNullish(separator)) return null;
  const which = (place: string) =>
    `$split requires an expression that evaluates to a string as a ${place} argument, found:`;
  const text = stringOf(40085, which('first'), value);
  const by = stringOf(40086, which('second'), separator);
  if (by === '') throw new ServerError(40087, '$split requires a non-empty separator');
  return text.split(by);
}

const spaces: ReadonlySet<string> = new Set(
  '\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
);

function trim(name: string, left: boolean, right: boolean): Operator {
  return (operand, context) => {
    const named = namedOperands(name, operand, {
      object: 50696,
      unknown: 50694,
      required: { input: 50695 },
      optional: ['chars'],
    });
    const input = context.compile(named.get('input'));
    const chars = optionalOperand(named, 'chars', context);
    return (scope) => {
      const value = input(scope);
      if (isNullish(value)) return null;
      const text = stringOf(50699, `${name} requires its input to be a string, got`, value);
      const given = chars?.(scope);
      if (chars !== undefined && isNullish(given as ExpressionValue)) return null;
      const unwanted =
        chars === undefined
          ? spaces
          : new Set(
              stringOf(
                50700,
                `${name} requires 'chars' to be a string, got`,
                given as ExpressionValue,
              ),
            );
      return trimmed(Array.from(text), unwanted, left, right);
    };
  };
}

function trimmed(
  points: string[],
  unwanted: ReadonlySet<string>,
  left: boolean,
  right: boolean,
): string {
  let start = 0;
  let end = points.length;
  while (left && start < end && unwanted.has(points[start] ?? '')) start += 1;
  while (right && end > start && unwanted.has(points[end - 1] ?? '')) end -= 1;
  return points.slice(start, end).join('');
}

function replace(
  name: string,
  apply: (text: string, find: string, by: string) => string,
): Operator {
  return (operand: BsonValue, context: Context) => {
    const named = namedOperands(name, operand, {
      object: 51751,
      unknown: 51750,
      required: { input: 51749, find: 51748, replacement: 51747 },
    });
    const codes = { input: 51746, find: 51745, replacement: 51744 };
    const parts = Object.entries(codes).map(([part, code]) => {
      const evaluate = context.compile(named.get(part));
      return { part, code, evaluate };
    });
    return (scope) => {
      const texts = parts.map(({ part, code, evaluate }) => {
        const value = evaluate(scope);
        if (isNullish(value)) return undefined;
        return stringOf(code, `${name} requires that '${part}' be a string, found:`, value);
      });
      const [text, find, by] = texts;
      if (text === undefined || find === undefined || by === undefined) return null;
      return apply(text, find, by);
    };
  };
}

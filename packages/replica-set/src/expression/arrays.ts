/** Arrays made, measured, cut and searched. */
import type { BsonValue } from '../bson-document.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import { type Context, collated, type Operators } from './context.ts';
import {
  compareIn,
  type Evaluator,
  type ExpressionScope,
  type ExpressionValue,
  isNullish,
  missing,
  nameOf,
  nullIfMissing,
} from './evaluator.ts';
import { asInt } from './number-kind.ts';
import { binary, namedOperands, ranged, unary, variadic } from './operands.ts';

export const arrayOperators: Operators = {
  $arrayElemAt: binary('$arrayElemAt', (items, index) => elementAt('$arrayElemAt', items, index)),
  $first: unary('$first', (items) => elementAt('$first', items, 0)),
  $last: unary('$last', (items) => elementAt('$last', items, -1)),
  $concatArrays: variadic(concatArrays),
  $in: collated(binary('$in', isIn)),
  $indexOfArray: collated(ranged('$indexOfArray', [2, 4], indexOfArray)),
  $isArray: unary('$isArray', (value) => Array.isArray(value)),
  $range: ranged('$range', [2, 3], range),
  $reverseArray: unary('$reverseArray', (items) => {
    if (isNullish(items)) return null;
    if (Array.isArray(items)) return items.toReversed();
    throw new ServerError(
      34435,
      `The argument to $reverseArray must be an array, but was of type: ${nameOf(items)}`,
    );
  }),
  $size: unary('$size', (items) => {
    if (Array.isArray(items)) return items.length;
    throw new ServerError(
      17124,
      `The argument to $size must be an array, but was of type: ${nameOf(items)}`,
    );
  }),
  $slice: ranged('$slice', [2, 3], slice),
  $zip: compileZip,
};

function elementAt(name: string, items: ExpressionValue, index: ExpressionValue): ExpressionValue {
  if (isNullish(items) || isNullish(index)) return null;
  if (!Array.isArray(items)) {
    const which = name === '$arrayElemAt' ? 'first argument' : 'argument';
    throw new ServerError(28689, `${name}'s ${which} must be an array, but is ${nameOf(items)}`);
  }
  if (!isNumber(index)) {
    throw new ServerError(
      28690,
      `${name}'s second argument must be a numeric value, but is ${nameOf(index)}`,
    );
  }
  const at = asInt(index);
  if (at === undefined) {
    throw new ServerError(
      28691,
      `${name}'s second argument must be representable as a 32-bit integer: ${toDouble(index)}`,
    );
  }
  const found = at < 0 ? items.length + at : at;
  return found >= 0 && found < items.length ? items[found] : missing;
}

function concatArrays(operands: readonly Evaluator[]): Evaluator {
  return (scope) => {
    const joined: BsonValue[] = [];
    for (const operand of operands) {
      const items = operand(scope);
      if (isNullish(items)) return null;
      if (!Array.isArray(items)) {
        throw new ServerError(28664, `$concatArrays only supports arrays, not ${nameOf(items)}`);
      }
      for (const item of items) joined.push(item);
    }
    return joined;
  };
}

function isIn(value: ExpressionValue, items: ExpressionValue, scope: ExpressionScope): boolean {
  if (!Array.isArray(items)) {
    throw new ServerError(
      40081,
      `$in requires an array as a second argument, found: ${nameOf(items)}`,
    );
  }
  return items.some((item) => compareIn(scope, item, value) === 0);
}

function indexOfArray(
  [items, value, start, end]: ExpressionValue[],
  scope: ExpressionScope,
): ExpressionValue {
  if (items === undefined || isNullish(items)) return null;
  if (!Array.isArray(items)) {
    throw new ServerError(
      40090,
      `$indexOfArray requires an array as a first argument, found: ${nameOf(items)}`,
    );
  }
  const from = start === undefined ? 0 : searchIndex('$indexOfArray', 'starting', start);
  const last = end === undefined ? items.length : searchIndex('$indexOfArray', 'ending', end);
  for (let index = from; index < Math.min(last, items.length); index++) {
    if (compareIn(scope, items[index], value as ExpressionValue) === 0) return index;
  }
  return -1;
}

/** An index to begin or to end a search at. */
export function searchIndex(name: string, which: string, value: ExpressionValue): number {
  const index = asInt(value);
  if (index === undefined) {
    throw new ServerError(
      40096,
      `${name} requires an integral ${which} index, found a value of type: ${nameOf(value)}`,
    );
  }
  if (index >= 0) return index;
  throw new ServerError(40097, `${name} requires a nonnegative ${which} index, found: ${index}`);
}

/** MongoDB's `internalQueryMaxRangeBytes`, in its own size of a number. */
const mostInRange = 100 * 1024 * 1024;
const sizeOfNumber = 16;

function range([start, end, step]: ExpressionValue[]): ExpressionValue {
  const first = rangeNumber(34443, 'starting value', start);
  const last = rangeNumber(34445, 'ending value', end);
  const by = step === undefined ? 1 : rangeNumber(34447, 'step value', step);
  if (by === 0) throw new ServerError(34449, '$range requires a non-zero step value');
  const count = Math.max(0, Math.ceil((last - first) / by));
  if (count * sizeOfNumber > mostInRange) {
    throw new ServerError(
      146,
      `$range would use too much memory (${count * sizeOfNumber} bytes) and cannot spill to disk. Memory limit: ${mostInRange} bytes`,
    );
  }
  return Array.from({ length: count }, (_, index) => first + index * by);
}

function rangeNumber(code: number, what: string, value: ExpressionValue): number {
  if (value === missing || !isNumber(value)) {
    throw new ServerError(
      code,
      `$range requires a numeric ${what}, found value of type: ${nameOf(value)}`,
    );
  }
  const number = asInt(value);
  if (number !== undefined) return number;
  throw new ServerError(
    code + 1,
    `$range requires a ${what} that can be represented as a 32-bit integer, found value: ${String(value)}`,
  );
}

function slice(values: ExpressionValue[]): ExpressionValue {
  const [items, second, third] = values;
  if (values.length < 2 || isNullish(items as ExpressionValue)) return null;
  if (isNullish(second as ExpressionValue)) return null;
  if (!Array.isArray(items)) {
    throw new ServerError(
      28724,
      `First argument to $slice must be an array, but is of type: ${nameOf(items as ExpressionValue)}`,
    );
  }
  const at = sliceNumber([28725, 28726], 'Second', second as ExpressionValue);
  if (values.length === 2) return at < 0 ? items.slice(at) : items.slice(0, at);
  if (isNullish(third as ExpressionValue)) return null;
  const count = sliceNumber([28727, 28728], 'Third', third as ExpressionValue);
  if (count <= 0) {
    throw new ServerError(28729, `Third argument to $slice must be positive: ${count}`);
  }
  const start = at < 0 ? Math.max(0, items.length + at) : at;
  return items.slice(start, start + count);
}

function sliceNumber(
  [notNumeric, notInt]: readonly [number, number],
  which: string,
  value: ExpressionValue,
): number {
  if (value === missing || !isNumber(value)) {
    throw new ServerError(
      notNumeric,
      `${which} argument to $slice must be a numeric value, but is of type: ${nameOf(value)}`,
    );
  }
  const number = asInt(value);
  if (number !== undefined) return number;
  throw new ServerError(
    notInt,
    `${which} argument to $slice can't be represented as a 32-bit integer: ${toDouble(value)}`,
  );
}

function compileZip(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$zip', operand, {
    object: 34460,
    unknown: 34464,
    required: {},
    optional: ['inputs', 'defaults', 'useLongestLength'],
  });
  const list = (name: string, code: number): Evaluator[] => {
    const given = named.has(name) ? named.get(name) : [];
    if (Array.isArray(given)) return given.map((item) => context.compile(item));
    throw new ServerError(code, `${name} must be an array of expressions, found ${nameOf(given)}`);
  };
  const inputs = list('inputs', 34461);
  const defaults = list('defaults', 34462);
  const longest = named.has('useLongestLength') ? named.get('useLongestLength') : false;
  if (typeof longest !== 'boolean') {
    throw new ServerError(34463, `useLongestLength must be a bool, found ${nameOf(longest)}`);
  }
  if (inputs.length === 0) throw new ServerError(34465, '$zip requires at least one input array');
  if (!longest && defaults.length > 0) {
    throw new ServerError(34466, 'cannot specify defaults unless useLongestLength is true');
  }
  if (defaults.length > 0 && defaults.length !== inputs.length) {
    throw new ServerError(34467, 'defaults and inputs must have the same length');
  }
  return (scope) => zip(inputs, defaults, longest, scope);
}

function zip(
  inputs: readonly Evaluator[],
  defaults: readonly Evaluator[],
  longest: boolean,
  scope: ExpressionScope,
): ExpressionValue {
  const columns: BsonValue[][] = [];
  for (const input of inputs) {
    const items = input(scope);
    if (isNullish(items)) return null;
    if (!Array.isArray(items)) {
      throw new ServerError(34468, `$zip found a non-array expression in input: ${nameOf(items)}`);
    }
    columns.push(items);
  }
  const lengths = columns.map((items) => items.length);
  const length = longest ? Math.max(...lengths) : Math.min(...lengths);
  const fill = defaults.map((evaluate) => nullIfMissing(evaluate(scope)));
  return Array.from({ length }, (_, row) =>
    columns.map((items, column) => (row < items.length ? items[row] : (fill[column] ?? null))),
  );
}

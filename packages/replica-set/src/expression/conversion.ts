/** `$convert`, its short forms `$toInt` and the like, `$type`, `$isNumber`. */
import type { BsonValue } from '../bson-document.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import { binaryOf, type ConversionOptions, convertFromBinary } from './binary-conversion.ts';
import type { Context, Operator, Operators } from './context.ts';
import { isConversionFailure } from './date-from-string.ts';
import {
  type Evaluator,
  type ExpressionScope,
  type ExpressionValue,
  isNullish,
  missing,
  nameOf,
} from './evaluator.ts';
import { asInt } from './number-kind.ts';
import { namedOperands, operandsOf, optionalOperand, unary } from './operands.ts';
import {
  toBoolean,
  toDate,
  toDecimal,
  toDoubleValue,
  toInt,
  toLong,
  toObjectId,
  toText,
  unsupported,
} from './scalar-conversion.ts';

export const conversionOperators: Operators = {
  $convert: compileConvert,
  $toBool: shortForm('$toBool', 'bool'),
  $toDate: shortForm('$toDate', 'date'),
  $toDecimal: shortForm('$toDecimal', 'decimal'),
  $toDouble: shortForm('$toDouble', 'double'),
  $toInt: shortForm('$toInt', 'int'),
  $toLong: shortForm('$toLong', 'long'),
  $toObjectId: shortForm('$toObjectId', 'objectId'),
  $toString: shortForm('$toString', 'string', { format: 'auto' }),
  $toUUID: shortForm('$toUUID', 'binData', { format: 'uuid', subtype: 4 }),
  $type: unary('$type', nameOf),
  $isNumber: unary('$isNumber', (value) => value !== missing && isNumber(value)),
};

/** The names of BSON's types by their numbers. */
const typeNames: Readonly<Record<number, string>> = {
  [-1]: 'minKey',
  0: 'missing',
  1: 'double',
  2: 'string',
  3: 'object',
  4: 'array',
  5: 'binData',
  6: 'undefined',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  10: 'null',
  11: 'regex',
  12: 'dbPointer',
  13: 'javascript',
  14: 'symbol',
  15: 'javascriptWithScope',
  16: 'int',
  17: 'timestamp',
  18: 'long',
  19: 'decimal',
  127: 'maxKey',
};

function targetOf(value: ExpressionValue): string {
  if (typeof value === 'string') {
    if (Object.values(typeNames).includes(value)) return value;
    throw new ServerError(2, `Unknown type name: ${value}`);
  }
  if (value === missing || !isNumber(value)) {
    throw new ServerError(
      9,
      `$convert's 'to' argument must be a string or number, but is ${nameOf(value)}`,
    );
  }
  const code = asInt(value);
  if (code === undefined) {
    throw new ServerError(9, "In $convert, numeric 'to' argument is not an integer");
  }
  const name = typeNames[code];
  if (name !== undefined) return name;
  throw new ServerError(
    9,
    `In $convert, numeric value for 'to' does not correspond to a BSON type: ${code}`,
  );
}

/** A value that is there, as another type. */
function convert(value: BsonValue, to: string, options: ConversionOptions): ExpressionValue {
  if (nameOf(value) === 'binData' && to !== 'bool') return convertFromBinary(value, to, options);
  switch (to) {
    case 'bool':
      return toBoolean(value);
    case 'double':
      return toDoubleValue(value);
    case 'int':
      return toInt(value);
    case 'long':
      return toLong(value);
    case 'decimal':
      return toDecimal(value);
    case 'string':
      return toText(value);
    case 'objectId':
      return toObjectId(value);
    case 'date':
      return toDate(value);
    case 'binData':
      return binaryOf(value, options);
    default:
      throw unsupported(value, to);
  }
}

function shortForm(name: string, to: string, options: ConversionOptions = {}): Operator {
  return (operand, context) => {
    const operands = operandsOf(operand, context);
    const [input] = operands;
    if (input === undefined || operands.length > 1) {
      throw new ServerError(50723, `${name} requires a single argument, got ${operands.length}`);
    }
    return (scope) => {
      const value = input(scope);
      return isNullish(value) ? null : convert(value, to, options);
    };
  };
}

interface Target {
  readonly type: string;
  readonly subtype?: number;
}

function compileConvert(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$convert', operand, {
    object: 9,
    unknown: 9,
    required: { input: 9, to: 9 },
    optional: ['onError', 'onNull', 'format'],
  });
  const input = context.compile(named.get('input'));
  const target = compileTarget(named.get('to'), context);
  const format = optionalOperand(named, 'format', context);
  const onNull = optionalOperand(named, 'onNull', context);
  const onError = optionalOperand(named, 'onError', context);
  return (scope) => {
    const to = target(scope);
    const value = input(scope);
    if (isNullish(value)) return onNull === undefined ? null : onNull(scope);
    if (to === undefined) return null;
    const options: ConversionOptions = {
      subtype: to.subtype,
      format: formatOf(format?.(scope)),
    };
    try {
      return convert(value, to.type, options);
    } catch (error) {
      if (onError === undefined || !isConversionFailure(error)) throw error;
      return onError(scope);
    }
  };
}

/** `to` is a type, or a document of a type and a subtype of binary data. */
function compileTarget(
  to: BsonValue,
  context: Context,
): (scope: ExpressionScope) => Target | undefined {
  const evaluate = context.compile(to);
  return (scope) => {
    const value = evaluate(scope);
    if (isNullish(value)) return undefined;
    if (!(value instanceof Map)) return { type: targetOf(value) };
    const type = value.get('type');
    if (!value.has('type')) throw new ServerError(9, "Missing 'type' parameter to $convert");
    if (isNullish(type)) return undefined;
    return value.has('subtype')
      ? { type: targetOf(type), subtype: subtypeOf(value.get('subtype')) }
      : { type: targetOf(type) };
  };
}

function subtypeOf(value: BsonValue): number {
  if (!isNumber(value)) {
    throw new ServerError(
      4341108,
      `For BinData, $convert's 'subtype' argument must be a number, but is ${nameOf(value)}`,
    );
  }
  const code = asInt(value);
  if (code === undefined) {
    throw new ServerError(
      4341106,
      `In $convert, numeric 'subtype' argument is not an integer: ${toDouble(value)}`,
    );
  }
  if ((code >= 0 && code <= 8) || (code >= 128 && code <= 255)) return code;
  throw new ServerError(
    4341107,
    `In $convert, numeric value for 'subtype' does not correspond to a BinData type: ${code}`,
  );
}

const formats = ['auto', 'base64', 'base64url', 'hex', 'utf8', 'uuid'] as const;

function formatOf(value: ExpressionValue): ConversionOptions['format'] {
  if (isNullish(value)) return undefined;
  if (typeof value !== 'string') {
    throw new ServerError(
      4341114,
      `$convert requires that 'format' be a string, found: ${nameOf(value)}`,
    );
  }
  const format = formats.find((known) => known === value);
  if (format !== undefined) return format;
  throw new ServerError(4341125, `Invalid 'format' argument for $convert: ${value}`);
}

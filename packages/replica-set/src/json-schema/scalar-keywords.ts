/** What a schema says of texts and numbers, and of types. */
import { Decimal128 } from 'bson';
import type { BsonValue, EncodableDocument } from '../bson-document.ts';
import {
  type BsonNumber,
  compareNumbers,
  fractionOf,
  isInfinite,
  isNumber,
  toDouble,
  typeName,
} from '../bson-order.ts';
import { hasType, numberTypes, type TypeSet, typeSetOf } from '../bson-type.ts';
import { Regex } from '../regex/regex.ts';
import { ServerError } from '../server-error.ts';
import { countOf, type Keyword, mistyped, type Rule, ruleOn, specifiedAs } from './rule.ts';

const isText = (value: BsonValue): value is string => typeof value === 'string';
const isNumeric = (value: BsonValue): value is BsonNumber => isNumber(value);

function failed(shown: EncodableDocument, reason: string) {
  return (value: BsonValue): EncodableDocument => ({ ...shown, reason, consideredValue: value });
}

export const pattern: Keyword = (operand) => {
  if (typeof operand !== 'string') throw mistyped('pattern', 'a string');
  const regex = new Regex(operand, '');
  return ruleOn(
    isText,
    (text) => regex.test(text),
    failed(specifiedAs('pattern', operand), 'regular expression did not match'),
  );
};

/** Characters are counted, not bytes. */
function length(name: string, holds: (length: number, bound: number) => boolean): Keyword {
  return (operand) => {
    const bound = countOf(name, operand);
    return ruleOn(
      isText,
      (text) => holds(Array.from(text).length, bound),
      failed(specifiedAs(name, operand), 'specified string length was not satisfied'),
    );
  };
}

export const minLength: Keyword = length('minLength', (count, least) => count >= least);
export const maxLength: Keyword = length('maxLength', (count, most) => count <= most);

export const multipleOf: Keyword = (operand) => {
  if (!isNumber(operand)) throw mistyped('multipleOf', 'a number');
  if (compareNumbers(operand, 0) <= 0 && !Number.isNaN(toDouble(operand))) {
    throw new ServerError(9, "$jsonSchema keyword 'multipleOf' must have a positive value");
  }
  return ruleOn(
    isNumeric,
    (value) => isMultiple(value, operand),
    failed(
      specifiedAs('multipleOf', operand),
      'considered value is not a multiple of the specified value',
    ),
  );
};

function isMultiple(value: BsonNumber, of: BsonNumber): boolean {
  if ([value, of].some((number) => Number.isNaN(toDouble(number)) || isInfinite(number))) {
    return false;
  }
  const whole = fractionOf(asDecimal(value));
  const part = fractionOf(asDecimal(of));
  return (whole.digits * part.divisor) % (whole.divisor * part.digits) === 0n;
}

/** A double counts as the decimal of its first 15 digits, so that 0.3 is a multiple of 0.1. */
function asDecimal(value: BsonNumber): BsonNumber {
  if (typeof value === 'bigint' || value instanceof Decimal128) return value;
  return Decimal128.fromString(toDouble(value).toPrecision(15));
}

function bound(
  name: 'minimum' | 'maximum',
  exclusively: 'exclusiveMinimum' | 'exclusiveMaximum',
): Keyword {
  const sign = name === 'minimum' ? 1 : -1;
  return (operand, { schema }) => {
    if (!isNumber(operand)) throw mistyped(name, 'a number');
    const exclusive = schema.get(exclusively);
    if (exclusive !== undefined && typeof exclusive !== 'boolean') {
      throw mistyped(exclusively, 'a boolean');
    }
    const shown: EncodableDocument = {
      operatorName: name,
      specifiedAs: {
        [name]: operand,
        ...(exclusive !== undefined && { [exclusively]: exclusive }),
      },
    };
    const passes = (value: BsonNumber): boolean => {
      const neither = Number.isNaN(toDouble(value));
      if (neither || Number.isNaN(toDouble(operand))) {
        return exclusive !== true && compareNumbers(value, operand) === 0;
      }
      const order = compareNumbers(value, operand) * sign;
      return order > 0 || (order === 0 && exclusive !== true);
    };
    return ruleOn(isNumeric, passes, failed(shown, 'comparison failed'));
  };
}

export const minimum: Keyword = bound('minimum', 'exclusiveMinimum');
export const maximum: Keyword = bound('maximum', 'exclusiveMaximum');

/** Stands beside the bound that it sharpens; throws 9 where that is missing. */
function sharpens(name: string, bounded: string): Keyword {
  return (_operand, { schema }) => {
    if (schema.has(bounded)) return undefined;
    throw new ServerError(
      9,
      `$jsonSchema keyword '${bounded}' must be a present if ${name} is present`,
    );
  };
}

export const exclusiveMinimum: Keyword = sharpens('exclusiveMinimum', 'minimum');
export const exclusiveMaximum: Keyword = sharpens('exclusiveMaximum', 'maximum');

const jsonTypes: ReadonlyMap<string, readonly string[]> = new Map([
  ['array', ['array']],
  ['boolean', ['bool']],
  ['null', ['null']],
  ['number', numberTypes],
  ['object', ['object']],
  ['string', ['string']],
]);

function typeKeyword(name: 'type' | 'bsonType', read: (types: string[]) => TypeSet): Keyword {
  return (operand): Rule => {
    const types = read(typesOf(name, operand));
    return {
      passes: (value) => hasType(types, value),
      explain: (value) => ({
        ...specifiedAs(name, operand),
        reason: 'type did not match',
        consideredValue: value,
        consideredType: typeName(value),
      }),
    };
  };
}

export const bsonType: Keyword = typeKeyword('bsonType', (types) => typeSetOf(types, 'bsonType'));
export const type: Keyword = typeKeyword(
  'type',
  (types) =>
    new Set(
      types.flatMap((name) => {
        const known = jsonTypes.get(name);
        if (known === undefined) throw new ServerError(2, `Unknown type name alias: ${name}`);
        return known;
      }),
    ),
);

function typesOf(name: string, operand: BsonValue): string[] {
  const given = Array.isArray(operand) ? operand : [operand];
  const types: string[] = [];
  for (const each of given) {
    if (typeof each !== 'string') {
      throw mistyped(name, 'either a string or an array of strings');
    }
    if (each === 'integer') {
      throw new ServerError(9, "$jsonSchema type 'integer' is not currently supported.");
    }
    if (types.includes(each)) {
      throw new ServerError(9, `$jsonSchema keyword '${name}' has duplicate value: ${each}`);
    }
    types.push(each);
  }
  if (types.length === 0) {
    throw new ServerError(9, `$jsonSchema keyword '${name}' must name at least one type`);
  }
  return types;
}

/** Queries compiled to predicates, with MongoDB's semantics of arrays, null and missing fields. */
import { BSONRegExp } from 'bson';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import {
  type BsonNumber,
  compareValues,
  equalValues,
  isNumber,
  rankOf,
  toDouble,
  typeName,
  typeRank,
} from './bson-order.ts';
import { compileExpression, type ExpressionScope, isTruthy } from './expression.ts';
import { type PathValue, splitPath, valuesAtPath } from './field-path.ts';
import { ServerError } from './server-error.ts';

export type Predicate = (document: BsonDocument) => boolean;
type ValueTest = (value: BsonValue) => boolean;
/** Sees every value that the path meets. */
type PathTest = (values: readonly PathValue[]) => boolean;

/** Compiles a query; throws `ServerError` 2 or 9 for what is malformed or unknown, before any document is read. */
export function compileQuery(query: BsonDocument, scope: ExpressionScope): Predicate {
  const tests = [...query].map(([name, value]) => compileClause(name, value, scope));
  if (tests.length === 1 && tests[0] !== undefined) return tests[0];
  return (document) => tests.every((test) => test(document));
}

function compileClause(name: string, value: BsonValue, scope: ExpressionScope): Predicate {
  switch (name) {
    case '$and': {
      const tests = branches(name, value, scope);
      return (document) => tests.every((test) => test(document));
    }
    case '$or': {
      const tests = branches(name, value, scope);
      return (document) => tests.some((test) => test(document));
    }
    case '$nor': {
      const tests = branches(name, value, scope);
      return (document) => !tests.some((test) => test(document));
    }
    case '$expr': {
      const evaluate = compileExpression(value);
      return (document) => isTruthy(evaluate({ ...scope, root: document }));
    }
    case '$comment':
      return () => true;
    default:
  }
  if (name.startsWith('$')) {
    throw new ServerError(2, `unknown top level operator: ${name}`);
  }
  const path = splitPath(name);
  const tests = compileCondition(value, scope);
  return (document) => {
    const values = valuesAtPath(document, path);
    return tests.every((test) => test(values));
  };
}

function branches(name: string, value: BsonValue, scope: ExpressionScope): Predicate[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ServerError(2, `${name} must be a nonempty array`);
  }
  return value.map((branch) => {
    if (!isDocument(branch)) throw new ServerError(2, `${name} argument's entries must be objects`);
    return compileQuery(branch, scope);
  });
}

/** True for `{ $gt: 1, … }`, the form that holds operators rather than a value to equal. */
export function hasOperators(value: BsonValue): value is BsonDocument {
  if (!isDocument(value)) return false;
  const [first] = value.keys();
  return first?.startsWith('$') === true && first !== '$ref' && first !== '$id';
}

function compileCondition(value: BsonValue, scope: ExpressionScope): PathTest[] {
  if (!hasOperators(value)) return [equals(value)];
  const options = value.get('$options');
  return [...value].map(([name, operand]) => compileOperator(name, operand, options, scope));
}

function compileOperator(
  name: string,
  operand: BsonValue,
  options: BsonValue,
  scope: ExpressionScope,
): PathTest {
  switch (name) {
    case '$eq':
      return anyValue(equalTo(operand), operand);
    case '$ne':
      return not(anyValue(equalTo(operand), operand));
    case '$gt':
      return ordered(operand, (order) => order > 0, false);
    case '$gte':
      return ordered(operand, (order) => order >= 0, true);
    case '$lt':
      return ordered(operand, (order) => order < 0, false);
    case '$lte':
      return ordered(operand, (order) => order <= 0, true);
    case '$in':
      return inList(name, operand);
    case '$nin':
      return not(inList(name, operand));
    case '$exists':
      return exists(isTruthy(operand));
    case '$type':
      return ofType(operand);
    case '$not':
      return negation(operand, scope);
    case '$regex':
      return each(matchesRegex(compileRegex(operand, options)));
    case '$options':
      return () => true;
    case '$mod':
      return each(modulo(operand));
    case '$size':
      return ofSize(operand);
    case '$all':
      return all(operand, scope);
    case '$elemMatch':
      return elementMatches(operand, scope);
    case '$comment':
      return () => true;
    default:
      throw new ServerError(2, `unknown operator: ${name}`);
  }
}

const not =
  (test: PathTest): PathTest =>
  (values) =>
    !test(values);

/** Holds when a value, or an element of an array value, or the array itself passes. */
function each(test: ValueTest): PathTest {
  return (values) =>
    values.some(
      ({ value, missing }) =>
        !missing && (test(value) || (Array.isArray(value) && value.some(test))),
    );
}

function anyValue(test: ValueTest, operand: BsonValue): PathTest {
  if (operand !== null) return each(test);
  const present = each(test);
  return (values) => values.some(({ missing }) => missing) || present(values);
}

function equals(value: BsonValue): PathTest {
  if (value instanceof BSONRegExp) {
    const regex = matchesRegex(compileRegex(value, undefined));
    return each((other) => regex(other) || equalValues(other, value));
  }
  return anyValue(equalTo(value), value);
}

function equalTo(operand: BsonValue): ValueTest {
  if (operand === null) return (value) => value === null || value === undefined;
  return (value) => equalValues(value, operand);
}

function ordered(
  operand: BsonValue,
  holds: (order: number) => boolean,
  orEqual: boolean,
): PathTest {
  const rank = rankOf(operand);
  if (rank === typeRank.null) return orEqual ? anyValue(equalTo(null), null) : () => false;
  if (rank === typeRank.regex) throw new ServerError(2, "Can't have RegEx as arg to predicate");
  const unordered = isNumber(operand) && Number.isNaN(toDouble(operand));
  const open = rank === typeRank.minKey || rank === typeRank.maxKey;
  return each((value) => {
    if (!open && rankOf(value) !== rank) return false;
    if (!open && isNumber(value) && unordered !== Number.isNaN(toDouble(value))) return false;
    return holds(compareValues(value, operand));
  });
}

function inList(name: string, operand: BsonValue): PathTest {
  if (!Array.isArray(operand)) throw new ServerError(2, `${name} needs an array`);
  if (operand.some(hasOperators)) throw new ServerError(2, `cannot nest $ under ${name}`);
  const tests = operand.map(equals);
  return (values) => tests.some((test) => test(values));
}

function exists(wanted: boolean): PathTest {
  return (values) => values.some(({ missing }) => !missing) === wanted;
}

const typeNumbers: Readonly<Record<number, string>> = {
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
  '-1': 'minKey',
  127: 'maxKey',
};
const numberTypes = new Set(['int', 'long', 'double', 'decimal']);

function ofType(operand: BsonValue): PathTest {
  const names = (Array.isArray(operand) ? operand : [operand]).map((type) => {
    const name = isNumber(type) ? typeNumbers[toDouble(type)] : type;
    if (name === 'number') return name;
    if (typeof name !== 'string' || !Object.values(typeNumbers).includes(name)) {
      throw new ServerError(2, `Unknown type name alias: ${String(type)}`);
    }
    return name;
  });
  return each((value) => {
    const name = typeName(value);
    return names.includes(name) || (names.includes('number') && numberTypes.has(name));
  });
}

function negation(operand: BsonValue, scope: ExpressionScope): PathTest {
  if (operand instanceof BSONRegExp) return not(equals(operand));
  if (!hasOperators(operand)) throw new ServerError(2, '$not needs a regex or a document');
  const tests = compileCondition(operand, scope);
  return (values) => !tests.every((test) => test(values));
}

/** The JavaScript twin of a BSON regular expression; throws 51091 for one that cannot be had. */
function compileRegex(pattern: BsonValue, options: BsonValue): RegExp {
  const source = pattern instanceof BSONRegExp ? pattern.pattern : pattern;
  if (typeof source !== 'string') throw new ServerError(2, '$regex has to be a string');
  const given = typeof options === 'string' ? options : undefined;
  const flags = given ?? (pattern instanceof BSONRegExp ? pattern.options : '');
  if (/[^imsu]/.test(flags)) {
    throw new ServerError(51108, `invalid flag in regex options: ${flags}`);
  }
  try {
    return new RegExp(source, flags.includes('u') ? flags : `${flags}u`);
  } catch {
    try {
      return new RegExp(source, flags.replace('u', ''));
    } catch (cause) {
      throw new ServerError(51091, `Regular expression is invalid: ${(cause as Error).message}`);
    }
  }
}

function matchesRegex(regex: RegExp): ValueTest {
  return (value) => typeof value === 'string' && regex.test(value);
}

function modulo(operand: BsonValue): ValueTest {
  const [divisor, remainder] = Array.isArray(operand) ? operand : [];
  if (!isNumber(divisor) || !isNumber(remainder)) {
    throw new ServerError(2, 'malformed mod, needs to be an array of two numbers');
  }
  const by = integerOf(divisor);
  const rest = integerOf(remainder);
  if (by === 0n) throw new ServerError(2, 'divisor cannot be 0');
  return (value) =>
    isNumber(value) && Number.isFinite(toDouble(value)) && integerOf(value) % by === rest;
}

function integerOf(value: BsonNumber): bigint {
  return typeof value === 'bigint' ? value : BigInt(Math.trunc(toDouble(value)));
}

function ofSize(operand: BsonValue): PathTest {
  const size = isNumber(operand) ? toDouble(operand) : Number.NaN;
  if (!Number.isInteger(size) || size < 0) {
    throw new ServerError(2, '$size may not be negative and must be a whole number');
  }
  return (values) => values.some(({ value }) => Array.isArray(value) && value.length === size);
}

function all(operand: BsonValue, scope: ExpressionScope): PathTest {
  if (!Array.isArray(operand)) throw new ServerError(2, '$all needs an array');
  if (operand.length === 0) return () => false;
  const tests = operand.map((item) =>
    isDocument(item) && item.has('$elemMatch')
      ? elementMatches(item.get('$elemMatch'), scope)
      : equals(item),
  );
  return (values) => tests.every((test) => test(values));
}

function elementMatches(operand: BsonValue, scope: ExpressionScope): PathTest {
  const test = compileElementTest(operand, scope);
  return (values) => values.some(({ value }) => Array.isArray(value) && value.some(test));
}

/** What an element of an array must pass: `$elemMatch`, and `$pull` with a query. */
export function compileElementTest(operand: BsonValue, scope: ExpressionScope): ValueTest {
  if (!isDocument(operand)) throw new ServerError(2, '$elemMatch needs an Object');
  if (hasOperators(operand) && ![...operand.keys()].some((name) => logical.has(name))) {
    const tests = compileCondition(operand, scope);
    return (value) => tests.every((test) => test([{ value, missing: false }]));
  }
  const predicate = compileQuery(operand, scope);
  return (value) => isDocument(value) && predicate(value);
}

const logical = new Set(['$and', '$or', '$nor', '$expr']);

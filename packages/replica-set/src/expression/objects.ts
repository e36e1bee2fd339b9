/** Documents: fields read, set and taken away, and turned into arrays and back. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { type Context, constantValue, isConstant, type Operators } from './context.ts';
import { type Evaluator, type ExpressionValue, isNullish, missing, nameOf } from './evaluator.ts';
import { namedOperands, unary } from './operands.ts';

export const objectOperators: Operators = {
  $getField: compileGetField,
  $setField: (operand, context) => compileSetField('$setField', operand, context),
  $unsetField: (operand, context) => compileSetField('$unsetField', operand, context),
  $objectToArray: unary('$objectToArray', objectToArray),
  $arrayToObject: unary('$arrayToObject', arrayToObject),
};

function compileGetField(operand: BsonValue, context: Context): Evaluator {
  const named = isDocument(operand) && !isOperator(operand) ? operand : shortForm(operand);
  namedOperands('$getField', named, {
    object: 3041701,
    unknown: 3041701,
    required: { field: 3041702, input: 3041703 },
  });
  const given = named.get('field');
  if (typeof given === 'string' && /^\$[^$]/.test(given)) {
    throw new ServerError(
      5654600,
      `'${given}' is a field path reference which is not allowed in this context. Did you mean {$literal: '${given}'}?`,
    );
  }
  const field = context.compile(given);
  if (isConstant(field)) fieldName(constantValue(field));
  const input = context.compile(named.get('input'));
  return (scope) => {
    const name = fieldName(field(scope));
    const value = input(scope);
    if (value === missing) return missing;
    if (isNullish(value)) return null;
    return isDocument(value) && value.has(name) ? value.get(name) : missing;
  };
}

function isOperator(operand: BsonDocument): boolean {
  const [first] = operand.keys();
  return first?.startsWith('$') ?? false;
}

function shortForm(field: BsonValue): BsonDocument {
  return new Map<string, BsonValue>([
    ['field', field],
    ['input', '$$CURRENT'],
  ]);
}

function fieldName(value: ExpressionValue): string {
  if (typeof value === 'string') return value;
  throw new ServerError(
    3041704,
    `$getField requires 'field' to evaluate to type String, but got ${nameOf(value)}`,
  );
}

function compileSetField(
  name: '$setField' | '$unsetField',
  operand: BsonValue,
  context: Context,
): Evaluator {
  const setting = name === '$setField';
  const named = namedOperands(name, operand, {
    object: 4161100,
    unknown: 4161101,
    required: { field: 4161102, ...(setting && { value: 4161103 }), input: 4161109 },
  });
  const field = constantName(name, named.get('field'), context);
  const input = context.compile(named.get('input'));
  const set: Evaluator = setting ? context.compile(named.get('value')) : () => missing;
  return (scope) => {
    const document = input(scope);
    if (isNullish(document)) return null;
    if (!isDocument(document)) {
      throw new ServerError(4161105, `${name} requires 'input' to evaluate to type Object`);
    }
    const result = new Map(document);
    const value = set(scope);
    if (value === missing) result.delete(field);
    else result.set(field, value);
    return result;
  };
}

/** The name is a constant, so that dots and dollars in it are part of it. */
function constantName(name: string, given: BsonValue, context: Context): string {
  if (typeof given === 'string' && given.startsWith('$')) {
    throw new ServerError(
      4161108,
      `'${given}' is a field path reference which is not allowed in this context. Did you mean {$literal: '${given}'}?`,
    );
  }
  const field = context.compile(given);
  if (!isConstant(field)) {
    throw new ServerError(
      4161106,
      `${name} requires 'field' to evaluate to a constant, but got a non-constant argument`,
    );
  }
  const value = constantValue(field);
  if (typeof value === 'string') return value;
  throw new ServerError(
    4161107,
    `${name} requires 'field' to evaluate to type String, but got ${nameOf(value)}`,
  );
}

function objectToArray(document: ExpressionValue): ExpressionValue {
  if (isNullish(document)) return null;
  if (!isDocument(document)) {
    throw new ServerError(
      40390,
      `$objectToArray requires a document input, found: ${nameOf(document)}`,
    );
  }
  return Array.from(
    document,
    ([k, v]) =>
      new Map<string, BsonValue>([
        ['k', k],
        ['v', v],
      ]),
  );
}

function arrayToObject(items: ExpressionValue): ExpressionValue {
  if (isNullish(items)) return null;
  if (!Array.isArray(items)) {
    throw new ServerError(40386, `$arrayToObject requires an array input, found: ${nameOf(items)}`);
  }
  const [first] = items;
  const pairs = Array.isArray(first);
  if (items.length > 0 && !pairs && !isDocument(first)) {
    throw new ServerError(
      40398,
      `Unrecognised input type format for $arrayToObject: ${nameOf(first)}`,
    );
  }
  const result: BsonDocument = new Map();
  for (const item of items) {
    const [key, value] = pairs ? pairOf(item) : namedPairOf(item);
    if (key.includes('\0')) {
      throw new ServerError(
        pairs ? 4940400 : 4940401,
        'Key field cannot contain an embedded null byte',
      );
    }
    result.set(key, value);
  }
  return result;
}

function pairOf(item: BsonValue): [string, BsonValue] {
  if (!Array.isArray(item)) {
    throw new ServerError(
      40396,
      `$arrayToObject requires a consistent input format. Elements must all be arrays or all be objects. Array was detected, now found: ${nameOf(item)}`,
    );
  }
  const [key, value] = item;
  if (item.length !== 2) {
    throw new ServerError(
      40397,
      `$arrayToObject requires an array of size 2 arrays, found array of size: ${item.length}`,
    );
  }
  if (typeof key === 'string') return [key, value];
  throw new ServerError(
    40395,
    `$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: ${nameOf(key)}`,
  );
}

function namedPairOf(item: BsonValue): [string, BsonValue] {
  if (!isDocument(item)) {
    throw new ServerError(
      40391,
      `$arrayToObject requires a consistent input format. Elements must all be arrays or all be objects. Object was detected, now found: ${nameOf(item)}`,
    );
  }
  if (item.size !== 2) {
    throw new ServerError(
      40392,
      `$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:${item.size}`,
    );
  }
  if (!item.has('k') || !item.has('v')) {
    throw new ServerError(
      40393,
      "$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys",
    );
  }
  const key = item.get('k');
  if (typeof key === 'string') return [key, item.get('v')];
  throw new ServerError(
    40394,
    `$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string. Found type: ${nameOf(key)}`,
  );
}

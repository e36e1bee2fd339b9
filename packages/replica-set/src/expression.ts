/** Aggregation expressions compiled to functions. What is not here is refused by name. */
import { addNumbers, asDouble, multiplyNumbers, negateNumber } from './arithmetic.ts';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import {
  type BsonNumber,
  compareValues,
  equalValues,
  isNumber,
  type StringOrder,
  toDouble,
  typeName,
} from './bson-order.ts';
import { ServerError } from './server-error.ts';

/** What an expression may look at. `now` is the same for a whole command. */
export interface ExpressionScope {
  readonly now: Date;
  readonly root?: BsonDocument;
  /** How strings compare, when not by their bytes. */
  readonly collator?: StringOrder | undefined;
  readonly variables?: ReadonlyMap<string, BsonValue>;
}

/**
 * The scope with variables added, as `let` defines them: by expressions, of which
 * each may use those before it. One whose expression leads nowhere is not defined.
 */
export function withVariables<T extends ExpressionScope>(scope: T, definitions: BsonDocument): T {
  const variables = new Map(scope.variables);
  for (const [name, expression] of definitions) {
    if (!/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name)) {
      throw new ServerError(9, `'${name}' is not a valid name for a variable`);
    }
    const value = compileExpression(expression)({ ...scope, variables });
    if (value !== missing) variables.set(name, value);
  }
  return { ...scope, variables };
}

/** Marks a field that an expression takes away: `$$REMOVE`, or a path that leads nowhere. */
export const missing: unique symbol = Symbol('missing');
export type ExpressionValue = BsonValue | typeof missing;
export type Evaluator = (scope: ExpressionScope) => ExpressionValue;

/** True as `$cond` and `$match` see it: not null, missing, false or zero. */
export function isTruthy(value: ExpressionValue): boolean {
  if (value === null || value === undefined || value === missing || value === false) return false;
  return !isNumber(value) || toDouble(value) !== 0;
}

export function compileExpression(expression: BsonValue): Evaluator {
  if (typeof expression === 'string' && expression.startsWith('$')) return compilePath(expression);
  if (Array.isArray(expression)) {
    const items = expression.map(compileExpression);
    return (scope) => items.map((item) => nullIfMissing(item(scope)));
  }
  if (!isDocument(expression)) return () => expression;
  const [first] = expression.keys();
  if (first?.startsWith('$')) {
    if (expression.size > 1) {
      throw new ServerError(
        15983,
        `an expression has exactly one operator, this one: ${[...expression.keys()]}`,
      );
    }
    return compileOperator(first, expression.get(first));
  }
  const fields = [...expression].map(([name, value]) => [name, compileExpression(value)] as const);
  return (scope) => {
    const result: BsonDocument = new Map();
    for (const [name, evaluate] of fields) {
      const value = evaluate(scope);
      if (value !== missing) result.set(name, value);
    }
    return result;
  };
}

function nullIfMissing(value: ExpressionValue): BsonValue {
  return value === missing || value === undefined ? null : value;
}

function compilePath(text: string): Evaluator {
  const variable = text.startsWith('$$');
  const [head = '', ...rest] = text.slice(variable ? 2 : 1).split('.');
  if (!variable) {
    const path = [head, ...rest];
    return ({ root }) => (root === undefined ? missing : followPath(root, path, 0));
  }
  switch (head) {
    case 'ROOT':
    case 'CURRENT':
      return ({ root }) => (root === undefined ? missing : followPath(root, rest, 0));
    case 'NOW':
      return ({ now }) => now;
    case 'REMOVE':
      return () => missing;
    default:
      return ({ variables }) => {
        if (variables?.has(head) !== true) {
          throw new ServerError(17276, `Use of undefined variable: ${head}`);
        }
        return followPath(variables.get(head), rest, 0);
      };
  }
}

function followPath(value: BsonValue, path: readonly string[], at: number): ExpressionValue {
  const name = path[at];
  if (name === undefined) return value;
  if (isDocument(value)) {
    return value.has(name) ? followPath(value.get(name), path, at + 1) : missing;
  }
  if (!Array.isArray(value)) return missing;
  return value
    .map((item) => (isDocument(item) ? followPath(item, path, at) : missing))
    .filter((item) => item !== missing);
}

type Operator = (operand: BsonValue) => Evaluator;

/** An operator over a list of operands; one operand may stand without its array. */
function over(
  name: string,
  counts: readonly [least: number, most: number],
  apply: (values: ExpressionValue[]) => ExpressionValue,
): [string, Operator] {
  return [
    name,
    (operand) => {
      const items = (Array.isArray(operand) ? operand : [operand]).map(compileExpression);
      const [least, most] = counts;
      if (items.length < least || items.length > most) {
        throw new ServerError(
          16020,
          `Expression ${name} takes ${least === most ? least : `${least} to ${most}`} arguments. ${items.length} were passed in.`,
        );
      }
      return (scope) => apply(items.map((item) => item(scope)));
    },
  ];
}

const isNullish = (value: ExpressionValue): value is null | undefined | typeof missing =>
  value === null || value === undefined || value === missing;

const any = Number.POSITIVE_INFINITY;

function comparison(name: string, holds: (order: number) => boolean): [string, Operator] {
  return over(name, [2, 2], ([a, b]) => holds(compareWithMissing(a, b)));
}

/** A missing field stands before everything but MinKey. */
function compareWithMissing(a: ExpressionValue, b: ExpressionValue): number {
  return compareValues(a === missing ? undefined : a, b === missing ? undefined : b);
}

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['$literal', (operand) => () => operand],
  comparison('$eq', (order) => order === 0),
  comparison('$ne', (order) => order !== 0),
  comparison('$gt', (order) => order > 0),
  comparison('$gte', (order) => order >= 0),
  comparison('$lt', (order) => order < 0),
  comparison('$lte', (order) => order <= 0),
  over('$cmp', [2, 2], ([a, b]) => Math.sign(compareWithMissing(a, b))),
  over('$and', [0, any], (values) => values.every(isTruthy)),
  over('$or', [0, any], (values) => values.some(isTruthy)),
  over('$not', [1, 1], ([value]) => !isTruthy(value)),
  ['$cond', compileCondition],
  ['$switch', compileSwitch],
  over('$ifNull', [2, any], (values) => values.find((value) => !isNullish(value)) ?? values.at(-1)),
  over('$add', [0, any], (values) => add(values)),
  over('$subtract', [2, 2], ([a, b]) => subtract(a, b)),
  over('$multiply', [0, any], (values) => multiply(values)),
  over('$divide', [2, 2], ([a, b]) => divide(a, b)),
  over('$max', [1, any], (values) => extreme(values, 1)),
  over('$min', [1, any], (values) => extreme(values, -1)),
  over('$concat', [0, any], concat),
  over('$size', [1, 1], ([value]) => arrayOf('$size', value).length),
  over('$in', [2, 2], ([value, list]) =>
    arrayOf('$in', list).some((item) => equalValues(item, nullIfMissing(value))),
  ),
  over('$arrayElemAt', [2, 2], ([list, index]) => {
    if (isNullish(list) || isNullish(index)) return null;
    const items = arrayOf('$arrayElemAt', list);
    const at = numberOf('$arrayElemAt', index);
    const found = at < 0 ? at + items.length : at;
    return found in items ? items[found] : missing;
  }),
  over('$concatArrays', [0, any], (values) =>
    values.some(isNullish) ? null : values.flatMap((value) => arrayOf('$concatArrays', value)),
  ),
  over('$slice', [2, 3], (values) => slice(values)),
  over('$mergeObjects', [0, any], mergeObjects),
  over('$toLong', [1, 1], ([value]) => toLong(value)),
  over('$type', [1, 1], ([value]) => (value === missing ? 'missing' : typeName(value))),
  over('$isArray', [1, 1], ([value]) => Array.isArray(value)),
  ['$filter', compileFilter],
  ['$map', compileMap],
  ['$dateAdd', (operand) => compileDateAdd(operand)],
  ['$rand', () => () => asDouble(Math.random())],
  ['$getField', compileGetField],
  ['$setField', (operand) => compileSetField(operand, '$setField')],
  ['$unsetField', (operand) => compileSetField(operand, '$unsetField')],
]);

function compileOperator(name: string, operand: BsonValue): Evaluator {
  const operator = operators.get(name);
  if (operator === undefined) {
    throw new ServerError(168, `Unrecognized expression '${name}'`);
  }
  return operator(operand);
}

function compileCondition(operand: BsonValue): Evaluator {
  const parts = isDocument(operand)
    ? ['if', 'then', 'else'].map((name) => operand.get(name))
    : Array.isArray(operand)
      ? operand
      : [];
  if (parts.length !== 3) throw new ServerError(16020, '$cond takes if, then and else');
  const [test, yes, no] = parts.map(compileExpression) as [Evaluator, Evaluator, Evaluator];
  return (scope) => (isTruthy(test(scope)) ? yes(scope) : no(scope));
}

function compileSwitch(operand: BsonValue): Evaluator {
  const given = isDocument(operand) ? operand.get('branches') : undefined;
  if (!isDocument(operand) || !Array.isArray(given)) {
    throw new ServerError(40060, '$switch needs branches');
  }
  const choices = given.map((branch) => {
    if (!isDocument(branch)) throw new ServerError(40062, '$switch branches must be objects');
    return [compileExpression(branch.get('case')), compileExpression(branch.get('then'))] as const;
  });
  const fallback = operand.has('default') ? compileExpression(operand.get('default')) : undefined;
  return (scope) => {
    for (const [test, value] of choices) if (isTruthy(test(scope))) return value(scope);
    if (fallback === undefined) {
      throw new ServerError(40066, '$switch could not find a matching branch and has no default');
    }
    return fallback(scope);
  };
}

function fieldOf(operator: string, operand: BsonValue, name: string): Evaluator {
  if (!isDocument(operand)) throw new ServerError(28646, `${operator} needs a document`);
  if (!operand.has(name))
    throw new ServerError(28648, `Missing '${name}' parameter to ${operator}`);
  return compileExpression(operand.get(name));
}

function withVariable(scope: ExpressionScope, name: string, value: BsonValue): ExpressionScope {
  return { ...scope, variables: new Map([...(scope.variables ?? []), [name, value]]) };
}

function variableName(operand: BsonValue): string {
  const name = isDocument(operand) ? operand.get('as') : undefined;
  return typeof name === 'string' ? name : 'this';
}

function compileFilter(operand: BsonValue): Evaluator {
  const input = fieldOf('$filter', operand, 'input');
  const test = fieldOf('$filter', operand, 'cond');
  const name = variableName(operand);
  return (scope) => {
    const list = input(scope);
    if (isNullish(list)) return null;
    return arrayOf('$filter', list).filter((item) =>
      isTruthy(test(withVariable(scope, name, item))),
    );
  };
}

function compileMap(operand: BsonValue): Evaluator {
  const input = fieldOf('$map', operand, 'input');
  const change = fieldOf('$map', operand, 'in');
  const name = variableName(operand);
  return (scope) => {
    const list = input(scope);
    if (isNullish(list)) return null;
    return arrayOf('$map', list).map((item) =>
      nullIfMissing(change(withVariable(scope, name, item))),
    );
  };
}

/** The name that `$getField` and its like give: a constant, so that dots and dollars are part of it. */
function constantName(operator: string, operand: BsonValue): string {
  const name = isDocument(operand) && operand.has('$literal') ? operand.get('$literal') : operand;
  if (typeof name === 'string' && (name[0] !== '$' || name !== operand)) return name;
  throw new ServerError(
    typeof name === 'string' ? 5654600 : 5654602,
    `${operator} requires 'field' to evaluate to a constant string: use $literal for names that begin with $`,
  );
}

function compileGetField(operand: BsonValue): Evaluator {
  const whole = !isDocument(operand) || operand.has('$literal');
  const name = constantName('$getField', whole ? operand : operand.get('field'));
  const input = whole ? compileExpression('$$CURRENT') : inputOf('$getField', operand);
  return (scope) => {
    const value = input(scope);
    if (value === missing) return missing;
    if (value === null || value === undefined) return null;
    return isDocument(value) && value.has(name) ? value.get(name) : missing;
  };
}

function inputOf(operator: string, operand: BsonDocument): Evaluator {
  return operand.has('input')
    ? fieldOf(operator, operand, 'input')
    : compileExpression('$$CURRENT');
}

function compileSetField(operand: BsonValue, operator: '$setField' | '$unsetField'): Evaluator {
  const field = isDocument(operand) ? operand.get('field') : undefined;
  const input = fieldOf(operator, operand, 'input');
  const value: Evaluator =
    operator === '$setField' ? fieldOf(operator, operand, 'value') : () => missing;
  const name = constantName(operator, field);
  return (scope) => {
    const document = input(scope);
    if (isNullish(document)) return null;
    if (!isDocument(document)) {
      throw new ServerError(4161105, `${operator} requires 'input' to evaluate to type Object`);
    }
    const result = new Map(document);
    const set = value(scope);
    if (set === missing) result.delete(name);
    else result.set(name, set);
    return result;
  };
}

const unitMilliseconds: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

function compileDateAdd(operand: BsonValue): Evaluator {
  const start = fieldOf('$dateAdd', operand, 'startDate');
  const unit = fieldOf('$dateAdd', operand, 'unit');
  const amount = fieldOf('$dateAdd', operand, 'amount');
  return (scope) => {
    const date = start(scope);
    const count = amount(scope);
    if (isNullish(date) || isNullish(count)) return null;
    const name = unit(scope);
    const length = typeof name === 'string' ? unitMilliseconds[name] : undefined;
    if (length === undefined) {
      throw new ServerError(
        9,
        `$dateAdd here takes units from millisecond to week, not ${String(name)}`,
      );
    }
    if (!(date instanceof Date)) throw new ServerError(5166403, '$dateAdd needs a date');
    return new Date(date.getTime() + numberOf('$dateAdd', count) * length);
  };
}

function arrayOf(operator: string, value: ExpressionValue): BsonValue[] {
  if (Array.isArray(value)) return value;
  throw new ServerError(
    17124,
    `The argument to ${operator} must be an array, but was of type: ${nameOf(value)}`,
  );
}

function numberOf(operator: string, value: ExpressionValue): number {
  if (value !== missing && isNumber(value)) return toDouble(value);
  throw new ServerError(14, `${operator} only supports numeric types, not ${nameOf(value)}`);
}

function nameOf(value: ExpressionValue): string {
  return value === missing ? 'missing' : typeName(value);
}

function extreme(values: ExpressionValue[], sign: number): BsonValue {
  const only = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
  const present = only.filter((value): value is BsonValue => !isNullish(value));
  if (present.length === 0) return null;
  return present.reduce((best, value) => (compareValues(value, best) * sign > 0 ? value : best));
}

function concat(values: ExpressionValue[]): BsonValue {
  if (values.some(isNullish)) return null;
  return values
    .map((value) => {
      if (typeof value !== 'string') {
        throw new ServerError(16702, `$concat only supports strings, not ${nameOf(value)}`);
      }
      return value;
    })
    .join('');
}

function slice([list, ...numbers]: ExpressionValue[]): BsonValue {
  if (isNullish(list)) return null;
  const items = arrayOf('$slice', list);
  const [first = 0, count] = numbers.map((number) => numberOf('$slice', number));
  if (count !== undefined) {
    const start = first < 0 ? Math.max(0, items.length + first) : first;
    return items.slice(start, start + count);
  }
  return first < 0 ? items.slice(first) : items.slice(0, first);
}

function mergeObjects(values: ExpressionValue[]): BsonValue {
  const result: BsonDocument = new Map();
  for (const value of values) {
    if (isNullish(value)) continue;
    if (!isDocument(value)) {
      throw new ServerError(40400, `$mergeObjects requires object inputs, not ${nameOf(value)}`);
    }
    for (const [name, field] of value) result.set(name, field);
  }
  return result;
}

function toLong(value: ExpressionValue): BsonValue {
  if (isNullish(value)) return null;
  if (value instanceof Date) return BigInt(value.getTime());
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'bigint') return value;
  return BigInt(Math.trunc(numberOf('$toLong', value)));
}

function add(values: ExpressionValue[]): BsonValue {
  if (values.some(isNullish)) return null;
  const date = values.find((value) => value instanceof Date);
  const numbers = values.filter((value) => !(value instanceof Date));
  let total: BsonNumber = 0;
  for (const value of numbers) total = addNumbers(total, checkedNumber('$add', value));
  return date === undefined ? total : new Date(date.getTime() + toDouble(total));
}

function subtract(a: ExpressionValue, b: ExpressionValue): BsonValue {
  if (isNullish(a) || isNullish(b)) return null;
  if (a instanceof Date) {
    if (b instanceof Date) return BigInt(a.getTime() - b.getTime());
    return new Date(a.getTime() - numberOf('$subtract', b));
  }
  return addNumbers(checkedNumber('$subtract', a), negateNumber(checkedNumber('$subtract', b)));
}

function multiply(values: ExpressionValue[]): BsonValue {
  if (values.some(isNullish)) return null;
  let product: BsonNumber = 1;
  for (const value of values) product = multiplyNumbers(product, checkedNumber('$multiply', value));
  return product;
}

function divide(a: ExpressionValue, b: ExpressionValue): BsonValue {
  if (isNullish(a) || isNullish(b)) return null;
  const divisor = numberOf('$divide', b);
  if (divisor === 0) throw new ServerError(2, "can't $divide by zero");
  return asDouble(numberOf('$divide', a) / divisor);
}

function checkedNumber(operator: string, value: ExpressionValue): BsonNumber {
  if (value !== missing && isNumber(value)) return value;
  throw new ServerError(
    14,
    `${operator} only supports numeric or date types, not ${nameOf(value)}`,
  );
}

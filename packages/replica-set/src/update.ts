/** Updates compiled to functions from a document to its successor. */

import { Timestamp } from 'bson';
import { addNumbers, multiplyNumbers } from './arithmetic.ts';
import { ArrayFilters, choosesElements } from './array-filter.ts';
import { type BsonDocument, type BsonValue, cloneValue, isDocument } from './bson-document.ts';
import { compareValues, equalValues, isNumber, typeName } from './bson-order.ts';
import type { ExpressionScope } from './expression.ts';
import { hasPath, setPath, splitPath, unsetPath, valueAt } from './field-path.ts';
import { compileElementTest, hasOperators } from './matcher.ts';
import { compileDocumentStages } from './pipeline.ts';
import { ServerError } from './server-error.ts';
import { compareBySort, compileSort } from './sort.ts';

export interface Update {
  /** By operators, by a pipeline, or as a replacement, which keeps only `_id` and may not be used for many documents. */
  readonly kind: 'update' | 'pipeline' | 'replace';
  /** The successor of `document`, which is left as it is; `_id` cannot change (66). */
  apply(document: BsonDocument, inserting: boolean): BsonDocument;
}

/** Compiles any of the three forms: operators, which alone may have array filters, replacement, pipeline. */
export function compileUpdate(
  spec: BsonValue,
  scope: ExpressionScope,
  arrayFilters?: BsonValue,
): Update {
  const filters = new ArrayFilters(arrayFilters, scope);
  const operators = isDocument(spec) && hasOperators(spec);
  if (!operators && !filters.isEmpty) {
    throw new ServerError(9, 'arrayFilters may be specified for updates by operators only');
  }
  if (Array.isArray(spec)) {
    const stages = compileDocumentStages(spec);
    return { kind: 'pipeline', apply: (document) => keepId(document, stages(document, scope)) };
  }
  if (!isDocument(spec)) throw new ServerError(9, 'the update must be a document or a pipeline');
  if (!operators) return replacement(spec);
  const steps = compileOperators(spec, scope, filters);
  filters.refuseUnused();
  return {
    kind: 'update',
    apply(document, inserting) {
      const successor = cloneValue(document);
      for (const step of steps) step(successor, inserting);
      return keepId(document, successor);
    },
  };
}

function replacement(spec: BsonDocument): Update {
  for (const name of spec.keys()) {
    if (name.startsWith('$')) {
      throw new ServerError(52, `The dollar ($) prefixed field '${name}' is not allowed here`);
    }
  }
  return {
    kind: 'replace',
    apply(document) {
      const id = document.get('_id') ?? spec.get('_id');
      const successor: BsonDocument = new Map(id === undefined ? [] : [['_id', id]]);
      for (const [name, value] of spec)
        if (name !== '_id' || id === undefined) successor.set(name, value);
      if (spec.has('_id') && id !== undefined && !equalValues(spec.get('_id'), id))
        throw idChanged();
      return successor;
    },
  };
}

function keepId(before: BsonDocument, after: BsonDocument): BsonDocument {
  const id = before.get('_id');
  if (id === undefined) return after;
  if (!after.has('_id')) return new Map<string, BsonValue>([['_id', id], ...after]);
  if (!equalValues(after.get('_id'), id)) throw idChanged();
  return after;
}

function idChanged(): ServerError {
  return new ServerError(
    66,
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

type Step = (document: BsonDocument, inserting: boolean) => void;
type FieldStep = (document: BsonDocument, path: readonly string[], inserting: boolean) => void;

function compileOperators(
  spec: BsonDocument,
  scope: ExpressionScope,
  filters: ArrayFilters,
): Step[] {
  const touched: string[] = [];
  return [...spec].flatMap(([operator, fields]) => {
    const compile = fieldOperators.get(operator);
    if (compile === undefined) {
      throw new ServerError(9, `Unknown modifier: ${operator}. Expected a valid update modifier`);
    }
    if (!isDocument(fields)) {
      throw new ServerError(
        9,
        `Modifiers operate on fields but we found type ${typeName(fields)} instead under ${operator}`,
      );
    }
    return [...fields].map(([name, operand]) => {
      refuseConflict(touched, name);
      if (operator === '$rename') refuseConflict(touched, String(operand));
      const path = updatePath(name);
      const step = compile(operand, scope, operator, name);
      if (!path.some(choosesElements)) {
        return (document: BsonDocument, inserting: boolean) => step(document, path, inserting);
      }
      filters.meet(path);
      return (document: BsonDocument, inserting: boolean) => {
        for (const each of filters.expand(document, path)) step(document, each, inserting);
      };
    });
  });
}

function updatePath(name: string): string[] {
  const path = splitPath(name);
  const positional = path.find((part) => part.startsWith('$') && !choosesElements(part));
  if (positional === undefined) return path;
  if (positional === '$') {
    throw new ServerError(
      238,
      `the positional operator '${positional}' in '${name}' is not there yet`,
    );
  }
  throw new ServerError(
    52,
    `The dollar ($) prefixed field '${positional}' in '${name}' is not allowed`,
  );
}

function refuseConflict(touched: string[], name: string): void {
  for (const other of touched) {
    if (other === name || other.startsWith(`${name}.`) || name.startsWith(`${other}.`)) {
      throw new ServerError(
        40,
        `Updating the path '${name}' would create a conflict at '${other}'`,
      );
    }
  }
  touched.push(name);
}

type FieldOperator = (
  operand: BsonValue,
  scope: ExpressionScope,
  operator: string,
  name: string,
) => FieldStep;

const set: FieldOperator = (operand) => (document, path) =>
  setPath(document, path, cloneValue(operand));

const fieldOperators: ReadonlyMap<string, FieldOperator> = new Map<string, FieldOperator>([
  ['$set', set],
  [
    '$setOnInsert',
    (operand) => (document, path, inserting) => {
      if (inserting) setPath(document, path, cloneValue(operand));
    },
  ],
  ['$unset', () => (document, path) => unsetPath(document, path)],
  ['$inc', arithmetic(addNumbers, 'increment')],
  ['$mul', arithmetic(multiplyNumbers, 'multiply')],
  ['$min', bounded(-1)],
  ['$max', bounded(1)],
  ['$rename', rename],
  ['$currentDate', currentDate],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$pull', pull],
  ['$pullAll', pullAll],
  ['$pop', pop],
]);

function arithmetic(combine: typeof addNumbers, verb: string): FieldOperator {
  return (operand, _scope, operator, name) => {
    if (!isNumber(operand)) {
      throw new ServerError(
        14,
        `Cannot ${verb} with non-numeric argument: {${name}: ${typeName(operand)}}`,
      );
    }
    return (document, path) => {
      if (!hasPath(document, path)) {
        setPath(document, path, operator === '$mul' ? combine(0, operand) : operand);
        return;
      }
      const value = valueAt(document, path);
      if (!isNumber(value)) {
        throw new ServerError(
          14,
          `Cannot apply ${operator} to a value of non-numeric type. The field '${name}' has non-numeric type ${typeName(value)}`,
        );
      }
      setPath(document, path, combine(value, operand));
    };
  };
}

function bounded(sign: number): FieldOperator {
  return (operand) => (document, path) => {
    const better =
      !hasPath(document, path) || compareValues(operand, valueAt(document, path)) * sign > 0;
    if (better) setPath(document, path, operand);
  };
}

function rename(
  operand: BsonValue,
  _scope: ExpressionScope,
  _operator: string,
  name: string,
): FieldStep {
  if (typeof operand !== 'string') {
    throw new ServerError(2, `The 'to' field for $rename must be a string: ${name}`);
  }
  const target = updatePath(operand);
  if ([...splitPath(name), ...target].some(choosesElements)) {
    throw new ServerError(2, `The fields of $rename cannot be dynamic: ${name}, ${operand}`);
  }
  return (document, path) => {
    if (!hasPath(document, path)) return;
    const value = valueAt(document, path);
    unsetPath(document, path);
    unsetPath(document, target);
    setPath(document, target, value);
  };
}

function currentDate(operand: BsonValue, { now }: ExpressionScope): FieldStep {
  const kind = isDocument(operand) ? operand.get('$type') : 'date';
  const value =
    kind === 'timestamp' ? new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 }) : now;
  if (operand !== true && kind !== 'timestamp' && kind !== 'date') {
    throw new ServerError(2, "$currentDate takes true or { $type: 'date' | 'timestamp' }");
  }
  return (document, path) => setPath(document, path, value);
}

/** The array at the path, made when missing; throws 2 when something else is there. */
function arrayAt(document: BsonDocument, path: readonly string[], operator: string): BsonValue[] {
  if (!hasPath(document, path)) setPath(document, path, []);
  const value = valueAt(document, path);
  if (Array.isArray(value)) return value;
  throw new ServerError(
    2,
    `The field '${path.join('.')}' must be an array but is of type ${typeName(value)}, so ${operator} cannot be applied`,
  );
}

function eachOf(operand: BsonValue, operator: string): BsonValue[] {
  if (!isDocument(operand) || !operand.has('$each')) return [operand];
  const items = operand.get('$each');
  if (!Array.isArray(items)) {
    throw new ServerError(
      2,
      `The argument to $each in ${operator} must be an array but it was of type ${typeName(items)}`,
    );
  }
  return items;
}

function push(operand: BsonValue, _scope: ExpressionScope, operator: string): FieldStep {
  const items = eachOf(operand, operator);
  const modifiers = isDocument(operand) && operand.has('$each') ? operand : undefined;
  const position = wholeNumber(modifiers?.get('$position'), '$position');
  const slice = wholeNumber(modifiers?.get('$slice'), '$slice');
  const sort = modifiers?.get('$sort');
  return (document, path) => {
    const array = arrayAt(document, path, operator);
    array.splice(position ?? array.length, 0, ...items.map(cloneValue));
    if (sort !== undefined) sortArray(array, sort);
    if (slice !== undefined) {
      const kept = slice < 0 ? array.slice(slice) : array.slice(0, slice);
      array.splice(0, array.length, ...kept);
    }
  };
}

function wholeNumber(value: BsonValue, name: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(isNumber(value) ? value.toString() : Number.NaN);
  if (Number.isInteger(number)) return number;
  throw new ServerError(2, `The value for ${name} must be an integer value`);
}

function sortArray(array: BsonValue[], sort: BsonValue): void {
  if (isDocument(sort)) {
    const keys = compileSort(sort);
    const asDocument = (value: BsonValue) => (isDocument(value) ? value : new Map());
    array.sort((a, b) => compareBySort(keys, asDocument(a), asDocument(b)));
    return;
  }
  const direction = wholeNumber(sort, '$sort');
  if (direction !== 1 && direction !== -1) {
    throw new ServerError(
      2,
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1}',
    );
  }
  array.sort((a, b) => direction * compareValues(a, b));
}

function addToSet(operand: BsonValue, _scope: ExpressionScope, operator: string): FieldStep {
  const items = eachOf(operand, operator);
  return (document, path) => {
    const array = arrayAt(document, path, operator);
    for (const item of items) {
      if (!array.some((value) => equalValues(value, item))) array.push(cloneValue(item));
    }
  };
}

function pull(operand: BsonValue, scope: ExpressionScope, operator: string): FieldStep {
  const test = isDocument(operand)
    ? compileElementTest(operand, scope)
    : (value: BsonValue) => equalValues(value, operand);
  return (document, path) => {
    if (hasPath(document, path)) removeWhere(arrayAt(document, path, operator), test);
  };
}

function pullAll(operand: BsonValue, _scope: ExpressionScope, operator: string): FieldStep {
  if (!Array.isArray(operand)) throw new ServerError(2, '$pullAll requires an array argument');
  return (document, path) => {
    if (!hasPath(document, path)) return;
    removeWhere(arrayAt(document, path, operator), (value) =>
      operand.some((item) => equalValues(item, value)),
    );
  };
}

function removeWhere(array: BsonValue[], test: (value: BsonValue) => boolean): void {
  array.splice(0, array.length, ...array.filter((value) => !test(value)));
}

function pop(operand: BsonValue, _scope: ExpressionScope, operator: string): FieldStep {
  const end = wholeNumber(operand, '$pop');
  if (end !== 1 && end !== -1) throw new ServerError(9, '$pop expects 1 or -1');
  return (document, path) => {
    if (!hasPath(document, path)) return;
    const array = arrayAt(document, path, operator);
    if (end === 1) array.pop();
    else array.shift();
  };
}

/** The document an upsert starts from: what the query says its fields are equal to. */
export function seedOf(query: BsonDocument): BsonDocument {
  const seed: BsonDocument = new Map();
  collectEqualities(query, seed);
  return seed;
}

function collectEqualities(query: BsonDocument, seed: BsonDocument): void {
  for (const [name, value] of query) {
    if (name === '$and' && Array.isArray(value)) {
      for (const branch of value) if (isDocument(branch)) collectEqualities(branch, seed);
    } else if (!name.startsWith('$')) {
      const equal = hasOperators(value) ? value.get('$eq') : value;
      if (equal !== undefined) setPath(seed, splitPath(name), cloneValue(equal));
    }
  }
}

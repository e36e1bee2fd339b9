/** Operators on arrays: `$push`, `$addToSet`, `$pull`, `$pullAll`, `$pop`. */
import { BSONRegExp } from 'bson';
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { equalValues, isNumber, toDouble, typeName } from '../bson-order.ts';
import { elementOrder } from '../element-order.ts';
import { compileQuery } from '../matcher.ts';
import { ServerError } from '../server-error.ts';
import { ValueSet } from '../value-set.ts';
import { type ModifierReader, unchanged } from './modifier.ts';

const pushClauses = new Set(['$each', '$slice', '$sort', '$position']);

export const push: ModifierReader = (operand, { collator }) => {
  const clauses = isDocument(operand) && operand.has('$each') ? operand : undefined;
  for (const name of clauses?.keys() ?? []) {
    if (!pushClauses.has(name)) {
      throw new ServerError(2, `Unrecognized clause in $push: ${name}`);
    }
  }
  const items = clauses === undefined ? [operand] : clauses.get('$each');
  if (!Array.isArray(items)) {
    throw new ServerError(
      2,
      `The argument to $each in $push must be an array but it was of type: ${typeName(items)}`,
    );
  }
  const slice = wholeClause(clauses, '$slice');
  const position = wholeClause(clauses, '$position') ?? Number.POSITIVE_INFINITY;
  const order = clauses?.has('$sort') ? elementOrder(clauses.get('$sort')) : undefined;
  const pushed = (array: readonly BsonValue[]): BsonValue[] => {
    const at = position < 0 ? Math.max(0, array.length + position) : position;
    const result = [...array.slice(0, at), ...items, ...array.slice(at)];
    if (order !== undefined) result.sort((a, b) => order(a, b, collator));
    if (slice === undefined) return result;
    return slice < 0 ? result.slice(slice) : result.slice(0, slice);
  };
  return {
    change(value, name) {
      if (Array.isArray(value)) return pushed(value);
      throw new ServerError(
        2,
        `The field '${name}' must be an array but is of type ${typeName(value)}`,
      );
    },
    create: () => pushed([]),
  };
};

function wholeClause(clauses: BsonDocument | undefined, name: string): number | undefined {
  if (clauses?.has(name) !== true) return undefined;
  const value = clauses.get(name);
  const number = isNumber(value) ? toDouble(value) : Number.NaN;
  if (Number.isInteger(number)) return number;
  throw new ServerError(
    2,
    `The value for ${name} must be an integer value but was given type: ${typeName(value)}`,
  );
}

export const addToSet: ModifierReader = (operand, { collator }) => {
  const isEach = isDocument(operand) && operand.keys().next().value === '$each';
  const given = isEach ? operand.get('$each') : [operand];
  if (!Array.isArray(given)) {
    throw new ServerError(
      14,
      `The argument to $each in $addToSet must be an array but it was of type ${typeName(given)}`,
    );
  }
  if (isEach && operand.size > 1) {
    throw new ServerError(
      2,
      `Found unexpected fields after $each in $addToSet: ${showValue(operand)}`,
    );
  }
  const added = (array: readonly BsonValue[]): BsonValue[] => {
    const seen = new ValueSet(array, collator);
    return given.filter((item) => seen.add(item));
  };
  return {
    change(value, name) {
      if (!Array.isArray(value)) {
        throw new ServerError(
          2,
          `Cannot apply $addToSet to non-array field. Field named '${name}' has non-array type ${typeName(value)}`,
        );
      }
      const items = added(value);
      return items.length === 0 ? unchanged : [...value, ...items];
    },
    create: () => added([]),
  };
};

function without(goes: (element: BsonValue) => boolean): ReturnType<ModifierReader> {
  return {
    change(value) {
      if (!Array.isArray(value)) {
        throw new ServerError(2, 'Cannot apply $pull to a non-array value');
      }
      const left = value.filter((element) => !goes(element));
      return left.length === value.length ? unchanged : left;
    },
  };
}

/** A document is a query on documents; operators and expressions look at the element; else it is a value to equal. */
export const pull: ModifierReader = (operand, scope) => {
  const [first] = isDocument(operand) ? operand.keys() : [];
  if (isDocument(operand) && !isFieldOperator(first)) {
    const test = compileQuery(operand, scope, { plain: true });
    return without((element) => isDocument(element) && test(element));
  }
  if (isDocument(operand) || operand instanceof BSONRegExp) {
    const test = compileQuery(new Map([['', operand]]), scope, { plain: true });
    return without((element) => test(new Map([['', element]])));
  }
  return without((element) => equalValues(element, operand, scope.collator));
};

/** The operators that stand beside fields. */
const beside =
  /^\$(and|or|nor|not|comment|ref|id|db|expr|jsonSchema|text|where|alwaysTrue|alwaysFalse|sampleRate)$/;

/** True for those that stand inside of a field's condition, not for `$or` and its like. */
function isFieldOperator(name: string | undefined): boolean {
  return name?.startsWith('$') === true && !beside.test(name);
}

export const pullAll: ModifierReader = (operand, { collator }) => {
  if (!Array.isArray(operand)) {
    throw new ServerError(
      2,
      `$pullAll requires an array argument but was given a ${typeName(operand)}`,
    );
  }
  const doomed = new ValueSet(operand, collator);
  return without((element) => doomed.has(element));
};

export const pop: ModifierReader = (operand, _scope, name) => {
  if (!isNumber(operand)) {
    throw new ServerError(9, `Expected a number in: ${name}: ${showValue(operand)}`);
  }
  const end = toDouble(operand);
  if (!Number.isInteger(end)) {
    throw new ServerError(9, `Expected an integer: ${name}: ${showValue(operand)}`);
  }
  if (end !== 1 && end !== -1) throw new ServerError(9, `$pop expects 1 or -1, found: ${end}`);
  return {
    change(value, path) {
      if (!Array.isArray(value)) {
        throw new ServerError(
          14,
          `Path '${path}' contains an element of non-array type '${typeName(value)}'`,
        );
      }
      if (value.length === 0) return unchanged;
      return end === 1 ? value.slice(0, -1) : value.slice(1);
    },
  };
};

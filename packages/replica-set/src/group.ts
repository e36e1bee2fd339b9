/** The `$group` stage. */
import { addNumbers, asDouble } from './arithmetic.ts';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { compareValues, equalValues, isNumber, toDouble } from './bson-order.ts';
import {
  compileExpression,
  type Evaluator,
  type ExpressionScope,
  type ExpressionValue,
  missing,
} from './expression.ts';
import { encodeKey } from './key-string.ts';
import type { Stage } from './pipeline.ts';
import { ServerError } from './server-error.ts';

interface Accumulator {
  add(value: ExpressionValue): void;
  result(): BsonValue;
}

export function compileGroup(spec: BsonDocument): Stage {
  if (!spec.has('_id')) throw new ServerError(15955, 'a group specification must include an _id');
  const key = compileExpression(spec.get('_id'));
  const fields = [...spec]
    .filter(([name]) => name !== '_id')
    .map(([name, value]) => compileField(name, value));
  return function* (documents, scope) {
    const groups = new Map<string, { id: BsonValue; accumulators: Accumulator[] }>();
    for (const document of documents) {
      const inner: ExpressionScope = { ...scope, root: document };
      const id = key(inner);
      const value = id === missing ? null : id;
      const text = encodeKey([value]).toString('latin1');
      let group = groups.get(text);
      if (group === undefined) {
        group = { id: value, accumulators: fields.map(({ make }) => make()) };
        groups.set(text, group);
      }
      for (const [index, { evaluate }] of fields.entries()) {
        group.accumulators[index]?.add(evaluate(inner));
      }
    }
    for (const { id, accumulators } of groups.values()) {
      const result: BsonDocument = new Map([['_id', id]]);
      for (const [index, { name }] of fields.entries()) {
        result.set(name, accumulators[index]?.result());
      }
      yield result;
    }
  };
}

interface GroupField {
  readonly name: string;
  readonly evaluate: Evaluator;
  readonly make: () => Accumulator;
}

function compileField(name: string, value: BsonValue): GroupField {
  const [entry] = isDocument(value) ? value : [];
  if (entry === undefined) {
    throw new ServerError(40234, `The field '${name}' must be an accumulator object`);
  }
  const [operator, operand] = entry;
  const make = accumulators.get(operator);
  if (make === undefined) throw new ServerError(15952, `unknown group operator '${operator}'`);
  const evaluate = operator === '$count' ? () => 1 : compileExpression(operand);
  return { name, evaluate, make };
}

const accumulators: ReadonlyMap<string, () => Accumulator> = new Map([
  ['$sum', sum],
  ['$count', sum],
  ['$avg', average],
  ['$min', () => extreme(-1)],
  ['$max', () => extreme(1)],
  ['$first', first],
  ['$last', last],
  ['$push', push],
  ['$addToSet', addToSet],
]);

function sum(): Accumulator {
  let total: ReturnType<typeof addNumbers> = 0;
  return {
    add(value) {
      if (value !== missing && isNumber(value)) total = addNumbers(total, value);
    },
    result: () => total,
  };
}

function average(): Accumulator {
  let total = 0;
  let count = 0;
  return {
    add(value) {
      if (value === missing || !isNumber(value)) return;
      total += toDouble(value);
      count += 1;
    },
    result: () => (count === 0 ? null : asDouble(total / count)),
  };
}

function extreme(sign: number): Accumulator {
  let best: BsonValue = null;
  return {
    add(value) {
      if (value === missing || value === null || value === undefined) return;
      if (best === null || compareValues(value, best) * sign > 0) best = value;
    },
    result: () => best,
  };
}

function first(): Accumulator {
  let kept: BsonValue;
  let any = false;
  return {
    add(value) {
      if (!any) kept = value === missing ? null : value;
      any = true;
    },
    result: () => kept ?? null,
  };
}

function last(): Accumulator {
  let kept: BsonValue = null;
  return {
    add(value) {
      kept = value === missing ? null : value;
    },
    result: () => kept,
  };
}

function push(): Accumulator {
  const values: BsonValue[] = [];
  return {
    add(value) {
      if (value !== missing) values.push(value);
    },
    result: () => values,
  };
}

function addToSet(): Accumulator {
  const values: BsonValue[] = [];
  return {
    add(value) {
      if (value !== missing && !values.some((other) => equalValues(other, value)))
        values.push(value);
    },
    result: () => values,
  };
}

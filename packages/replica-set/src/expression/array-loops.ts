/** `$filter`, `$map`, `$reduce`: an expression for each element of an array. */
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import type { Cell, Context, Operators } from './context.ts';
import {
  type Evaluator,
  type ExpressionScope,
  type ExpressionValue,
  isNullish,
  isTruthy,
  missing,
  nameOf,
  nullIfMissing,
} from './evaluator.ts';
import { checkVariableForWrite } from './field-access.ts';
import { asInt } from './number-kind.ts';
import { namedOperands, optionalOperand } from './operands.ts';

export const arrayLoopOperators: Operators = {
  $filter: compileFilter,
  $map: compileMap,
  $reduce: compileReduce,
};

function elementName(operands: BsonDocument): string {
  const name = operands.get('as');
  if (!operands.has('as')) return 'this';
  if (typeof name !== 'string') {
    throw new ServerError(9, `'as' must be the name of a variable, found: ${nameOf(name)}`);
  }
  checkVariableForWrite(name);
  return name;
}

function compileFilter(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$filter', operand, {
    object: 28646,
    unknown: 28647,
    required: { input: 28648, cond: 28650 },
    optional: ['as', 'limit'],
  });
  const input = context.compile(named.get('input'));
  const limit = optionalOperand(named, 'limit', context);
  const cell: Cell = { value: missing };
  const test = context.with([[elementName(named), cell]]).compile(named.get('cond'));
  context.reads();
  return (scope) => {
    const items = input(scope);
    if (isNullish(items)) return null;
    if (!Array.isArray(items)) {
      throw new ServerError(28651, `input to $filter must be an array not ${nameOf(items)}`);
    }
    const most = limit === undefined ? Number.POSITIVE_INFINITY : filterLimit(limit(scope));
    const kept: BsonValue[] = [];
    for (const item of items) {
      cell.value = item;
      if (!isTruthy(test(scope))) continue;
      kept.push(item);
      if (kept.length >= most) break;
    }
    return kept;
  };
}

function filterLimit(value: ExpressionValue): number {
  if (isNullish(value)) return Number.POSITIVE_INFINITY;
  const limit = asInt(value);
  if (limit === undefined) {
    throw new ServerError(
      327391,
      `$filter: limit must be represented as a 32-bit integral value: ${String(value)}`,
    );
  }
  if (limit > 0) return limit;
  throw new ServerError(327392, `$filter: limit must be greater than 0: ${limit}`);
}

function compileMap(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$map', operand, {
    object: 16878,
    unknown: 16879,
    required: { input: 16880, in: 16882 },
    optional: ['as'],
  });
  const input = context.compile(named.get('input'));
  const cell: Cell = { value: missing };
  const change = context.with([[elementName(named), cell]]).compile(named.get('in'));
  context.reads();
  return (scope) => {
    const items = input(scope);
    if (isNullish(items)) return null;
    if (!Array.isArray(items)) {
      throw new ServerError(16883, `input to $map must be an array not ${nameOf(items)}`);
    }
    return items.map((item) => {
      cell.value = item;
      return nullIfMissing(change(scope));
    });
  };
}

function compileReduce(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$reduce', operand, {
    object: 40075,
    unknown: 40076,
    required: { input: 40077, initialValue: 40078, in: 40079 },
  });
  const input = context.compile(named.get('input'));
  const initial = context.compile(named.get('initialValue'));
  const element: Cell = { value: missing };
  const total: Cell = { value: missing };
  const step = context
    .with([
      ['this', element],
      ['value', total],
    ])
    .compile(named.get('in'));
  context.reads();
  return (scope: ExpressionScope) => {
    const items = input(scope);
    if (isNullish(items)) return null;
    if (!Array.isArray(items)) {
      throw new ServerError(
        40080,
        `$reduce requires that 'input' be an array, found: ${nameOf(items)}`,
      );
    }
    let value = initial(scope);
    for (const item of items) {
      element.value = item;
      total.value = value;
      value = step(scope);
    }
    return value;
  };
}

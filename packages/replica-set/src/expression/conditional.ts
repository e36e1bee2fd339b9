/** `$cond`, `$ifNull`, `$switch`, `$let`, `$literal` and its other name `$const`. */
import { type BsonValue, isDocument } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { type Cell, type Context, constant, type Operators } from './context.ts';
import {
  type Evaluator,
  type ExpressionValue,
  isNullish,
  isTruthy,
  missing,
  nameOf,
} from './evaluator.ts';
import { checkVariableForWrite } from './field-access.ts';
import { type NamedForm, namedOperands, operandsOf, variadic } from './operands.ts';

export const conditionalOperators: Operators = {
  $cond: compileCondition,
  $switch: compileSwitch,
  $ifNull: variadic(compileIfNull, (count) => {
    if (count < 2) {
      throw new ServerError(1257300, `$ifNull needs at least two arguments, had: ${count}`);
    }
  }),
  $let: compileLet,
  $literal: constant,
  $const: constant,
};

const conditionForm: NamedForm = {
  object: 9,
  unknown: 17083,
  required: Object.fromEntries([
    ['if', 17080],
    ['then', 17081],
    ['else', 17082],
  ]),
};

const branchForm: NamedForm = {
  object: 40062,
  unknown: 40063,
  required: Object.fromEntries([
    ['case', 40064],
    ['then', 40065],
  ]),
};

function compileCondition(operand: BsonValue, context: Context): Evaluator {
  const [test, yes, no] = conditionParts(operand, context);
  return (scope) => (isTruthy(test(scope)) ? yes(scope) : no(scope));
}

function conditionParts(
  operand: BsonValue,
  context: Context,
): readonly [Evaluator, Evaluator, Evaluator] {
  if (isDocument(operand)) {
    const named = namedOperands('$cond', operand, conditionForm);
    const part = (name: string) => context.compile(named.get(name));
    return [part('if'), part('then'), part('else')];
  }
  const parts = operandsOf(operand, context);
  if (parts.length !== 3) {
    throw new ServerError(
      16020,
      `Expression $cond takes exactly 3 arguments. ${parts.length} were passed in.`,
    );
  }
  return parts as [Evaluator, Evaluator, Evaluator];
}

function compileIfNull(operands: readonly Evaluator[]): Evaluator {
  return (scope) => {
    let value: ExpressionValue = missing;
    for (const operand of operands) {
      value = operand(scope);
      if (!isNullish(value)) return value;
    }
    return value;
  };
}

function compileSwitch(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$switch', operand, {
    object: 40060,
    unknown: 40067,
    required: {},
    optional: ['branches', 'default'],
  });
  const given = named.has('branches') ? named.get('branches') : [];
  if (!Array.isArray(given)) {
    throw new ServerError(
      40061,
      `$switch expected an array for 'branches', found: ${nameOf(given)}`,
    );
  }
  const branches = given.map((branch) => {
    const parts = namedOperands('$switch', branch, branchForm);
    return [context.compile(parts.get('case')), context.compile(parts.get('then'))] as const;
  });
  if (branches.length === 0) {
    throw new ServerError(40068, '$switch requires at least one branch.');
  }
  const otherwise = named.has('default') ? context.compile(named.get('default')) : undefined;
  return (scope) => {
    for (const [test, value] of branches) if (isTruthy(test(scope))) return value(scope);
    if (otherwise !== undefined) return otherwise(scope);
    throw new ServerError(
      40066,
      '$switch could not find a matching branch for an input, and no default was specified.',
    );
  };
}

function compileLet(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$let', operand, {
    object: 16874,
    unknown: 16875,
    required: { vars: 16876, in: 16877 },
  });
  const given = named.get('vars');
  if (!isDocument(given)) {
    throw new ServerError(10065, `invalid parameter: expected an object (vars)`);
  }
  const variables = [...given].map(([name, expression]) => {
    checkVariableForWrite(name);
    const cell: Cell = { value: missing };
    return { name, cell, evaluate: context.compile(expression) };
  });
  const body = context
    .with(variables.map(({ name, cell }) => [name, cell] as const))
    .compile(named.get('in'));
  return (scope) => {
    for (const { cell, evaluate } of variables) cell.value = evaluate(scope);
    return body(scope);
  };
}

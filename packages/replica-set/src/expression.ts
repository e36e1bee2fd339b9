/** Aggregation expressions compiled to functions. What is not here is refused by name. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { accumulatorExpressions } from './expression/accumulator-expressions.ts';
import { arithmeticOperators } from './expression/arithmetic.ts';
import { arrayLoopOperators } from './expression/array-loops.ts';
import { arraySortingOperators } from './expression/array-sorting.ts';
import { arrayOperators } from './expression/arrays.ts';
import { bitwiseOperators } from './expression/bitwise.ts';
import { comparisonOperators } from './expression/comparison.ts';
import { conditionalOperators } from './expression/conditional.ts';
import { Context, constant, isConstant, type Operator } from './expression/context.ts';
import { conversionOperators } from './expression/conversion.ts';
import { dateArithmeticOperators } from './expression/date-arithmetic.ts';
import { dateTextOperators } from './expression/date-from-string.ts';
import { datePartOperators } from './expression/date-parts.ts';
import {
  type Evaluator,
  type ExpressionScope,
  missing,
  nullIfMissing,
  type VariableScope,
} from './expression/evaluator.ts';
import { checkFieldName, checkVariableForWrite, compilePath } from './expression/field-access.ts';
import { objectOperators } from './expression/objects.ts';
import { powerOperators } from './expression/powers.ts';
import { regexOperators } from './expression/regular-expressions.ts';
import { roundingOperators } from './expression/rounding.ts';
import { setOperators } from './expression/sets.ts';
import { stringOperators } from './expression/strings.ts';
import { trigonometricOperators } from './expression/trigonometry.ts';
import { otherOperators } from './expression/values.ts';
import { ServerError } from './server-error.ts';

export {
  type Evaluator,
  type ExpressionScope,
  isTruthy,
  missing,
  type VariableScope,
} from './expression/evaluator.ts';

const operators: ReadonlyMap<string, Operator> = new Map(
  [
    accumulatorExpressions,
    arithmeticOperators,
    arrayLoopOperators,
    arrayOperators,
    arraySortingOperators,
    bitwiseOperators,
    comparisonOperators,
    conditionalOperators,
    conversionOperators,
    dateArithmeticOperators,
    datePartOperators,
    dateTextOperators,
    objectOperators,
    otherOperators,
    powerOperators,
    regexOperators,
    roundingOperators,
    setOperators,
    stringOperators,
    trigonometricOperators,
  ].flatMap((family) => Object.entries(family)),
);

/** The names of all operators, those that are refused included. */
export function operatorNames(): string[] {
  return [...operators.keys()];
}

/**
 * Compiles an expression. What is constant in it is computed now, errors included.
 *
 * @throws {ServerError} 168 when an operator is not known, 17276 when a variable is not, and
 * MongoDB's code for what is malformed
 */
export function compileExpression(expression: BsonValue, around: VariableScope): Evaluator {
  return newContext(around).compile(expression);
}

/** Where an expression is compiled that has these variables around it. */
export function newContext(around: VariableScope): Context {
  return new Context(compileIn, around);
}

function compileIn(expression: BsonValue, context: Context): Evaluator {
  if (typeof expression === 'string' && expression.startsWith('$')) {
    return compilePath(expression, context);
  }
  if (Array.isArray(expression)) return compileArray(expression, context);
  if (!isDocument(expression)) return constant(expression);
  const [first] = expression.keys();
  if (first?.startsWith('$') === true) return compileOperator(first, expression, context);
  return compileDocument(expression, context);
}

const nowhere: ExpressionScope = { now: new Date(Number.NaN) };

function compileOperator(name: string, expression: BsonDocument, context: Context): Evaluator {
  if (expression.size > 1) {
    throw new ServerError(
      15983,
      `An object representing an expression must have exactly one field: ${[...expression.keys()]}`,
    );
  }
  const operator = operators.get(name);
  if (operator === undefined) throw new ServerError(168, `Unrecognized expression '${name}'`);
  const readings = context.readings;
  const evaluate = operator(expression.get(name), context);
  const varies = context.readings > readings || isConstant(evaluate);
  return varies ? evaluate : constant(evaluate(nowhere));
}

function compileArray(expression: BsonValue[], context: Context): Evaluator {
  const items = expression.map((item) => context.compile(item));
  const evaluate: Evaluator = (scope) => items.map((item) => nullIfMissing(item(scope)));
  return items.every(isConstant) ? constant(evaluate(nowhere)) : evaluate;
}

function compileDocument(expression: BsonDocument, context: Context): Evaluator {
  const fields = [...expression].map(([name, value]) => {
    checkFieldName(name);
    return [name, context.compile(value)] as const;
  });
  const evaluate: Evaluator = (scope) => {
    const result: BsonDocument = new Map();
    for (const [name, field] of fields) {
      const value = field(scope);
      if (value !== missing) result.set(name, value);
    }
    return result;
  };
  return fields.every(([, field]) => isConstant(field)) ? constant(evaluate(nowhere)) : evaluate;
}

/** The scope with variables added whose values are not known yet. */
export function expecting({ variables }: VariableScope, names: Iterable<string>): VariableScope {
  return { variables: new Map([...(variables ?? []), ...Array.from(names, toBeKnown)]) };
}

function toBeKnown(name: string): [name: string, value: BsonValue] {
  return [name, undefined];
}

/**
 * The scope with variables added, as `let` defines them: by expressions, of which
 * each may use those before it. Throws 4890500 for a field where the scope has no document.
 */
export function withVariables<T extends ExpressionScope>(scope: T, definitions: BsonDocument): T {
  const variables = new Map(scope.variables);
  for (const [name, expression] of definitions) {
    checkVariableForWrite(name);
    const inner = { ...scope, variables };
    const value = compileExpression(expression, inner)(inner);
    // What leads nowhere leads there through the variable, too.
    variables.set(name, value as BsonValue);
  }
  return { ...scope, variables };
}

/** The forms of operands: a list of so many, or a document of named ones. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import type { Context, Operator } from './context.ts';
import { type Evaluator, type ExpressionScope, type ExpressionValue, nameOf } from './evaluator.ts';

/** The operands of a list, compiled; one operand may stand without its array. */
export function operandsOf(operand: BsonValue, context: Context): Evaluator[] {
  const items = Array.isArray(operand) ? operand : [operand];
  return items.map((item) => context.compile(item));
}

function exactly(name: string, count: number, operand: BsonValue, context: Context): Evaluator[] {
  const operands = operandsOf(operand, context);
  if (operands.length === count) return operands;
  throw new ServerError(
    16020,
    `Expression ${name} takes exactly ${count} arguments. ${operands.length} were passed in.`,
  );
}

type Apply<Values extends unknown[]> = (
  ...parts: [...values: Values, scope: ExpressionScope]
) => ExpressionValue;

/** An operator of one operand. */
export function unary(name: string, apply: Apply<[ExpressionValue]>): Operator {
  return (operand, context) => {
    const [only] = exactly(name, 1, operand, context) as [Evaluator];
    return (scope) => apply(only(scope), scope);
  };
}

/** An operator of two operands, both computed before it is applied. */
export function binary(name: string, apply: Apply<[ExpressionValue, ExpressionValue]>): Operator {
  return (operand, context) => {
    const [left, right] = exactly(name, 2, operand, context) as [Evaluator, Evaluator];
    return (scope) => apply(left(scope), right(scope), scope);
  };
}

/** An operator of three operands. */
export function ternary(
  name: string,
  apply: Apply<[ExpressionValue, ExpressionValue, ExpressionValue]>,
): Operator {
  return (operand, context) => {
    const [a, b, c] = exactly(name, 3, operand, context) as [Evaluator, Evaluator, Evaluator];
    return (scope) => apply(a(scope), b(scope), c(scope), scope);
  };
}

/** An operator of `least` to `most` operands. */
export function ranged(
  name: string,
  [least, most]: readonly [least: number, most: number],
  apply: (values: ExpressionValue[], scope: ExpressionScope) => ExpressionValue,
): Operator {
  return (operand, context) => {
    const operands = operandsOf(operand, context);
    if (operands.length < least || operands.length > most) {
      throw new ServerError(
        28667,
        `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${operands.length} were passed in.`,
      );
    }
    return (scope) =>
      apply(
        operands.map((evaluate) => evaluate(scope)),
        scope,
      );
  };
}

/** An operator of any number of operands, which it asks for one by one. */
export function variadic(
  compile: (operands: readonly Evaluator[]) => Evaluator,
  check?: (count: number) => void,
): Operator {
  return (operand, context) => {
    const operands = operandsOf(operand, context);
    check?.(operands.length);
    return compile(operands);
  };
}

/** What is wrong with named operands, by MongoDB's codes. */
export interface NamedForm {
  /** The operand is no document. */
  readonly object: number;
  /** A name is not known. */
  readonly unknown: number;
  /** The names that must be there, each with the code for its lack. */
  readonly required: Readonly<Record<string, number>>;
  readonly optional?: readonly string[];
}

/** The named operands, checked and not compiled yet. */
export function namedOperands(
  name: string,
  operand: BsonValue,
  { object, unknown, required, optional = [] }: NamedForm,
): BsonDocument {
  if (!isDocument(operand)) {
    throw new ServerError(
      object,
      `${name} only supports an object as its argument, found: ${nameOf(operand)}`,
    );
  }
  for (const key of operand.keys()) {
    if (!Object.hasOwn(required, key) && !optional.includes(key)) {
      throw new ServerError(unknown, `Unrecognized parameter to ${name}: ${key}`);
    }
  }
  for (const [key, code] of Object.entries(required)) {
    if (!operand.has(key)) throw new ServerError(code, `Missing '${key}' parameter to ${name}`);
  }
  return operand;
}

/** The compiled operand of this name, if it is there. */
export function optionalOperand(
  operands: BsonDocument,
  name: string,
  context: Context,
): Evaluator | undefined {
  return operands.has(name) ? context.compile(operands.get(name)) : undefined;
}

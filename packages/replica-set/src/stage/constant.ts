/** Expressions that are constants. */
import type { BsonValue } from '../bson-document.ts';
import { constantValue, isConstant } from '../expression/context.ts';
import { missing } from '../expression/evaluator.ts';
import { compileExpression, type VariableScope } from '../expression.ts';

/** What an expression yields that looks at no document, no variable and not at chance; nothing for another one. */
export function constantOf(
  expression: BsonValue,
  around: VariableScope,
): { readonly value: BsonValue } | undefined {
  const evaluate = compileExpression(expression, around);
  if (!isConstant(evaluate)) return undefined;
  const value = constantValue(evaluate);
  return value === missing ? undefined : { value };
}

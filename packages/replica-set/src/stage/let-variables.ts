/** The `let` of a stage: variables that the pipeline inside it sees, worked out for each document. */
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import { checkVariableForWrite } from '../expression/field-access.ts';
import {
  compileExpression,
  type Evaluator,
  type ExpressionScope,
  type VariableScope,
} from '../expression.ts';

export type LetVariables = readonly (readonly [name: string, evaluate: Evaluator])[];

/** Compiles definitions, none of which sees another; throws 9 for a name that no variable may have. */
export function compileLet(definitions: BsonDocument, around: VariableScope): LetVariables {
  return Array.from(definitions, ([name, expression]) => {
    checkVariableForWrite(name);
    return [name, compileExpression(expression, around)] as const;
  });
}

/** The variables of a scope, and those that a stage defines. */
export function letVariables(
  definitions: LetVariables,
  scope: ExpressionScope,
): ExpressionScope['variables'] {
  if (definitions.length === 0) return scope.variables;
  const variables = new Map(scope.variables);
  // What leads nowhere leads there through the variable, too.
  for (const [name, evaluate] of definitions) variables.set(name, evaluate(scope) as BsonValue);
  return variables;
}

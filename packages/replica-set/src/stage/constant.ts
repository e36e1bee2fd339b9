/** Expressions that are constants. */
import { type BsonValue, isDocument } from '../bson-document.ts';
import { compileExpression, missing } from '../expression.ts';

/** What an expression yields that looks at no document, no variable and not at chance; nothing for another one. */
export function constantOf(expression: BsonValue): { readonly value: BsonValue } | undefined {
  if (!looksAtNothing(expression)) return undefined;
  const value = compileExpression(expression)({ now: new Date(0) });
  return value === missing ? undefined : { value };
}

function looksAtNothing(expression: BsonValue): boolean {
  if (typeof expression === 'string') return !expression.startsWith('$');
  if (Array.isArray(expression)) return expression.every(looksAtNothing);
  if (!isDocument(expression)) return true;
  if (expression.has('$literal')) return true;
  return !expression.has('$rand') && [...expression.values()].every(looksAtNothing);
}

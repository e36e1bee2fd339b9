/** The `$redact` stage: shows of each document, and of those inside it, what an expression lets through. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { compileExpression, type ExpressionScope, missing } from '../expression.ts';
import { ServerError } from '../server-error.ts';
import type { StageRun } from './stage.ts';

const verdicts: ReadonlyMap<string, BsonValue> = new Map([
  ['DESCEND', 'descend'],
  ['PRUNE', 'prune'],
  ['KEEP', 'keep'],
]);

export function compileRedact(operand: BsonValue): StageRun {
  const evaluate = compileExpression(operand);
  return function* (documents, scope) {
    for (const document of documents) {
      const variables = new Map([...(scope.variables ?? []), ...verdicts]);
      const shown = redacted(document, { ...scope, root: document, variables });
      if (shown !== undefined) yield shown;
    }
  };

  function redacted(current: BsonDocument, scope: ExpressionScope): BsonDocument | undefined {
    const variables = new Map(scope.variables).set('CURRENT', current);
    const verdict = evaluate({ ...scope, variables });
    if (verdict === 'keep') return current;
    if (verdict === 'prune') return undefined;
    if (verdict !== 'descend') {
      throw new ServerError(
        17053,
        `$redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE, but returned ${verdict === missing ? 'MISSING' : showValue(verdict)}`,
      );
    }
    const result: BsonDocument = new Map();
    for (const [name, value] of current) {
      if (!isDocument(value)) result.set(name, Array.isArray(value) ? list(value, scope) : value);
      else {
        const below = redacted(value, scope);
        if (below !== undefined) result.set(name, below);
      }
    }
    return result;
  }

  function list(items: readonly BsonValue[], scope: ExpressionScope): BsonValue[] {
    return items.flatMap((item): BsonValue[] => {
      if (Array.isArray(item)) return [list(item, scope)];
      if (!isDocument(item)) return [item];
      const below = redacted(item, scope);
      return below === undefined ? [] : [below];
    });
  }
}

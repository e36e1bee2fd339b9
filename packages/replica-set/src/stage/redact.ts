/** The `$redact` stage: shows of each document, and of those inside it, what an expression lets through. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import type { Cell } from '../expression/context.ts';
import { missing } from '../expression/evaluator.ts';
import { newContext, type VariableScope } from '../expression.ts';
import { pause } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import { rooted, type StageRun, type StageScope } from './stage.ts';

export function compileRedact(operand: BsonValue, around: VariableScope): StageRun {
  const current: Cell = { value: missing };
  const evaluate = newContext(around)
    .with([
      ['CURRENT', current],
      ['DESCEND', { value: 'descend' }],
      ['PRUNE', { value: 'prune' }],
      ['KEEP', { value: 'keep' }],
    ])
    .compile(operand);
  return function* (documents, scope) {
    for (const document of documents) {
      const shown = document === pause ? pause : redacted(document, rooted(scope, document));
      if (shown !== undefined) yield shown;
    }
  };

  function redacted(document: BsonDocument, scope: StageScope): BsonDocument | undefined {
    current.value = document;
    const verdict = evaluate(scope);
    if (verdict === 'keep') return document;
    if (verdict === 'prune') return undefined;
    if (verdict !== 'descend') {
      throw new ServerError(
        17053,
        `$redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE, but returned ${verdict === missing ? 'MISSING' : showValue(verdict)}`,
      );
    }
    const result: BsonDocument = new Map();
    for (const [name, value] of document) {
      if (!isDocument(value)) result.set(name, Array.isArray(value) ? list(value, scope) : value);
      else {
        const below = redacted(value, scope);
        if (below !== undefined) result.set(name, below);
      }
    }
    return result;
  }

  function list(items: readonly BsonValue[], scope: StageScope): BsonValue[] {
    return items.flatMap((item): BsonValue[] => {
      if (Array.isArray(item)) return [list(item, scope)];
      if (!isDocument(item)) return [item];
      const below = redacted(item, scope);
      return below === undefined ? [] : [below];
    });
  }
}

/** The `$group` stage. */
import { type Accumulator, compileAccumulator } from './accumulator.ts';
import type { BsonDocument, BsonValue } from './bson-document.ts';
import { compileExpression, type ExpressionScope, missing } from './expression.ts';
import { encodeKey } from './key-string.ts';
import type { Stage } from './pipeline.ts';
import { ServerError } from './server-error.ts';

export function compileGroup(spec: BsonDocument): Stage {
  if (!spec.has('_id')) throw new ServerError(15955, 'a group specification must include an _id');
  const key = compileExpression(spec.get('_id'));
  const fields = [...spec]
    .filter(([name]) => name !== '_id')
    .map(([name, value]) => ({ name, ...compileAccumulator(name, value) }));
  return function* (documents, scope) {
    const groups = new Map<string, { id: BsonValue; accumulators: Accumulator[] }>();
    for (const document of documents) {
      const inner: ExpressionScope = { ...scope, root: document };
      const id = key(inner);
      const value = id === missing ? null : id;
      const text = encodeKey([value]).toString('latin1');
      let group = groups.get(text);
      if (group === undefined) {
        group = {
          id: value,
          accumulators: fields.map(({ start }) =>
            start({ ...scope, root: new Map([['_id', value]]) }),
          ),
        };
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

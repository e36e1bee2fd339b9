/** Fields that a projection works out. */
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import { type Evaluator, type ExpressionScope, missing } from '../expression.ts';
import type { ProjectionBranch } from './projection-tree.ts';

/** The computed fields of one level, in the order of the projection. */
export type ComputedFields = ReadonlyMap<string, Evaluator | ComputedFields>;

export function computedFieldsOf({ children }: ProjectionBranch): ComputedFields {
  const fields = new Map<string, Evaluator | ComputedFields>();
  for (const [name, node] of children) {
    if (node.kind === 'compute') fields.set(name, node.evaluate);
    if (node.kind !== 'fields') continue;
    const inner = computedFieldsOf(node);
    if (inner.size > 0) fields.set(name, inner);
  }
  return fields;
}

/** Adds the fields to a document; one whose expression leads nowhere is not there. */
export function addComputed(
  document: BsonDocument,
  fields: ComputedFields,
  scope: ExpressionScope,
): void {
  for (const [name, field] of fields) {
    if (typeof field === 'function') {
      const value = field(scope);
      if (value === missing) document.delete(name);
      else document.set(name, value);
    } else {
      document.set(name, withComputed(document.get(name), field, scope));
    }
  }
}

/** Within arrays each element gets the fields; what is no document becomes one. */
function withComputed(value: BsonValue, fields: ComputedFields, scope: ExpressionScope): BsonValue {
  if (Array.isArray(value)) return value.map((item) => withComputed(item, fields, scope));
  const document: BsonDocument = new Map(value instanceof Map ? value : []);
  addComputed(document, fields, scope);
  return document;
}

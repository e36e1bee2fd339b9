/** The stages `$addFields` and `$set`, and the tree of computed fields that projections have as well. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { compileExpression, type Evaluator, type ExpressionScope, missing } from '../expression.ts';
import { ServerError } from '../server-error.ts';
import { parseFieldPath } from './field-path.ts';
import type { DocumentChange } from './replace.ts';
import { documentOperand, rooted } from './stage.ts';

/** Computed fields by their names: an expression, or the fields below one. In the order they are given in. */
export type ComputedFields = Map<string, Evaluator | ComputedFields>;

export function compileAddFields(stage: string): (operand: BsonValue) => DocumentChange {
  return (operand) => {
    const spec = documentOperand(
      stage,
      operand,
      40272,
      `${stage} specification stage must be an object, got ${typeName(operand)}`,
    );
    const fields: ComputedFields = new Map();
    for (const [name, value] of spec) plant(fields, parseFieldPath(name), value, spec);
    return (document, scope) => computed(document, fields, rooted(scope, document));
  };
}

/** Puts what a specification says of a path into the tree; throws where two of them meet. */
function plant(
  fields: ComputedFields,
  path: readonly string[],
  value: BsonValue,
  spec: BsonDocument,
): void {
  const names = isDocument(value) ? [...value.keys()] : [];
  const operator = names.find((name) => name.startsWith('$'));
  if (!isDocument(value) || operator !== undefined || names.length === 0) {
    if (operator !== undefined && names.length > 1) {
      throw new ServerError(
        40181,
        `an expression specification must contain exactly one field, the name of the expression. Found ${names.length} fields in ${showValue(value)}, while parsing object ${showValue(spec)}`,
      );
    }
    plantExpression(fields, path, compileExpression(value), spec);
    return;
  }
  for (const [name, below] of value) {
    if (name.includes('.')) {
      throw new ServerError(
        40183,
        `cannot use dotted field name '${name}' in a sub object: ${showValue(spec)}`,
      );
    }
    plant(fields, [...path, ...parseFieldPath(name)], below, spec);
  }
}

function plantExpression(
  fields: ComputedFields,
  path: readonly string[],
  evaluate: Evaluator,
  spec: BsonDocument,
): void {
  let level = fields;
  for (const [at, name] of path.entries()) {
    const known = level.get(name);
    const isLast = at === path.length - 1;
    if (known !== undefined && (isLast || !(known instanceof Map))) {
      throw new ServerError(
        40176,
        `specification contains two conflicting paths. Cannot specify both '${path.join('.')}' and '${path.slice(0, at + 1).join('.')}': ${showValue(spec)}`,
      );
    }
    if (isLast) level.set(name, evaluate);
    else {
      const below: ComputedFields = known instanceof Map ? known : new Map();
      level.set(name, below);
      level = below;
    }
  }
}

/** The document with the fields; one whose expression leads nowhere is taken away. */
export function computed(
  document: BsonDocument,
  fields: ComputedFields,
  scope: ExpressionScope,
): BsonDocument {
  const result: BsonDocument = new Map(document);
  for (const [name, field] of fields) {
    if (field instanceof Map) result.set(name, computedBelow(document.get(name), field, scope));
    else {
      const value = field(scope);
      if (value === missing) result.delete(name);
      else result.set(name, value);
    }
  }
  return result;
}

/** In an array each element gets the fields; what is no document is replaced by one. */
function computedBelow(
  value: BsonValue,
  fields: ComputedFields,
  scope: ExpressionScope,
): BsonValue {
  if (Array.isArray(value)) return value.map((item) => computedBelow(item, fields, scope));
  return computed(isDocument(value) ? value : new Map(), fields, scope);
}

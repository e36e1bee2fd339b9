/** The stages `$addFields` and `$set`. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import {
  compileExpression,
  type Evaluator,
  type ExpressionScope,
  type VariableScope,
} from '../expression.ts';
import { addComputed, type ComputedFields } from '../projecting/computed-fields.ts';
import { ServerError } from '../server-error.ts';
import { parseFieldPath } from './field-path.ts';
import type { DocumentChange } from './replace.ts';
import { documentOperand, rooted } from './stage.ts';

/** Computed fields while they are read: an expression, or the fields below one. */
export type FieldTree = Map<string, Evaluator | FieldTree>;

export function compileAddFields(
  stage: string,
): (operand: BsonValue, around: VariableScope) => DocumentChange {
  return (operand, around) => {
    const spec = documentOperand(
      stage,
      operand,
      40272,
      `${stage} specification stage must be an object, got ${typeName(operand)}`,
    );
    const fields: FieldTree = new Map();
    for (const [name, value] of spec) plant(fields, parseFieldPath(name), value, spec, around);
    return (document, scope) => withComputed(document, fields, rooted(scope, document));
  };
}

/** Puts what a specification says of a path into the tree; throws where two of them meet. */
function plant(
  fields: FieldTree,
  path: readonly string[],
  value: BsonValue,
  spec: BsonDocument,
  around: VariableScope,
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
    plantExpression(fields, path, compileExpression(value, around), spec);
    return;
  }
  for (const [name, below] of value) {
    if (name.includes('.')) {
      throw new ServerError(
        40183,
        `cannot use dotted field name '${name}' in a sub object: ${showValue(spec)}`,
      );
    }
    plant(fields, [...path, ...parseFieldPath(name)], below, spec, around);
  }
}

function plantExpression(
  fields: FieldTree,
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
      const below: FieldTree = known instanceof Map ? known : new Map();
      level.set(name, below);
      level = below;
    }
  }
}

/** The document with the fields; one whose expression leads nowhere is taken away. */
export function withComputed(
  document: BsonDocument,
  fields: ComputedFields,
  scope: ExpressionScope,
): BsonDocument {
  const result = new Map(document);
  addComputed(result, fields, scope);
  return result;
}

/** The stages `$replaceRoot` and `$replaceWith`. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import {
  compileExpression,
  type ExpressionScope,
  missing,
  type VariableScope,
} from '../expression.ts';
import { ServerError } from '../server-error.ts';
import { documentOperand, refuseUnknownFields, requiredField, rooted } from './stage.ts';

/** Makes another document of one, and leaves the first as it is. */
export type DocumentChange = (document: BsonDocument, scope: ExpressionScope) => BsonDocument;

const known = new Set(['newRoot']);

export function compileReplaceRoot(operand: BsonValue, around: VariableScope): DocumentChange {
  const spec = documentOperand(
    '$replaceRoot',
    operand,
    40229,
    `expected an object as specification for $replaceRoot stage, got ${typeName(operand)}`,
  );
  refuseUnknownFields('$replaceRoot', spec, known);
  return replacement(
    requiredField('$replaceRoot', spec, 'newRoot'),
    around,
    "'newRoot' expression ",
  );
}

export function compileReplaceWith(operand: BsonValue, around: VariableScope): DocumentChange {
  return replacement(operand, around, "'replacement document' ");
}

function replacement(expression: BsonValue, around: VariableScope, what: string): DocumentChange {
  const evaluate = compileExpression(expression, around);
  return (document, scope) => {
    const value = evaluate(rooted(scope, document));
    if (value !== missing && isDocument(value)) return value;
    const shown = value === missing ? 'MISSING' : showValue(value);
    const type = value === missing ? 'missing' : typeName(value);
    throw new ServerError(
      40228,
      `${what}must evaluate to an object, but resulting value was: ${shown}. Type of resulting value: '${type}'. Input document: ${showValue(document)}`,
    );
  };
}

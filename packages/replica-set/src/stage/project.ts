/** The stages `$project` and `$unset`. */
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import type { VariableScope } from '../expression.ts';
import { compileProjection } from '../projection.ts';
import { ServerError } from '../server-error.ts';
import { parseFieldPath } from './field-path.ts';
import type { DocumentChange } from './replace.ts';
import { documentOperand } from './stage.ts';

export function compileProject(operand: BsonValue, around: VariableScope): DocumentChange {
  const spec = documentOperand(
    '$project',
    operand,
    15969,
    '$project specification must be an object',
  );
  const projection = compileProjection(spec, around);
  if (projection !== undefined) return projection;
  throw new ServerError(
    51272,
    'Invalid $project :: caused by :: projection specification must have at least one field',
  );
}

export function compileUnset(operand: BsonValue): DocumentChange {
  if (!Array.isArray(operand) && typeof operand !== 'string') {
    throw new ServerError(31002, '$unset specification must be a string or an array');
  }
  const names = Array.isArray(operand) ? operand : [operand];
  if (names.length === 0) {
    throw new ServerError(
      31119,
      '$unset specification must be a string or an array with at least one field',
    );
  }
  const spec: BsonDocument = new Map();
  for (const name of names) {
    if (typeof name !== 'string') {
      throw new ServerError(
        31120,
        '$unset specification must be a string or an array containing only string values',
      );
    }
    parseFieldPath(name);
    if (spec.has(name)) throw new ServerError(31250, `Path collision at ${name}`);
    spec.set(name, 0);
  }
  return compileProjection(spec, {}) as DocumentChange;
}

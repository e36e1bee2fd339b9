/** The accumulators of `$group` and its like, compiled: `{ total: { $sum: '$price' } }`. */
import type { CompiledAccumulator } from './accumulator/accumulator.ts';
import { addToSet, average, extreme, first, last, push, sum } from './accumulator/accumulators.ts';
import { type BsonValue, isDocument } from './bson-document.ts';
import { compileExpression } from './expression.ts';
import { ServerError } from './server-error.ts';

export type { Accumulator, CompiledAccumulator } from './accumulator/accumulator.ts';

/**
 * Compiles what stands behind a field of a `$group`.
 *
 * @throws {ServerError} 40234 to 40238 when `specification` is not one accumulator,
 * 15952 when the accumulator is not known
 */
export function compileAccumulator(field: string, specification: BsonValue): CompiledAccumulator {
  const [entry] = isDocument(specification) ? specification : [];
  if (!isDocument(specification) || entry === undefined || !entry[0].startsWith('$')) {
    throw new ServerError(40234, `The field '${field}' must be an accumulator object`);
  }
  if (field.includes('.')) {
    throw new ServerError(40235, `The field name '${field}' cannot contain '.'`);
  }
  if (field.startsWith('$')) {
    throw new ServerError(40236, `The field name '${field}' cannot be an operator name`);
  }
  if (specification.size > 1) {
    throw new ServerError(40238, `The field '${field}' must specify one accumulator`);
  }
  const [name, operand] = entry;
  if (Array.isArray(operand)) {
    throw new ServerError(40237, `The ${name} accumulator is a unary operator`);
  }
  const start = accumulators.get(name);
  if (start === undefined) throw new ServerError(15952, `unknown group operator '${name}'`);
  return { evaluate: name === '$count' ? () => 1 : compileExpression(operand), start };
}

const accumulators: ReadonlyMap<string, CompiledAccumulator['start']> = new Map([
  ['$sum', sum],
  ['$count', sum],
  ['$avg', average],
  ['$min', () => extreme(-1)],
  ['$max', () => extreme(1)],
  ['$first', first],
  ['$last', last],
  ['$push', push],
  ['$addToSet', addToSet],
]);

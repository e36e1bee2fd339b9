/** The beginning of a pipeline that is a query like any other, and may use an index. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { isNumber, toDouble } from './bson-order.ts';
import type { Selection } from './query.ts';

/**
 * Takes as many of the first stages as a selection can be made of: `$match`, then
 * `$sort`, then `$skip` and `$limit`. The stages have been found to be well formed.
 */
export function headOf(stages: readonly BsonValue[]): {
  readonly selection: Selection;
  readonly rest: readonly BsonValue[];
} {
  const filters: BsonDocument[] = [];
  let sort: BsonDocument | undefined;
  let skip: number | undefined;
  let limit: number | undefined;
  let at = 0;
  for (; at < stages.length; at++) {
    const stage = stages[at];
    const [entry] = isDocument(stage) ? stage : [];
    const [name, operand] = entry ?? [];
    const isFirst = sort === undefined && skip === undefined && limit === undefined;
    if (name === '$match' && isDocument(operand) && isFirst) filters.push(operand);
    else if (name === '$sort' && isDocument(operand) && isFirst && isPlain(operand)) sort = operand;
    else if (name === '$skip' && isNumber(operand) && skip === undefined && limit === undefined) {
      skip = toDouble(operand);
    } else if (name === '$limit' && isNumber(operand) && limit === undefined) {
      limit = toDouble(operand);
    } else break;
  }
  const [first = new Map(), ...others] = filters;
  return {
    selection: {
      filter: others.length === 0 ? first : new Map([['$and', filters]]),
      ...(sort && { sort }),
      ...(skip !== undefined && { skip }),
      ...(limit !== undefined && { limit }),
    },
    rest: stages.slice(at),
  };
}

/** True for a sort by fields, not by what is computed. */
function isPlain(sort: BsonDocument): boolean {
  return [...sort.values()].every((direction) => isNumber(direction));
}

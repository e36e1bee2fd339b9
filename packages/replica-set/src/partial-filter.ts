/** Filters of partial indexes: which there may be, and which queries ask for no more than they keep. */
import { BSONRegExp } from 'bson';
import { type BsonDocument, type BsonValue, isDocument, showValue } from './bson-document.ts';
import { equalValues } from './bson-order.ts';
import { compileQuery, hasOperators } from './matcher.ts';
import { ServerError } from './server-error.ts';

const allowed = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$in', '$exists', '$type']);

/** Refuses (67) a filter that MongoDB allows no partial index; 2 for one that is no query. */
export function requirePartialFilter(filter: BsonDocument): void {
  compileQuery(filter, { now: new Date(0) });
  for (const [name, value] of filter) {
    if ((name === '$and' || name === '$or') && Array.isArray(value)) {
      for (const branch of value) if (isDocument(branch)) requirePartialFilter(branch);
    } else if (name.startsWith('$') || value instanceof BSONRegExp) throw unsupported(name, value);
    else if (hasOperators(value)) {
      for (const [operator, operand] of value) {
        const isAbsence = operator === '$exists' && (operand === false || operand === 0);
        if (!allowed.has(operator) || isAbsence) throw unsupported(name, value);
      }
    }
  }
}

function unsupported(name: string, value: BsonValue): ServerError {
  return new ServerError(
    67,
    `Expression not supported in partial index: ${showValue(new Map([[name, value]]))}`,
  );
}

/**
 * True when every document that passes the query passes the filter too, as far
 * as can be told from the query's own conditions: one field's conditions by
 * themselves, joined by `$and`.
 */
export function isImplied(
  filter: BsonDocument,
  conditions: ReadonlyMap<string, readonly BsonDocument[]>,
): boolean {
  for (const [name, value] of filter) {
    if (name === '$and' && Array.isArray(value)) {
      if (!value.every((branch) => isDocument(branch) && isImplied(branch, conditions)))
        return false;
    } else if (name === '$or' && Array.isArray(value)) {
      if (!value.some((branch) => isDocument(branch) && isImplied(branch, conditions)))
        return false;
    } else if (name.startsWith('$')) return false;
    else {
      const wanted = hasOperators(value) ? value : new Map([['$eq', value]]);
      const given = conditions.get(name) ?? [];
      for (const clause of wanted) {
        if (!given.some((operators) => impliesOperator(operators, clause))) return false;
      }
    }
  }
  return true;
}

function impliesOperator(given: BsonDocument, [operator, operand]: [string, BsonValue]): boolean {
  for (const [name, value] of given) {
    if (name === operator && equalValues(value, operand)) return true;
    // 1 and 1.0 are equal, and yet of different types.
    if (operator === '$type') continue;
    if (name === '$eq' && implies(value, operator, operand)) return true;
    if (name === '$in' && Array.isArray(value) && value.length > 0) {
      if (value.every((each) => implies(each, operator, operand))) return true;
    }
    if (!name.startsWith('$g') && !name.startsWith('$l')) continue;
    const sameWay = operator.startsWith(name.slice(0, 2));
    if ((sameWay || operator === '$exists') && implies(value, operator, operand)) return true;
  }
  return false;
}

/** True when whatever equals the value passes. */
function implies(value: BsonValue, operator: string, operand: BsonValue): boolean {
  // A missing field equals null, and an array or a regular expression more than itself.
  if (value === null || value === undefined) return false;
  if (Array.isArray(value) || value instanceof BSONRegExp) return false;
  return passes(value, operator, operand);
}

function passes(value: BsonValue, operator: string, operand: BsonValue): boolean {
  const test = compileQuery(new Map([['v', new Map([[operator, operand]])]]), { now: new Date(0) });
  return test(new Map([['v', value]]));
}

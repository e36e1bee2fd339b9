/** What an upsert starts from: the fields that the query says are equal to something. */
import { BSONRegExp } from 'bson';
import { type BsonDocument, type BsonValue, cloneValue, isDocument } from '../bson-document.ts';
import { hasOperators } from '../matcher.ts';
import { ServerError } from '../server-error.ts';
import { comparePathParts } from './update-path.ts';
import { arriveAt, createAt, refuseBlocked } from './update-tree.ts';

/**
 * The fields of a new document. A replacement takes the `_id` alone.
 *
 * @throws {ServerError} 54 when the query gives a field two values, 111 when it gives the `_id` by parts to a replacement
 */
export function seedOf(query: BsonDocument, idOnly: boolean): BsonDocument {
  const equalities = new Map<string, BsonValue>();
  for (const [name, value] of equalitiesOf(query)) {
    if (idOnly && name.startsWith('_id.')) {
      throw new ServerError(
        111,
        `field at '_id' must be exactly specified, field at sub-path '${name}' found`,
      );
    }
    if (idOnly && name !== '_id') continue;
    refuseSecond(equalities, name);
    equalities.set(name, value);
  }
  const seed: BsonDocument = new Map();
  for (const [name, value] of [...equalities].sort(([a], [b]) => comparePathParts(a, b))) {
    const arrival = arriveAt(seed, name.split('.'));
    refuseBlocked(arrival);
    createAt(arrival, cloneValue(value));
  }
  return seed;
}

function refuseSecond(equalities: ReadonlyMap<string, BsonValue>, name: string): void {
  for (const other of equalities.keys()) {
    const within = name.startsWith(`${other}.`) || other.startsWith(`${name}.`);
    if (name !== other && !within) continue;
    const [long, short] = name.length > other.length ? [name, other] : [other, name];
    throw new ServerError(
      54,
      `cannot infer query fields to set, ${within ? `both paths '${long}' and '${short}' are matched` : `path '${name}' is matched twice`}`,
    );
  }
}

function equalitiesOf(query: BsonDocument): [string, BsonValue][] {
  return [...query].flatMap(([name, value]): [string, BsonValue][] => {
    if (name === '$and' || (name === '$or' && Array.isArray(value) && value.length === 1)) {
      const branches = Array.isArray(value) ? value.filter(isDocument) : [];
      return branches.flatMap(equalitiesOf);
    }
    if (name.startsWith('$')) return [];
    return valuesGiven(value).map((each) => [name, each]);
  });
}

/** The values that a condition leaves no choice but to be equal to. */
function valuesGiven(condition: BsonValue): BsonValue[] {
  if (condition instanceof BSONRegExp) return [];
  if (!hasOperators(condition)) return [condition];
  return [...condition].flatMap(([operator, operand]) => {
    if (operator === '$eq') return [operand];
    if (!Array.isArray(operand)) return [];
    const isOnly = operator === '$in' && operand.length === 1;
    const isAll = operator === '$all' && !operand.some(hasOperators);
    return isOnly || isAll ? operand.filter((item) => !(item instanceof BSONRegExp)) : [];
  });
}

/** Refuses (224), be there a match or not, a query that no document can be made of. */
export function requireUpsertable(query: BsonDocument): void {
  for (const [name, value] of query) {
    if (name === '$expr') {
      throw new ServerError(224, '$expr is not allowed in the query predicate for an upsert');
    }
    if (!name.startsWith('$') || !Array.isArray(value)) continue;
    for (const branch of value) if (isDocument(branch)) requireUpsertable(branch);
  }
}

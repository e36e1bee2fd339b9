/** Which element a query has met in an array: what the positional `$` means. */
import { BSONRegExp } from 'bson';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import type { ExpressionScope } from './expression.ts';
import { compileQuery, hasOperators, type MatchDetails } from './matcher.ts';

/**
 * Tells, of documents that pass the query, the place of the element that was met last.
 *
 * Of several clauses that go through arrays it is not the last one written that counts: MongoDB
 * puts them in the order of their operators first and then of their fields. What stands in an `$or`
 * meets nothing, unless all of it asks the same field for one of several values.
 */
export function compilePosition(
  query: BsonDocument,
  scope: ExpressionScope,
): (document: BsonDocument) => number | undefined {
  const tests = clausesOf(query)
    .sort((a, b) => rankOf(a) - rankOf(b) || Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0])))
    .map((clause) => compileQuery(new Map([clause]), scope));
  return (document) => {
    const details: MatchDetails = {};
    for (const test of tests) test(document, details);
    return details.position;
  };
}

/** A field, and a value to equal or a single operator. */
type Clause = readonly [name: string, condition: BsonValue];

function clausesOf(query: BsonDocument): Clause[] {
  return [...query].flatMap(([name, value]): Clause[] => {
    if (name === '$and') return documentsIn(value).flatMap(clausesOf);
    if (name === '$or') return ofAlternatives(documentsIn(value));
    if (name.startsWith('$')) return [];
    if (!hasOperators(value)) return [[name, value]];
    return [...value].flatMap(([operator, operand]) =>
      conditionsOf(value, operator, operand).map((each): Clause => [name, each]),
    );
  });
}

function documentsIn(value: BsonValue): BsonDocument[] {
  return Array.isArray(value) ? value.filter(isDocument) : [];
}

/** One that is alone, or a choice of values for one field; nothing of others. */
function ofAlternatives(branches: readonly BsonDocument[]): Clause[] {
  const clauses = branches.map(clausesOf);
  const [first = []] = clauses;
  if (branches.length === 1) return first;
  const name = first[0]?.[0];
  const values = clauses.map(([only, other]) =>
    only === undefined || other !== undefined || only[0] !== name ? undefined : only[1],
  );
  const given = values.map((value) => (isDocument(value) ? value.get('$eq') : value));
  if (name === undefined || given.includes(undefined)) return [];
  return [[name, new Map([['$in', given]])]];
}

/** What an operator says, each condition by itself; nothing of those that deny. */
function conditionsOf(
  operators: BsonDocument,
  operator: string,
  operand: BsonValue,
): (BsonDocument | BSONRegExp)[] {
  if (operator === '$regex') {
    return [new Map([...operators].filter(([name]) => name === '$regex' || name === '$options'))];
  }
  if (operator === '$all') return Array.isArray(operand) ? operand.map(equality) : [];
  if (operator === '$in' && Array.isArray(operand) && operand.length === 1) {
    return operand.map(equality);
  }
  return ranks.has(operator) || operator === '$elemMatch' ? [new Map([[operator, operand]])] : [];
}

function equality(value: BsonValue): BsonDocument | BSONRegExp {
  if (value instanceof BSONRegExp || hasOperators(value)) return value;
  return new Map([['$eq', value]]);
}

const ranks: ReadonlyMap<string, number> = new Map(
  [
    ...['$size', '$eq', '$lte', '$lt', '$gt', '$gte', '$regex', '$mod', '$exists', '$in'],
    ...['$bitsAllSet', '$bitsAllClear', '$bitsAnySet', '$bitsAnyClear', '$type'],
  ].map((name, rank) => [name, rank]),
);

/** `$elemMatch` of documents comes first, that of values next. */
function rankOf([, condition]: Clause): number {
  if (condition instanceof BSONRegExp) return ranks.get('$regex') ?? 0;
  if (!hasOperators(condition)) return ranks.get('$eq') ?? 0;
  const [[operator, operand] = ['', null]] = condition;
  if (operator !== '$elemMatch') return ranks.get(operator) ?? 0;
  const ofValues = hasOperators(operand) && !/^\$(and|or|nor)$/.test([...operand.keys()][0] ?? '');
  return ofValues ? -1 : -2;
}

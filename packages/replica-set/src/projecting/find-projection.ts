/** What only `find` knows in projections: `$slice`, `$elemMatch` and the positional `$`. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { isNumber, toDouble, typeName } from '../bson-order.ts';
import type { ExpressionScope } from '../expression.ts';
import { compilePosition } from '../match-position.ts';
import { compileQuery, type MatchDetails } from '../matcher.ts';
import { ServerError } from '../server-error.ts';
import type { Afterthought } from './projection-tree.ts';

/** @throws {ServerError} 31272, 31257, 31258, 31259, 31273 for what is no slice */
export function sliceAt(path: readonly string[], operand: BsonValue): Afterthought {
  const slice = sliceOf(operand);
  return (after) => changeArrays(after, path, 0, slice);
}

function sliceOf(operand: BsonValue): (array: readonly BsonValue[]) => BsonValue[] {
  if (isNumber(operand)) {
    const count = wholeOf(operand);
    return (array) => (count < 0 ? array.slice(count) : array.slice(0, count));
  }
  if (!Array.isArray(operand)) {
    throw new ServerError(31273, '$slice only supports numbers and [skip, limit] arrays');
  }
  const [skip, limit] = operand;
  if (operand.length !== 2) {
    throw new ServerError(31272, '$slice array argument should be of form [skip, limit]');
  }
  if (!isNumber(skip)) {
    throw new ServerError(
      31257,
      `$slice expects the skip argument to be a number, got ${typeName(skip)}`,
    );
  }
  if (!isNumber(limit)) {
    throw new ServerError(
      31258,
      `$slice expects the limit argument to be a number, got ${typeName(limit)}`,
    );
  }
  const first = wholeOf(skip);
  const count = wholeOf(limit);
  if (count <= 0) throw new ServerError(31259, `$slice limit must be positive, got ${count}`);
  return (array) => {
    const from = first < 0 ? Math.max(0, array.length + first) : first;
    return array.slice(from, from + count);
  };
}

/** As an int32, which is what the server takes of such a number. */
function wholeOf(value: Parameters<typeof toDouble>[0]): number {
  const number = Math.trunc(toDouble(value));
  if (Number.isNaN(number)) return 0;
  return Math.min(Math.max(number, -(2 ** 31)), 2 ** 31 - 1);
}

/** Changes the arrays that a path ends at, through documents in arrays. */
function changeArrays(
  document: BsonDocument,
  path: readonly string[],
  at: number,
  change: (array: readonly BsonValue[]) => BsonValue[],
): void {
  const name = path[at] ?? '';
  const value = document.get(name);
  if (at === path.length - 1) {
    if (Array.isArray(value)) document.set(name, change(value));
    return;
  }
  const inside = (inner: BsonValue): BsonValue => {
    if (!isDocument(inner)) return inner;
    const copy = new Map(inner);
    changeArrays(copy, path, at + 1, change);
    return copy;
  };
  if (isDocument(value)) document.set(name, inside(value));
  else if (Array.isArray(value)) document.set(name, value.map(inside));
}

/** Gives the first element that passes, as an array of one; without such an element the field is not there. */
export function elementMatching(
  name: string,
  operand: BsonValue,
  scope: ExpressionScope,
): Afterthought {
  if (!isDocument(operand)) {
    throw new ServerError(
      31274,
      `elemMatch: Invalid argument, object required, but got ${typeName(operand)}`,
    );
  }
  const query: BsonDocument = new Map([[name, new Map([['$elemMatch', operand]])]]);
  const test = compileQuery(query, scope, { plain: true });
  return (after, before) => {
    const details: MatchDetails = {};
    const array = before.get(name);
    const found = test(before, details) && Array.isArray(array) && details.position !== undefined;
    if (found) after.set(name, [array[details.position ?? 0]]);
    else after.delete(name);
  };
}

/** Leaves, of the first array on the path, the element that the query met; throws 51246 when it met none, 51247 when it is not in this one. */
export function elementMet(
  path: readonly string[],
  query: BsonDocument,
  scope: ExpressionScope,
): (document: BsonDocument) => BsonDocument {
  const positionIn = compilePosition(query, scope);
  return (document) => withElement(document, path, () => positionIn(document));
}

function withElement(
  document: BsonDocument,
  [name = '', ...rest]: readonly string[],
  positionOf: () => number | undefined,
): BsonDocument {
  const value = document.get(name);
  if (Array.isArray(value)) return new Map(document).set(name, [elementOf(value, positionOf())]);
  if (!isDocument(value) || rest.length === 0) return document;
  return new Map(document).set(name, withElement(value, rest, positionOf));
}

function elementOf(array: readonly BsonValue[], position: number | undefined): BsonValue {
  if (position === undefined) {
    throw new ServerError(
      51246,
      "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
    );
  }
  if (position < array.length) return array[position];
  throw new ServerError(
    51247,
    "Executor error during find command :: caused by :: positional operator '.$' element mismatch",
  );
}

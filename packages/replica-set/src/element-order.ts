/** The order that `$push` and `$sortArray` are told for the elements of an array. */
import { type BsonValue, isDocument } from './bson-document.ts';
import { compareValues, isNumber, type StringOrder, toDouble } from './bson-order.ts';
import { valueAt } from './field-path.ts';
import { ServerError } from './server-error.ts';

type ElementOrder = (a: BsonValue, b: BsonValue, order?: StringOrder) => number;

/**
 * By the whole elements (`1`, `-1`), or by fields of those that are documents, of which an array
 * counts as a whole. Throws 2 for what is no order.
 */
export function elementOrder(sort: BsonValue): ElementOrder {
  if (!isDocument(sort)) {
    if (!isNumber(sort)) {
      throw new ServerError(
        2,
        'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
      );
    }
    const direction = directionOf(sort);
    return (a, b, order) => compareValues(a, b, order) * direction;
  }
  if (sort.size === 0) {
    throw new ServerError(2, 'The $sort pattern is empty when it should be a set of fields.');
  }
  const keys = [...sort].map(([name, value]) => {
    const direction = directionOf(value);
    if (name === '') throw new ServerError(2, 'The $sort field cannot be empty');
    const path = name.split('.');
    if (path.includes('')) {
      throw new ServerError(2, `The $sort field is a dotted field but has an empty part: ${name}`);
    }
    return { path, direction };
  });
  return (a, b, order) => {
    for (const { path, direction } of keys) {
      const difference = compareValues(keyOf(a, path), keyOf(b, path), order);
      if (difference !== 0) return difference * direction;
    }
    return 0;
  };
}

function directionOf(value: BsonValue): number {
  const direction = isNumber(value) ? toDouble(value) : 0;
  if (direction === 1 || direction === -1) return direction;
  throw new ServerError(2, 'The $sort element value must be either 1 or -1');
}

/** What an element sorts by: null when it is no document, or has no such field. */
function keyOf(element: BsonValue, path: readonly string[]): BsonValue {
  return isDocument(element) ? (valueAt(element, path) ?? null) : null;
}

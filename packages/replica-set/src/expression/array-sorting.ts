/** `$sortArray`. */
import { type BsonValue, isDocument } from '../bson-document.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import { compareBySort, compileSort } from '../sort.ts';
import { type Context, collated, type Operators } from './context.ts';
import { compareIn, type Evaluator, type ExpressionScope, isNullish, nameOf } from './evaluator.ts';
import { namedOperands } from './operands.ts';

export const arraySortingOperators: Operators = { $sortArray: collated(compileSortArray) };

type Order = (a: BsonValue, b: BsonValue, scope: ExpressionScope) => number;

function compileSortArray(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$sortArray', operand, {
    object: 2942500,
    unknown: 2942501,
    required: { input: 2942502, sortBy: 2942503 },
  });
  const input = context.compile(named.get('input'));
  const order = orderOf(named.get('sortBy'));
  return (scope) => {
    const items = input(scope);
    if (isNullish(items)) return null;
    if (!Array.isArray(items)) {
      throw new ServerError(
        2942504,
        `The input argument to $sortArray must be an array, but was of type: ${nameOf(items)}`,
      );
    }
    // Array.prototype.sort puts undefined last without asking, so that places are sorted.
    const places = items.map((_, place) => place);
    places.sort((a, b) => order(items[a], items[b], scope) || a - b);
    return places.map((place) => items[place]);
  };
}

/** By the whole elements, or by fields of those that are documents; the others count as empty. */
function orderOf(sortBy: BsonValue): Order {
  if (isNumber(sortBy)) {
    const direction = toDouble(sortBy);
    if (direction === 1 || direction === -1) {
      return (a, b, scope) => compareIn(scope, a, b) * direction;
    }
    throw new ServerError(2942505, '$sortArray: sortBy must be 1, -1 or an object');
  }
  if (!isDocument(sortBy)) {
    throw new ServerError(2942507, 'The $sortArray sortBy argument must be an object, 1 or -1');
  }
  const keys = compileSort(sortBy);
  const fields = (item: BsonValue) => (isDocument(item) ? item : new Map<string, BsonValue>());
  return (a, b, scope) => compareBySort(keys, fields(a), fields(b), scope.collator);
}

/** `$sortArray`. */
import type { BsonValue } from '../bson-document.ts';
import { elementOrder } from '../element-order.ts';
import { ServerError } from '../server-error.ts';
import { type Context, collated, type Operators } from './context.ts';
import { type Evaluator, isNullish, nameOf } from './evaluator.ts';
import { namedOperands } from './operands.ts';

export const arraySortingOperators: Operators = { $sortArray: collated(compileSortArray) };

function compileSortArray(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$sortArray', operand, {
    object: 2942500,
    unknown: 2942501,
    required: { input: 2942502, sortBy: 2942503 },
  });
  const input = context.compile(named.get('input'));
  const order = elementOrder(named.get('sortBy'));
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
    places.sort((a, b) => order(items[a], items[b], scope.collator));
    return places.map((place) => items[place]);
  };
}

/** Arrays as sets: `$setUnion` and its kin, `$allElementsTrue`, `$anyElementTrue`. */
import type { BsonValue } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { collated, type Operators } from './context.ts';
import {
  compareIn,
  type ExpressionScope,
  type ExpressionValue,
  isNullish,
  isTruthy,
  nameOf,
} from './evaluator.ts';
import { binary, unary, variadic } from './operands.ts';

export const setOperators: Operators = {
  $allElementsTrue: unary('$allElementsTrue', (items) =>
    elementsOf(17040, "$allElementsTrue's argument must be an array, but is", items).every(
      isTruthy,
    ),
  ),
  $anyElementTrue: unary('$anyElementTrue', (items) =>
    elementsOf(17041, "$anyElementTrue's argument must be an array, but is", items).some(isTruthy),
  ),
  $setDifference: collated(binary('$setDifference', difference)),
  $setEquals: collated(
    variadic(
      (operands) => (scope) => {
        const sets = operands.map((operand) => setOf(equalsItems(operand(scope)), scope));
        const [first = [], ...others] = sets;
        return others.every((other) => sameItems(first, other, scope));
      },
      (count) => {
        if (count < 2) {
          throw new ServerError(17045, `$setEquals needs at least two arguments had: ${count}`);
        }
      },
    ),
  ),
  $setIntersection: collated(
    variadic((operands) => (scope) => {
      let common: BsonValue[] | undefined;
      for (const operand of operands) {
        const items = operand(scope);
        if (isNullish(items)) return null;
        const set = setOf(elementsOf(17047, allMustBe('$setIntersection'), items), scope);
        common = common === undefined ? set : common.filter((item) => has(set, item, scope));
      }
      return common ?? [];
    }),
  ),
  $setIsSubset: collated(
    binary('$setIsSubset', (items, others, scope) => {
      const part = elementsOf(17046, bothMustBe('$setIsSubset', 'First'), items);
      const whole = setOf(elementsOf(17042, bothMustBe('$setIsSubset', 'Second'), others), scope);
      return part.every((item) => has(whole, item, scope));
    }),
  ),
  $setUnion: collated(
    variadic((operands) => (scope) => {
      const all: BsonValue[] = [];
      for (const operand of operands) {
        const items = operand(scope);
        if (isNullish(items)) return null;
        for (const item of elementsOf(17043, allMustBe('$setUnion'), items)) all.push(item);
      }
      return setOf(all, scope);
    }),
  ),
};

function allMustBe(name: string): string {
  return `All operands of ${name} must be arrays. One argument is of type:`;
}

function bothMustBe(name: string, which: string): string {
  return `both operands of ${name} must be arrays. ${which} argument is of type:`;
}

function elementsOf(code: number, refusal: string, items: ExpressionValue): BsonValue[] {
  if (Array.isArray(items)) return items;
  throw new ServerError(code, `${refusal} ${nameOf(items)}`);
}

function equalsItems(items: ExpressionValue): BsonValue[] {
  return elementsOf(17044, allMustBe('$setEquals'), items);
}

/** The elements in order, each once; of equal ones the first. */
function setOf(items: readonly BsonValue[], scope: ExpressionScope): BsonValue[] {
  return placesOf(items, scope).map((place) => items[place]);
}

/** Where the elements of a set stand in an array, in the order of the elements. */
function placesOf(items: readonly BsonValue[], scope: ExpressionScope): number[] {
  const places = items.map((_, place) => place);
  places.sort((a, b) => compareIn(scope, items[a], items[b]) || a - b);
  return places.filter((place, at) => {
    const before = places[at - 1];
    return before === undefined || compareIn(scope, items[before], items[place]) !== 0;
  });
}

/** True when a sorted set holds the item. */
function has(set: readonly BsonValue[], item: BsonValue, scope: ExpressionScope): boolean {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compareIn(scope, set[middle], item);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

function sameItems(
  a: readonly BsonValue[],
  b: readonly BsonValue[],
  scope: ExpressionScope,
): boolean {
  return a.length === b.length && a.every((item, index) => compareIn(scope, item, b[index]) === 0);
}

/** In the order of the first array. */
function difference(
  items: ExpressionValue,
  others: ExpressionValue,
  scope: ExpressionScope,
): ExpressionValue {
  if (isNullish(items) || isNullish(others)) return null;
  const left = elementsOf(17048, bothMustBe('$setDifference', 'First'), items);
  const right = setOf(elementsOf(17049, bothMustBe('$setDifference', 'Second'), others), scope);
  return placesOf(left, scope)
    .filter((place) => !has(right, left[place], scope))
    .sort((a, b) => a - b)
    .map((place) => left[place]);
}

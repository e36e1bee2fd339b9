/** Expression operators applied to values that are at hand already. */
import type { BsonValue } from '../bson-document.ts';
import { type Evaluator, nullIfMissing } from '../expression/evaluator.ts';
import { newContext } from '../expression.ts';

const scope = { now: new Date(0) };

/** An operator over two values, as a function: the same results and errors as in an expression. */
export function valueOperation(operator: string): (a: BsonValue, b: BsonValue) => BsonValue {
  return operation((a, b) => new Map([[operator, [a, b]]]));
}

/** The decimal of a value: `$toDecimal`. */
export function toDecimal(value: BsonValue): BsonValue {
  return converted(value, null);
}

const converted = operation((value) => new Map([['$toDecimal', value]]));

/** The date so many units later: `$dateAdd` in UTC. */
export function dateAddition(unit: string): (start: BsonValue, amount: BsonValue) => BsonValue {
  return operation((startDate, amount) => {
    const operand = new Map<string, BsonValue>([
      ['startDate', startDate],
      ['unit', unit],
      ['amount', amount],
    ]);
    return new Map([['$dateAdd', operand]]);
  });
}

/** Compiled when it is first used: most members never do. */
function operation(
  expressionOf: (a: string, b: string) => BsonValue,
): (a: BsonValue, b: BsonValue) => BsonValue {
  const left = { value: null as BsonValue };
  const right = { value: null as BsonValue };
  let evaluate: Evaluator | undefined;
  return (a, b) => {
    evaluate ??= newContext({})
      .with([
        ['a', left],
        ['b', right],
      ])
      .compile(expressionOf('$$a', '$$b'));
    left.value = a;
    right.value = b;
    return nullIfMissing(evaluate(scope));
  };
}

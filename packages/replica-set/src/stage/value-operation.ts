/** Expression operators applied to values that are at hand already. */
import type { BsonValue } from '../bson-document.ts';
import { compileExpression, missing } from '../expression.ts';

const now = new Date(0);

/** An operator over a list, as a function of values: the same results and errors as in an expression. */
export function valueOperation(operator: string): (...values: BsonValue[]) => BsonValue {
  return compiled((names) => new Map([[operator, names]]));
}

/** The date so many units later: `$dateAdd` in UTC. */
export function dateAddition(unit: string): (start: BsonValue, amount: BsonValue) => BsonValue {
  return compiled(
    ([startDate, amount]) =>
      new Map([
        [
          '$dateAdd',
          new Map<string, BsonValue>([
            ['startDate', startDate],
            ['unit', unit],
            ['amount', amount],
          ]),
        ],
      ]),
  );
}

function compiled(
  expressionOf: (names: string[]) => BsonValue,
): (...values: BsonValue[]) => BsonValue {
  const byCount = new Map<number, ReturnType<typeof compileExpression>>();
  return (...values) => {
    let evaluate = byCount.get(values.length);
    if (evaluate === undefined) {
      evaluate = compileExpression(expressionOf(values.map((_, index) => `$$v${index}`)));
      byCount.set(values.length, evaluate);
    }
    const variables = new Map(values.map((value, index) => [`v${index}`, value]));
    const result = evaluate({ now, variables });
    return result === missing ? null : result;
  };
}

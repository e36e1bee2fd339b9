/** `$sum`, `$avg`, `$stdDevPop`, `$stdDevSamp`. */
import { asDouble } from '../arithmetic.ts';
import { type BsonNumber, isNumber, toDouble } from '../bson-order.ts';
import { finite, toDecimal128 } from '../decimal/decimal.ts';
import { divideDecimals } from '../decimal/decimal-arithmetic.ts';
import { type ExpressionValue, missing } from '../expression/evaluator.ts';
import { numberKind } from '../expression/number-kind.ts';
import type { Accumulator } from './accumulator.ts';
import { NumberTotal } from './number-total.ts';

function numbersOnly(
  take: (value: BsonNumber, times: 1 | -1) => void,
): Pick<Accumulator, 'add' | 'remove'> {
  const apply = (value: ExpressionValue, times: 1 | -1) => {
    if (value !== missing && isNumber(value)) take(value, times);
  };
  return { add: (value) => apply(value, 1), remove: (value) => apply(value, -1) };
}

/** The sum of the numbers; 0 of none. */
export function sum(): Accumulator {
  const total = new NumberTotal();
  return {
    ...numbersOnly((value, times) => total.add(value, times)),
    result: () => total.value(),
  };
}

/** The mean of the numbers; null of none. */
export function average(): Accumulator {
  const total = new NumberTotal();
  return {
    ...numbersOnly((value, times) => total.add(value, times)),
    result() {
      const { count, kind } = total;
      if (count === 0) return null;
      return kind === numberKind.decimal
        ? toDecimal128(divideDecimals(total.decimal(), finite(BigInt(count))))
        : asDouble(total.double() / count);
    },
  };
}

/** The deviation of a whole population, or of a sample; by Welford's method. */
export function standardDeviation(of: 'population' | 'sample'): Accumulator {
  const spare = of === 'sample' ? 1 : 0;
  let count = 0;
  let mean = 0;
  let squares = 0;
  let endless = 0;
  return {
    ...numbersOnly((number, times) => {
      const value = toDouble(number);
      count += times;
      if (!Number.isFinite(value)) {
        endless += times;
        return;
      }
      const finiteCount = count - endless;
      if (finiteCount === 0) {
        mean = 0;
        squares = 0;
        return;
      }
      const distance = value - mean;
      mean += (times * distance) / finiteCount;
      squares = Math.max(0, squares + times * distance * (value - mean));
    }),
    result() {
      if (count <= spare) return null;
      return asDouble(endless > 0 ? Number.NaN : Math.sqrt(squares / (count - spare)));
    },
  };
}

/** `$sum`, `$avg`, `$stdDevPop`, `$stdDevSamp`. */
import { asDouble } from '../arithmetic.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import { finite, toDecimal128 } from '../decimal/decimal.ts';
import { divideDecimals } from '../decimal/decimal-arithmetic.ts';
import { type ExpressionValue, missing } from '../expression/evaluator.ts';
import { numberKind } from '../expression/number-kind.ts';
import type { Accumulator } from './accumulator.ts';
import { NumberTotal } from './number-total.ts';

function summing(total: NumberTotal): Required<Pick<Accumulator, 'add' | 'remove'>> {
  const apply = (value: ExpressionValue, times: 1 | -1) => {
    if (value !== missing && isNumber(value)) total.add(value, times);
  };
  return { add: (value) => apply(value, 1), remove: (value) => apply(value, -1) };
}

/** The sum of the numbers; 0 of none. */
export function sum(): Accumulator {
  const total = new NumberTotal();
  return { ...summing(total), result: () => total.value() };
}

/** The mean of the numbers; null of none. */
export function average(): Accumulator {
  const total = new NumberTotal();
  return {
    ...summing(total),
    result() {
      const { count, kind } = total;
      if (count === 0) return null;
      return kind === numberKind.decimal
        ? toDecimal128(divideDecimals(total.decimal(), finite(BigInt(count))))
        : asDouble(total.double() / count);
    },
  };
}

/**
 * The deviation of a whole population, or of a sample; by Welford's method, which
 * loses digits when numbers are taken out again, so that none can be.
 */
export function standardDeviation(of: 'population' | 'sample'): Accumulator {
  const spare = of === 'sample' ? 1 : 0;
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    add(number) {
      if (number === missing || !isNumber(number)) return;
      const value = toDouble(number);
      count += 1;
      const distance = value - mean;
      mean += distance / count;
      squares += distance * (value - mean);
    },
    result: () => (count <= spare ? null : asDouble(Math.sqrt(squares / (count - spare)))),
  };
}

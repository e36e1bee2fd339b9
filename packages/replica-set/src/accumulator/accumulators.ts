/** The accumulators. */
import { addNumbers, asDouble } from '../arithmetic.ts';
import type { BsonValue } from '../bson-document.ts';
import { compareValues, equalValues, isNumber, toDouble } from '../bson-order.ts';
import { missing } from '../expression/evaluator.ts';
import type { Accumulator } from './accumulator.ts';

export function sum(): Accumulator {
  let total: ReturnType<typeof addNumbers> = 0;
  return {
    add(value) {
      if (value !== missing && isNumber(value)) total = addNumbers(total, value);
    },
    result: () => total,
  };
}

export function average(): Accumulator {
  let total = 0;
  let count = 0;
  return {
    add(value) {
      if (value === missing || !isNumber(value)) return;
      total += toDouble(value);
      count += 1;
    },
    result: () => (count === 0 ? null : asDouble(total / count)),
  };
}

export function extreme(sign: number): Accumulator {
  let best: BsonValue = null;
  return {
    add(value) {
      if (value === missing || value === null || value === undefined) return;
      if (best === null || compareValues(value, best) * sign > 0) best = value;
    },
    result: () => best,
  };
}

export function first(): Accumulator {
  let kept: BsonValue;
  let any = false;
  return {
    add(value) {
      if (!any) kept = value === missing ? null : value;
      any = true;
    },
    result: () => kept ?? null,
  };
}

export function last(): Accumulator {
  let kept: BsonValue = null;
  return {
    add(value) {
      kept = value === missing ? null : value;
    },
    result: () => kept,
  };
}

export function push(): Accumulator {
  const values: BsonValue[] = [];
  return {
    add(value) {
      if (value !== missing) values.push(value);
    },
    result: () => values,
  };
}

export function addToSet(): Accumulator {
  const values: BsonValue[] = [];
  return {
    add(value) {
      if (value !== missing && !values.some((other) => equalValues(other, value)))
        values.push(value);
    },
    result: () => values,
  };
}

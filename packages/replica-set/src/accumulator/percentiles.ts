/** `$percentile` and `$median`: exact, by rank, where MongoDB's are approximate. */
import { asDouble } from '../arithmetic.ts';
import type { BsonValue } from '../bson-document.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import type { Context } from '../expression/context.ts';
import { constantValue, isConstant } from '../expression/context.ts';
import { missing, nameOf } from '../expression/evaluator.ts';
import { namedOperands } from '../expression/operands.ts';
import { ServerError } from '../server-error.ts';
import type { Accumulator, CompiledAccumulator } from './accumulator.ts';

/** For each share the least number that as large a part of the numbers does not exceed; nulls of none. */
function percentiles(shares: readonly number[]): Accumulator {
  const numbers: number[] = [];
  return {
    add(value) {
      if (value === missing || !isNumber(value)) return;
      const number = toDouble(value);
      if (!Number.isNaN(number)) numbers.push(number);
    },
    result() {
      numbers.sort((a, b) => a - b);
      return shares.map((share) => {
        const rank = Math.max(0, Math.ceil(numbers.length * share) - 1);
        const number = numbers[rank];
        return number === undefined ? null : asDouble(number);
      });
    },
  };
}

function median(): Accumulator {
  const half = percentiles([0.5]);
  return { ...half, result: () => (half.result() as BsonValue[])[0] };
}

const objectCodes = { $percentile: 7429703, $median: 7436100 } as const;

/** Compiles the operand of either, for stages and expressions. */
export function compilePercentile(
  name: '$percentile' | '$median',
  operand: BsonValue,
  context: Context,
): CompiledAccumulator {
  const isMedian = name === '$median';
  const named = namedOperands(name, operand, {
    object: objectCodes[name],
    unknown: 40415,
    required: { input: 40414, ...(!isMedian && { p: 40414 }), method: 40414 },
  });
  const method = named.get('method');
  if (typeof method !== 'string') {
    throw new ServerError(
      14,
      `BSON field '${name}.method' is the wrong type '${nameOf(method)}', expected type 'string'`,
    );
  }
  if (method !== 'approximate') {
    throw new ServerError(2, "Currently only 'approximate' can be used as percentile 'method'.");
  }
  const evaluate = context.compile(named.get('input'));
  if (isMedian) return { evaluate, start: median };
  const shares = sharesOf(named.get('p'), context);
  return { evaluate, start: () => percentiles(shares) };
}

function sharesOf(given: BsonValue, context: Context): number[] {
  const evaluate = context.compile(given);
  if (!isConstant(evaluate)) {
    throw new ServerError(7750300, "The $percentile 'p' field must be an array of constant values");
  }
  const refusal = "The $percentile 'p' field must be an array of numbers from [0.0, 1.0]";
  const values = constantValue(evaluate);
  if (!Array.isArray(values) || values.length === 0) throw new ServerError(7750301, refusal);
  return values.map((value) => {
    if (!isNumber(value)) throw new ServerError(7750302, refusal);
    const share = toDouble(value);
    if (share >= 0 && share <= 1) return share;
    throw new ServerError(7750303, refusal);
  });
}

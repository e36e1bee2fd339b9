/** `$derivative` and `$integral`: how fast a value changes, and what it adds up to, along `sortBy`. */
import type { Accumulator } from '../../accumulator.ts';
import { asDouble } from '../../arithmetic.ts';
import { type BsonValue, isDocument } from '../../bson-document.ts';
import { isNumber, toDouble, typeName } from '../../bson-order.ts';
import {
  compileExpression,
  type Evaluator,
  missing,
  type VariableScope,
} from '../../expression.ts';
import { ServerError } from '../../server-error.ts';
import { rooted } from '../stage.ts';
import { valueOperation } from '../value-operation.ts';
import { endpointsOf, type WindowBounds } from './bounds.ts';
import type { Partition, WindowFunction } from './partition.ts';
import { overWindows } from './sliding.ts';
import { parseTimeUnit } from './time-unit.ts';

const add = valueOperation('$add');
const subtract = valueOperation('$subtract');
const multiply = valueOperation('$multiply');
const divide = valueOperation('$divide');

interface RateSpec {
  readonly input: Evaluator;
  /** In milliseconds. */
  readonly unit: number | undefined;
}

function parseRate(operator: string, operand: BsonValue, around: VariableScope): RateSpec {
  if (!isDocument(operand)) {
    throw new ServerError(9, `${operator} expects an object, but got a ${typeName(operand)}`);
  }
  let unit: number | undefined;
  for (const [name, value] of operand) {
    if (name === 'unit') {
      if (typeof value !== 'string') {
        throw new ServerError(9, `unit' must be a string, but got ${typeName(value)}`);
      }
      unit = parseTimeUnit(value);
      if (Number.isNaN(unit)) throw new ServerError(5490710, "unit must be 'week' or smaller");
    } else if (name !== 'input') {
      throw new ServerError(9, `${operator} got unexpected argument: ${name}`);
    }
  }
  if (!operand.has('input')) {
    throw new ServerError(9, `${operator} requires an 'input' expression`);
  }
  return { input: compileExpression(operand.get('input'), around), unit };
}

function inputsOf({ input }: RateSpec, { documents, scope }: Partition): BsonValue[] {
  return documents.map((document) => {
    const value = input(rooted(scope, document));
    return value === missing ? undefined : value;
  });
}

export function derivative(
  operand: BsonValue,
  bounds: WindowBounds,
  around: VariableScope,
): WindowFunction {
  const spec = parseRate('$derivative', operand, around);
  return (partition) => {
    const values = inputsOf(spec, partition);
    const { sortValues } = partition;
    const endpoints = endpointsOf(bounds, partition);
    return values.map((_, current) => {
      const window = endpoints(current);
      if (window === undefined) return null;
      const { first, last } = window;
      checkTimes([sortValues[first], sortValues[last]], spec.unit);
      const run = subtract(sortValues[last], sortValues[first]);
      const rise = [values[last], values[first]].some(isNullish)
        ? null
        : subtract(values[last], values[first]);
      if (rise === null) {
        throw new ServerError(5624903, '$derivative input must not be null or missing');
      }
      if (isNumber(run) && toDouble(run) === 0) return null;
      const slope = divide(rise, run);
      return spec.unit === undefined ? slope : multiply(slope, spec.unit);
    });
  };
}

function isNullish(value: BsonValue): boolean {
  return value === null || value === undefined;
}

function checkTimes(times: readonly BsonValue[], unit: number | undefined): void {
  const dates = times.filter((time) => time instanceof Date).length;
  if (unit !== undefined) {
    if (dates === times.length) return;
    throw new ServerError(5624900, "$derivative with 'unit' expects the sortBy field to be a Date");
  }
  if (dates > 0) {
    throw new ServerError(5624901, "$derivative where the sortBy is a Date requires an 'unit'");
  }
  if (!times.every(isNumber)) {
    throw new ServerError(
      5624902,
      "$derivative (with no 'unit') expects the sortBy field to be numeric",
    );
  }
}

export function integral(
  operand: BsonValue,
  bounds: WindowBounds,
  around: VariableScope,
): WindowFunction {
  const spec = parseRate('$integral', operand, around);
  return (partition) => {
    const points = inputsOf(spec, partition).map((value, index): BsonValue[] => {
      const time = partition.sortValues[index];
      checkPoint(time, value, spec.unit);
      return [time, value];
    });
    return overWindows(partition, bounds, points, () => areaBelow(spec.unit));
  };
}

/** The area below the line through points, by the trapezoidal rule. */
function areaBelow(unit: number | undefined): Accumulator {
  let area: BsonValue = 0;
  let last: BsonValue[] | undefined;
  let endless = false;
  return {
    add(point) {
      const [time, value] = point as BsonValue[];
      if (isNaNValue(time) || isNaNValue(value)) endless = true;
      if (last !== undefined && !endless) {
        const width = subtract(time, last[0]);
        area = add(area, divide(multiply(add(value, last[1]), width), asDouble(2)));
      }
      last = [time, value];
    },
    result() {
      if (last === undefined) return null;
      if (endless) return Number.NaN;
      return unit === undefined ? area : divide(area, unit);
    },
  };
}

function isNaNValue(value: BsonValue): boolean {
  return isNumber(value) && Number.isNaN(toDouble(value));
}

function checkPoint(time: BsonValue, value: BsonValue, unit: number | undefined): void {
  if (!isNumber(value) || !(isNumber(time) || time instanceof Date)) {
    throw new ServerError(
      5423900,
      'The input value of $integral window function must be a vector of 2 value, the first value must be numeric or date type and the second must be numeric.',
    );
  }
  if (unit !== undefined && !(time instanceof Date)) {
    throw new ServerError(
      5423901,
      "$integral with 'outputUnit' expects the sortBy field to be a Date",
    );
  }
  if (unit === undefined && !isNumber(time)) {
    throw new ServerError(
      5423902,
      "$integral (with no 'outputUnit') expects the sortBy field to be numeric",
    );
  }
}

/** `$locf` and `$linearFill`: values for documents that have none, from those around them. */
import type { BsonValue } from '../../bson-document.ts';
import { compareValues, isNumber, rankOf, typeName } from '../../bson-order.ts';
import { compileExpression, missing, type VariableScope } from '../../expression.ts';
import { ServerError } from '../../server-error.ts';
import { rooted } from '../stage.ts';
import { valueOperation } from '../value-operation.ts';
import type { Partition, WindowFunction } from './partition.ts';

/** Of each document what the expression gives, nothing for null and missing. */
function inputsOf(
  operand: BsonValue,
  around: VariableScope,
): (partition: Partition) => BsonValue[] {
  const evaluate = compileExpression(operand, around);
  return ({ documents, scope }) =>
    documents.map((document) => {
      const value = evaluate(rooted(scope, document));
      return value === missing || value === null ? undefined : value;
    });
}

/** The last value before: "last observation carried forward". */
export function carriedForward(operand: BsonValue, around: VariableScope): WindowFunction {
  const inputs = inputsOf(operand, around);
  return (partition) => {
    let last: BsonValue = null;
    return inputs(partition).map((value) => {
      if (value !== undefined) last = value;
      return last;
    });
  };
}

const add = valueOperation('$add');
const subtract = valueOperation('$subtract');
const multiply = valueOperation('$multiply');
const divide = valueOperation('$divide');

/** A value on the straight line between the nearest ones before and behind, along `sortBy`. */
export function linearFill(operand: BsonValue, around: VariableScope): WindowFunction {
  const inputs = inputsOf(operand, around);
  return (partition) => {
    const { sortValues } = partition;
    const values = inputs(partition);
    for (const [index, value] of values.entries()) checkPoint(sortValues, index, value);
    const filled: BsonValue[] = [];
    let before = -1;
    let behind = -1;
    for (const [index, value] of values.entries()) {
      if (value !== undefined) {
        before = index;
        filled.push(value);
        continue;
      }
      while (behind < values.length && (behind <= index || values[behind] === undefined)) {
        behind += 1;
      }
      if (before < 0 || behind === values.length) {
        filled.push(null);
        continue;
      }
      const rise = subtract(values[behind], values[before]);
      const run = subtract(sortValues[behind], sortValues[before]);
      const distance = subtract(sortValues[index], sortValues[before]);
      filled.push(add(values[before], multiply(distance, divide(rise, run))));
    }
    return filled;
  };
}

function checkPoint(sortValues: readonly BsonValue[], index: number, value: BsonValue): void {
  if (value !== undefined && !isNumber(value)) {
    throw new ServerError(
      14,
      `Value to be filled must be numeric or nullish, but found ${typeName(value)}`,
    );
  }
  const place = sortValues[index];
  if (!isNumber(place) && !(place instanceof Date)) {
    throw new ServerError(
      14,
      `Value of the sortBy field must be numeric or a date, but found ${typeName(place)}`,
    );
  }
  if (index === 0) return;
  const previous = sortValues[index - 1];
  if (compareValues(place, previous) === 0) {
    throw new ServerError(6050106, 'There can be no repeated values in the sort field');
  }
  if (rankOf(place) !== rankOf(previous)) {
    throw new ServerError(
      14,
      `Conflicting sort value types, previously received type ${typeName(previous)}, but found ${typeName(place)}`,
    );
  }
}

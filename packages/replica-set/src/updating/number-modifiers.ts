/** Operators that reckon: `$inc`, `$mul`, `$bit`. */
import { addNumbers, multiplyNumbers } from '../arithmetic.ts';
import { type BsonValue, isDocument, isInt32, showValue } from '../bson-document.ts';
import { type BsonNumber, isNumber, typeName } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import type { ModifierReader } from './modifier.ts';

function arithmetic(operator: string, verb: string, combine: typeof addNumbers): ModifierReader {
  return (operand, _scope, name) => {
    if (!isNumber(operand)) {
      throw new ServerError(
        14,
        `Cannot ${verb} with non-numeric argument: {${name}: ${showValue(operand)}}`,
      );
    }
    const reckon = (value: BsonNumber): BsonNumber => {
      try {
        return combine(value, operand);
      } catch (error) {
        if (!(error instanceof ServerError) || error.code !== 2) throw error;
        throw new ServerError(
          2,
          `Failed to apply ${operator} operations to current value (${typeName(value)} ${String(value)}) of '${name}': it would overflow`,
        );
      }
    };
    return {
      change(value, path) {
        if (isNumber(value)) return reckon(value);
        throw new ServerError(
          14,
          `Cannot apply ${operator} to a value of non-numeric type. The field '${path}' has non-numeric type ${typeName(value)}`,
        );
      },
      create: () => (operator === '$mul' ? reckon(0) : operand),
    };
  };
}

export const inc: ModifierReader = arithmetic('$inc', 'increment', addNumbers);
export const mul: ModifierReader = arithmetic('$mul', 'multiply', multiplyNumbers);

const bitOperations: ReadonlyMap<string, (a: bigint, b: bigint) => bigint> = new Map([
  ['and', (a: bigint, b: bigint) => a & b],
  ['or', (a: bigint, b: bigint) => a | b],
  ['xor', (a: bigint, b: bigint) => a ^ b],
]);

/** An int stays one as long as all operands are. */
export const bit: ModifierReader = (operand) => {
  if (!isDocument(operand)) {
    throw new ServerError(
      2,
      `The $bit modifier is not compatible with a ${typeName(operand)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  const steps = [...operand].map(([name, value]) => {
    const operation = bitOperations.get(name);
    if (operation === undefined) {
      throw new ServerError(
        2,
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${name}: ${showValue(value)}}`,
      );
    }
    if (isIntegral(value)) return (current: number | bigint) => combined(operation, current, value);
    throw new ServerError(
      2,
      `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(value)}' is not supported here: {${name}: ${showValue(value)}}`,
    );
  });
  if (steps.length === 0) {
    throw new ServerError(
      2,
      'You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}',
    );
  }
  const run = (value: number | bigint): number | bigint =>
    steps.reduce((current, step) => step(current), value);
  return {
    change(value, name) {
      if (isIntegral(value)) return run(value);
      throw new ServerError(
        2,
        `Cannot apply $bit to a value of non-integral type. The field '${name}' has non-integer type ${typeName(value)}`,
      );
    },
    create: () => run(0),
  };
};

function isIntegral(value: BsonValue): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && isInt32(value));
}

function combined(
  operation: (a: bigint, b: bigint) => bigint,
  a: number | bigint,
  b: number | bigint,
): number | bigint {
  const result = operation(BigInt(a), BigInt(b));
  return typeof a === 'number' && typeof b === 'number' ? Number(result) : result;
}

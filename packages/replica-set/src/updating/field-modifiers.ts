/** Operators that give a field a value: `$set`, `$unset`, `$min`, `$max`, `$currentDate`. */
import { Timestamp } from 'bson';
import { type BsonValue, isDocument } from '../bson-document.ts';
import { compareValues, typeName } from '../bson-order.ts';
import type { ExpressionScope } from '../expression.ts';
import { ServerError } from '../server-error.ts';
import { type ModifierReader, removed, unchanged } from './modifier.ts';

export const set: ModifierReader = (operand) => ({
  change: () => operand,
  create: () => operand,
});

export const setOnInsert: ModifierReader = (operand, scope, name) => ({
  ...set(operand, scope, name),
  onInsert: true,
});

export const unset: ModifierReader = () => ({ change: () => removed, ignoresBlocked: true });

function extreme(sign: 1 | -1): ModifierReader {
  return (operand, { collator }) => ({
    change: (value) => (compareValues(operand, value, collator) * sign > 0 ? operand : unchanged),
    create: () => operand,
  });
}

export const min: ModifierReader = extreme(-1);
export const max: ModifierReader = extreme(1);

export const currentDate: ModifierReader = (operand, scope) => {
  const value = currentTime(operand, scope);
  return { change: () => value, create: () => value };
};

function currentTime(operand: BsonValue, { now }: ExpressionScope): BsonValue {
  if (typeof operand === 'boolean') return now;
  if (!isDocument(operand)) {
    throw new ServerError(
      2,
      `${typeName(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    );
  }
  for (const name of operand.keys()) {
    if (name === '$type') continue;
    throw new ServerError(2, `Unrecognized $currentDate option: ${name}`);
  }
  const type = operand.get('$type');
  if (type === 'date') return now;
  if (type === 'timestamp') {
    return new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 });
  }
  throw new ServerError(
    2,
    "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}",
  );
}

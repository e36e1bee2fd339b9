/** `$push`, `$addToSet`, `$mergeObjects`, `$first`, `$last`, `$firstN`, `$lastN`. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import {
  compareIn,
  type ExpressionScope,
  isNullish,
  missing,
  nameOf,
  nullIfMissing,
} from '../expression/evaluator.ts';
import { encodeKey } from '../key-string.ts';
import { ServerError } from '../server-error.ts';
import type { Accumulator } from './accumulator.ts';

export function push(): Accumulator {
  const values: BsonValue[] = [];
  return {
    add(value) {
      if (value !== missing) values.push(value);
    },
    remove(value) {
      if (value !== missing) values.shift();
    },
    result: () => values.slice(),
  };
}

/** Each value once, in the order in which they came. */
export function addToSet(scope: ExpressionScope): Accumulator {
  const values: BsonValue[] = [];
  const keys = new Set<string>();
  const isThere = (value: BsonValue): boolean => {
    if (scope.collator !== undefined) {
      return values.some((other) => compareIn(scope, other, value) === 0);
    }
    const size = keys.size;
    keys.add(encodeKey([value]).toString('latin1'));
    return keys.size === size;
  };
  return {
    add(value) {
      if (value !== missing && !isThere(value)) values.push(value);
    },
    result: () => values.slice(),
  };
}

/** @throws {ServerError} 40400 when a value that is not null is no document */
export function mergeObjects(): Accumulator {
  const merged: BsonDocument = new Map();
  return {
    add(value) {
      if (isNullish(value)) return;
      if (!isDocument(value)) {
        throw new ServerError(
          40400,
          `$mergeObjects requires object inputs, but input is of type ${nameOf(value)}`,
        );
      }
      for (const [name, field] of value) merged.set(name, field);
    },
    result: () => new Map(merged),
  };
}

export function first(): Accumulator {
  let kept: BsonValue = null;
  let isSet = false;
  return {
    add(value) {
      if (!isSet) kept = nullIfMissing(value);
      isSet = true;
    },
    result: () => kept,
  };
}

export function last(): Accumulator {
  let kept: BsonValue = null;
  return {
    add(value) {
      kept = nullIfMissing(value);
    },
    result: () => kept,
  };
}

export function firstOf(count: number): Accumulator {
  const values: BsonValue[] = [];
  return {
    add(value) {
      if (values.length < count) values.push(nullIfMissing(value));
    },
    result: () => values.slice(),
  };
}

export function lastOf(count: number): Accumulator {
  const values: BsonValue[] = [];
  return {
    add(value) {
      values.push(nullIfMissing(value));
      // Cut now and then, so that a long run costs no more than it is long.
      if (values.length > 2 * count + 100) values.splice(0, values.length - count);
    },
    result: () => values.slice(-count),
  };
}

/** The window around a document: `documents: [-1, 'current']`, `range: [-10, 10]`. */
import { type BsonDocument, type BsonValue, isDocument } from '../../bson-document.ts';
import { compareValues, isNumber, toDouble, typeName } from '../../bson-order.ts';
import type { VariableScope } from '../../expression.ts';
import { ServerError } from '../../server-error.ts';
import type { SortKey } from '../../sort.ts';
import { constantOf } from '../constant.ts';
import { dateAddition, toDecimal, valueOperation } from '../value-operation.ts';
import type { Partition } from './partition.ts';
import { parseTimeUnit } from './time-unit.ts';

type Bound<T> = 'unbounded' | 'current' | T;

export type WindowBounds =
  | { readonly kind: 'documents'; readonly lower: Bound<number>; readonly upper: Bound<number> }
  | {
      readonly kind: 'range';
      readonly lower: Bound<BsonValue>;
      readonly upper: Bound<BsonValue>;
      readonly unit: string | undefined;
    };

export const wholePartition: WindowBounds = {
  kind: 'documents',
  lower: 'unbounded',
  upper: 'unbounded',
};

const failedToParse = (message: string) => new ServerError(9, message);

export function parseBounds(
  operand: BsonValue,
  sortBy: readonly SortKey[] | undefined,
  around: VariableScope,
): WindowBounds {
  if (!isDocument(operand)) throw failedToParse("'window' field must be an object");
  const documents = operand.get('documents');
  const range = operand.get('range');
  const unit = operand.get('unit');
  if (documents !== undefined && range !== undefined) {
    throw failedToParse("Window bounds can specify either 'documents' or 'unit', not both.");
  }
  if (range === undefined && unit !== undefined) {
    throw failedToParse("Window bounds can only specify 'unit' with range-based bounds.");
  }
  if (documents !== undefined) return documentBounds(operand, documents, sortBy, around);
  if (range !== undefined) return rangeBounds(operand, range, unit, sortBy, around);
  if (operand.size === 0) return wholePartition;
  throw failedToParse(
    "'window' field can only contain 'documents' as the only argument or 'range' with an optional 'unit' field",
  );
}

function documentBounds(
  operand: BsonDocument,
  documents: BsonValue,
  sortBy: readonly SortKey[] | undefined,
  around: VariableScope,
): WindowBounds {
  if (operand.size > 1) {
    throw failedToParse("'window' field that specifies 'documents' cannot have other fields");
  }
  const [lower, upper] = pairOf(documents).map((bound) =>
    boundOf(bound, around, (value) => {
      const number = isNumber(value) ? toDouble(value) : Number.NaN;
      if ((number | 0) === number) return number;
      throw failedToParse('Numeric document-based bounds must be an integer');
    }),
  ) as [Bound<number>, Bound<number>];
  checkForward(lower, upper);
  const unbounded = lower === 'unbounded' && upper === 'unbounded';
  if (!unbounded && sortBy === undefined) {
    throw new ServerError(5339901, 'Document-based bounds require a sortBy');
  }
  return { kind: 'documents', lower, upper };
}

function rangeBounds(
  operand: BsonDocument,
  range: BsonValue,
  unit: BsonValue,
  sortBy: readonly SortKey[] | undefined,
  around: VariableScope,
): WindowBounds {
  if (operand.size > (unit === undefined ? 1 : 2)) {
    throw failedToParse(
      unit === undefined
        ? "'window' field that specifies 'range' cannot have other fields besides 'unit'"
        : "'window' field that specifies 'unit' cannot have other fields besides 'range'",
    );
  }
  if (unit !== undefined && typeof unit !== 'string') {
    throw failedToParse("'unit' must be a string");
  }
  const [lower, upper] = pairOf(range).map((bound) =>
    boundOf(bound, around, (value) => {
      if (!isNumber(value)) {
        throw failedToParse(
          unit === undefined
            ? 'Range-based bounds expression must be a number'
            : "With 'unit', range-based bounds must be an integer",
        );
      }
      if (unit !== undefined && !Number.isInteger(toDouble(value))) {
        throw failedToParse("With 'unit', range-based bounds must be an integer");
      }
      return value as BsonValue;
    }),
  ) as [Bound<BsonValue>, Bound<BsonValue>];
  checkForward(lower, upper);
  if (unit !== undefined) parseTimeUnit(unit);
  const [key, second] = sortBy ?? [];
  if (key === undefined || second !== undefined) {
    throw new ServerError(5339902, 'Range-based bounds require sortBy a single field');
  }
  if (key.direction !== 1) {
    throw new ServerError(8947401, 'Range-based bounds require an ascending sortBy');
  }
  return { kind: 'range', lower, upper, unit };
}

function pairOf(value: BsonValue): readonly BsonValue[] {
  if (Array.isArray(value) && value.length === 2) return value;
  throw failedToParse('Window bounds must be a 2-element array');
}

function boundOf<T>(
  bound: BsonValue,
  around: VariableScope,
  parse: (value: BsonValue) => T,
): Bound<T> {
  if (bound === 'unbounded' || bound === 'current') return bound;
  if (typeof bound === 'string') {
    throw failedToParse("Window bounds must be 'unbounded', 'current', or a number.");
  }
  const constant = constantOf(bound, around);
  if (constant === undefined) {
    throw failedToParse('Window bounds expression must be a constant.');
  }
  return parse(constant.value);
}

function checkForward(lower: Bound<BsonValue>, upper: Bound<BsonValue>): void {
  if (lower === 'unbounded' || upper === 'unbounded') return;
  const [low, high] = [lower, upper].map((bound) => (bound === 'current' ? 0 : bound));
  if (compareValues(low, high) <= 0) return;
  throw new ServerError(
    5339900,
    `Lower bound must not exceed upper bound: [${String(low)}, ${String(high)}]`,
  );
}

/** The first and the last document of a window, both included. */
export interface Endpoints {
  readonly first: number;
  readonly last: number;
}

/** Where the window around each document of a partition begins and ends; nothing for an empty one. */
export function endpointsOf(
  bounds: WindowBounds,
  partition: Partition,
): (current: number) => Endpoints | undefined {
  return bounds.kind === 'documents'
    ? documentEndpoints(bounds, partition.documents.length)
    : rangeEndpoints(bounds, partition.sortValues);
}

function documentEndpoints(
  { lower, upper }: WindowBounds & { kind: 'documents' },
  count: number,
): (current: number) => Endpoints | undefined {
  const place = (bound: Bound<number>, unbounded: number, current: number): number =>
    bound === 'unbounded' ? unbounded : bound === 'current' ? current : current + bound;
  return (current) => {
    const first = Math.max(0, place(lower, 0, current));
    const last = Math.min(count - 1, place(upper, count - 1, current));
    return first <= last ? { first, last } : undefined;
  };
}

const add = valueOperation('$add');
const decimalSum = (a: BsonValue, b: BsonValue) => add(toDecimal(a), toDecimal(b));

function rangeEndpoints(
  { lower, upper, unit }: WindowBounds & { kind: 'range' },
  values: readonly BsonValue[],
): (current: number) => Endpoints | undefined {
  const isExpected = (value: BsonValue): boolean =>
    unit === undefined ? isNumber(value) : value instanceof Date;
  const threshold = unit === undefined ? decimalSum : dateAddition(unit);
  const firstExpected = values.findIndex(isExpected);
  const lastExpected = values.findLastIndex(isExpected);
  return (current) => {
    const base = values[current];
    checkBase(base, unit);
    const first =
      lower === 'current'
        ? current
        : lower === 'unbounded'
          ? firstExpected
          : firstFrom(values, threshold(base, lower));
    if (!isExpected(values[first])) return undefined;
    const last =
      upper === 'current'
        ? current
        : upper === 'unbounded'
          ? lastExpected
          : firstAbove(values, threshold(base, upper)) - 1;
    return first <= last ? { first, last } : undefined;
  };
}

function checkBase(base: BsonValue, unit: string | undefined): void {
  if (unit !== undefined) {
    if (base instanceof Date) return;
    throw new ServerError(
      5429513,
      `Invalid range: Expected the sortBy field to be a Date, but it was ${typeName(base)}`,
    );
  }
  if (base instanceof Date) {
    throw new ServerError(
      5429413,
      'Invalid range: For windows that involve date or time ranges, a unit must be provided.',
    );
  }
  if (isNumber(base)) return;
  throw new ServerError(
    5429414,
    `Invalid range: Expected the sortBy field to be a number, but it was ${typeName(base)}`,
  );
}

/** The place of the first value that is not less. */
function firstFrom(values: readonly BsonValue[], threshold: BsonValue): number {
  return boundary(values, (value) => compareValues(value, threshold) < 0);
}

/** The place of the first value that is greater. */
function firstAbove(values: readonly BsonValue[], threshold: BsonValue): number {
  return boundary(values, (value) => compareValues(value, threshold) <= 0);
}

/** How many values, in their order, come before the first that is not `before`. */
function boundary(values: readonly BsonValue[], before: (value: BsonValue) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(values[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

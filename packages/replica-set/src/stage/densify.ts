/** The `$densify` stage: documents for the steps of a field that are left out. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { compareValues, isNumber, toDouble, typeName } from '../bson-order.ts';
import type { Collator } from '../collator.ts';
import { type Flow, pause } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import type { SortKey } from '../sort.ts';
import { nestedValue, parseFieldPath, withNested } from './field-path.ts';
import { sortStage } from './sort.ts';
import {
  documentOperand,
  refuseUnknownFields,
  requiredField,
  type StageRun,
  wrongFieldType,
} from './stage.ts';
import { ValueKeys } from './value-keys.ts';
import { dateAddition, valueOperation } from './value-operation.ts';
import { parseTimeUnit } from './window/time-unit.ts';

interface DensifySpec {
  readonly field: readonly string[];
  readonly partitionBy: readonly (readonly string[])[];
  readonly bounds: 'full' | 'partition' | readonly [low: BsonValue, high: BsonValue];
  readonly unit: string | undefined;
  /** The value that stands a step behind another one. */
  readonly next: (value: BsonValue) => BsonValue;
}

/** How many documents may be made: MongoDB's `internalQueryMaxAllowedDensifyDocs`. */
const mostMade = 500_000;

export function compileDensify(operand: BsonValue): StageRun {
  const spec = parseDensify(operand);
  const sort = sortStage(sortKeysOf(spec));
  return function* (documents, scope) {
    let made = 0;
    for (const each of densified(sort(documents, scope), spec, scope.collator)) {
      if (each === pause) {
        yield pause;
        continue;
      }
      if (each.made) made += 1;
      if (made > mostMade) {
        throw new ServerError(
          5897900,
          `Generated ${made} documents in $densify, which is over the limit of ${mostMade}. Increase the 'internalQueryMaxAllowedDensifyDocs' parameter to allow more generated documents`,
        );
      }
      yield each.document;
    }
  };
}

/** With bounds over all partitions together their documents come mixed, by the field alone. */
function sortKeysOf({ bounds, partitionBy, field }: DensifySpec): readonly SortKey[] {
  const paths = bounds === 'full' ? [field] : [...partitionBy, field];
  return paths.map((path) => ({ path, direction: 1 }));
}

interface Given {
  readonly document: BsonDocument;
  readonly made: boolean;
}

/** One partition while it is gone through. */
interface Grid {
  /** The partition's own fields. */
  readonly base: BsonDocument;
  /** The next value of the grid that has not been met yet. */
  next: BsonValue;
}

function* densified(
  documents: Flow<BsonDocument>,
  spec: DensifySpec,
  collator: Collator | undefined,
): Flow<Given> {
  const { bounds, field, next } = spec;
  const explicit = typeof bounds === 'string' ? undefined : bounds;
  const isPartitioned = spec.partitionBy.length > 0;
  const grids = new Map<string, Grid>();
  const keys = new ValueKeys(collator);
  let least: BsonValue;
  let greatest: BsonValue;
  if (explicit !== undefined && !isPartitioned) {
    grids.set('', { base: new Map(), next: explicit[0] });
  }
  for (const document of documents) {
    if (document === pause) {
      yield pause;
      continue;
    }
    const value = nestedValue(document, field);
    if (value === null || value === undefined) {
      yield { document, made: false };
      continue;
    }
    checkValue(value, spec.unit);
    least ??= value;
    greatest = value;
    const base = baseOf(document, spec.partitionBy);
    const key = isPartitioned ? keys.of(base) : '';
    let grid = grids.get(key);
    if (grid === undefined) {
      const start = explicit === undefined ? (bounds === 'full' ? least : value) : explicit[0];
      grid = { base, next: start };
      grids.set(key, grid);
    }
    yield* steps(grid, explicit === undefined ? value : lesser(value, explicit[1]), spec);
    if (compareValues(value, grid.next) === 0) grid.next = next(grid.next);
    yield { document, made: false };
  }
  if (explicit === undefined && (bounds === 'partition' || !isPartitioned)) return;
  for (const grid of grids.values()) {
    yield* steps(grid, explicit?.[1] ?? greatest, spec);
    // The greatest value there is counts for all partitions.
    if (explicit === undefined && compareValues(grid.next, greatest) === 0) {
      yield made(grid, spec);
    }
  }
}

function lesser(a: BsonValue, b: BsonValue): BsonValue {
  return compareValues(a, b) < 0 ? a : b;
}

/** The documents from the grid's next value up to another, which is not included. */
function* steps(grid: Grid, end: BsonValue, spec: DensifySpec): Iterable<Given> {
  while (compareValues(grid.next, end) < 0) {
    yield made(grid, spec);
    grid.next = spec.next(grid.next);
  }
}

function made({ base, next }: Grid, { field }: DensifySpec): Given {
  return { document: withNested(base, field, next), made: true };
}

function checkValue(value: BsonValue, unit: string | undefined): void {
  const isDate = value instanceof Date;
  if (!isDate && !isNumber(value)) {
    throw new ServerError(5733201, 'Densify field type must be numeric or a date');
  }
  if (isDate === (unit !== undefined)) return;
  throw new ServerError(
    6053600,
    isDate
      ? 'Encountered date densify value in collection when step does not have a date unit.'
      : 'Encountered numeric densify value in collection when step has a date unit.',
  );
}

/** The fields of a document that name its partition. */
function baseOf(document: BsonDocument, partitionBy: readonly (readonly string[])[]): BsonDocument {
  let base: BsonDocument = new Map();
  for (const path of partitionBy) {
    const value = nestedValue(document, path);
    if (value !== undefined) base = withNested(base, path, value);
  }
  return base;
}

const known = new Set(['field', 'partitionByFields', 'range']);
const knownInRange = new Set(['step', 'bounds', 'unit']);

function parseDensify(operand: BsonValue): DensifySpec {
  const stage = '$densify';
  const given = documentOperand(
    stage,
    operand,
    9,
    `The ${stage} stage specification must be an object, found ${typeName(operand)}`,
  );
  refuseUnknownFields(stage, given, known);
  const field = requiredField(stage, given, 'field');
  const range = requiredField(stage, given, 'range');
  if (typeof field !== 'string') throw wrongFieldType(stage, 'field', field, 'string');
  if (!isDocument(range)) throw wrongFieldType(stage, 'range', range, 'object');
  const partitionBy = partitionFields(given.get('partitionByFields'));
  for (const name of partitionBy) {
    if (field === name || field.startsWith(`${name}.`)) {
      throw new ServerError(
        8993000,
        "BSON field '$densify.partitionByFields' contains the field that is being densified, or a prefix of it",
      );
    }
  }
  refuseUnknownFields(`${stage}.range`, range, knownInRange);
  const { bounds, unit, next } = parseRange(range);
  const path = parseFieldPath(field);
  if (bounds === 'partition' && partitionBy.length === 0) {
    throw new ServerError(
      5733408,
      "One cannot specify the bounds as 'partition' without specifying a non-empty array of partitionByFields. You may have meant to specify 'full' bounds.",
    );
  }
  return { field: path, partitionBy: partitionBy.map(parseFieldPath), bounds, unit, next };
}

function partitionFields(value: BsonValue): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrongFieldType('$densify', 'partitionByFields', value, 'array');
  return value.map((name, index) => {
    if (typeof name === 'string') return name;
    throw wrongFieldType('$densify', `partitionByFields.${index}`, name, 'string');
  });
}

function parseRange(range: BsonDocument): Pick<DensifySpec, 'bounds' | 'unit' | 'next'> {
  const step = requiredField('$densify.range', range, 'step');
  const bounds = requiredField('$densify.range', range, 'bounds');
  const unit = range.get('unit');
  if (!isNumber(step) || !(toDouble(step) > 0)) {
    throw new ServerError(
      5733401,
      'The step parameter in a range statement must be a strictly positive numeric value',
    );
  }
  if (unit !== undefined) {
    if (typeof unit !== 'string') throw wrongFieldType('$densify.range', 'unit', unit, 'string');
    if (!Number.isInteger(toDouble(step))) {
      throw new ServerError(
        6586400,
        'The step parameter in a range statement must be a whole number when densifying a date range',
      );
    }
    parseTimeUnit(unit);
  }
  const add = unit === undefined ? valueOperation('$add') : dateAddition(unit);
  return { bounds: boundsOf(bounds, step, unit), unit, next: (value) => add(value, step) };
}

function boundsOf(
  bounds: BsonValue,
  step: BsonValue,
  unit: string | undefined,
): DensifySpec['bounds'] {
  if (bounds === 'full' || bounds === 'partition') return bounds;
  if (typeof bounds === 'string') {
    throw new ServerError(5946802, "Bounds string must either be 'full' or 'partition'");
  }
  if (!Array.isArray(bounds)) {
    throw new ServerError(
      5733404,
      "The bounds in a range statement must be the string 'full', 'partition', or an ascending array of two numbers or two dates",
    );
  }
  if (bounds.length !== 2) {
    throw new ServerError(
      5733403,
      'A bounding array in a range statement must have exactly two elements',
    );
  }
  const [low, high] = bounds;
  if (compareValues(low, high) > 0) {
    throw new ServerError(
      5733402,
      'A bounding array must be an ascending array of either two dates or two numbers',
    );
  }
  if (isNumber(low)) checkNumericBounds(low, high, step, unit);
  else if (low instanceof Date) checkDateBounds(high, unit);
  else throw new ServerError(5946800, 'Explicit bounds must be numeric or dates');
  return [low, high];
}

const bothAlike = 'A bounding array must contain either both dates or both numeric types';

function checkNumericBounds(
  low: BsonValue,
  high: BsonValue,
  step: BsonValue,
  unit: string | undefined,
): void {
  if (unit !== undefined) {
    throw new ServerError(5733409, 'Numeric bounds may not have unit parameter');
  }
  if (!isNumber(high)) throw new ServerError(5733406, bothAlike);
  if (typeName(low) === typeName(high) && typeName(low) === typeName(step)) return;
  throw new ServerError(5876900, 'Upper bound, lower bound, and step must all have the same type');
}

function checkDateBounds(high: BsonValue, unit: string | undefined): void {
  if (!(high instanceof Date)) throw new ServerError(5733405, bothAlike);
  if (unit === undefined) {
    throw new ServerError(5733410, 'A bounding array of dates must specify a unit');
  }
}

/** The stages `$bucket` and `$sortByCount`: groups in a certain order. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { compareValues, rankOf, type StringOrder, typeName } from '../bson-order.ts';
import { compileExpression, type Evaluator, missing, type VariableScope } from '../expression.ts';
import { ServerError } from '../server-error.ts';
import { constantOf } from './constant.ts';
import { type GatheredField, gatheredFields, grouping } from './group.ts';
import { sortStage } from './sort.ts';
import { documentOperand, type StageRun } from './stage.ts';

/** What is counted when a bucket says nothing else. */
export const counted: BsonDocument = new Map([['count', new Map([['$sum', 1]])]]);

export function compileSortByCount(operand: BsonValue, around: VariableScope): StageRun {
  if (isDocument(operand)) {
    const [first = ''] = operand.keys();
    if (!first.startsWith('$')) throw notAnExpression(40147);
  } else if (typeof operand === 'string') {
    if (!operand.startsWith('$')) throw notAnExpression(40148);
  } else {
    throw new ServerError(
      40149,
      'the sortByCount field must be specified as a string or as an object',
    );
  }
  const group = grouping(compileExpression(operand, around), gatheredFields(counted, around));
  const sort = sortStage([{ path: ['count'], direction: -1 }]);
  return (documents, scope) => sort(group(documents, scope), scope);
}

function notAnExpression(code: number): ServerError {
  return new ServerError(
    code,
    'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
  );
}

interface BucketSpec {
  readonly groupBy: Evaluator;
  readonly boundaries: readonly BsonValue[];
  readonly fallback: BsonValue | typeof missing;
  readonly fields: readonly GatheredField[];
}

export function compileBucket(operand: BsonValue, around: VariableScope): StageRun {
  const spec = parseBucket(operand, around);
  const sort = sortStage([{ path: ['_id'], direction: 1 }]);
  const group = grouping((scope) => {
    const value = spec.groupBy(scope);
    return bucketOf(spec, value === missing ? undefined : value, scope.collator);
  }, spec.fields);
  return (documents, scope) => {
    checkBoundaries(spec, scope.collator);
    return sort(group(documents, scope), scope);
  };
}

/** The lower boundary of the bucket that a value falls into. */
function bucketOf(
  { boundaries, fallback }: BucketSpec,
  value: BsonValue,
  order: StringOrder | undefined,
): BsonValue {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareValues(boundaries[middle], value, order) <= 0) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && low < boundaries.length) return boundaries[low - 1];
  if (fallback !== missing) return fallback;
  throw new ServerError(
    40066,
    '$switch could not find a matching branch for an input, and no default was specified.',
  );
}

function parseBucket(operand: BsonValue, around: VariableScope): BucketSpec {
  const spec = documentOperand(
    '$bucket',
    operand,
    40201,
    `Argument to $bucket stage must be an object, but found type: ${typeName(operand)}.`,
  );
  let groupBy: Evaluator | undefined;
  let boundaries: readonly BsonValue[] = [];
  let fallback: BucketSpec['fallback'] = missing;
  let output = counted;
  for (const [name, value] of spec) {
    if (name === 'groupBy') groupBy = groupByOf(value, around);
    else if (name === 'boundaries') boundaries = boundariesOf(value, around);
    else if (name === 'default') fallback = fallbackOf(value, around);
    else if (name === 'output') {
      output = documentOperand(
        '$bucket',
        value,
        40196,
        `The $bucket 'output' field must be an object, but found type: ${typeName(value)}.`,
      );
    } else throw new ServerError(40197, `Unrecognized option to $bucket: ${name}.`);
  }
  if (groupBy === undefined || boundaries.length === 0) {
    throw new ServerError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  }
  return { groupBy, boundaries, fallback, fields: gatheredFields(output, around) };
}

function groupByOf(value: BsonValue, around: VariableScope): Evaluator {
  const [first = ''] = isDocument(value) ? value.keys() : [];
  const isPath = typeof value === 'string' && value.startsWith('$');
  if (isPath || first.startsWith('$')) return compileExpression(value, around);
  throw new ServerError(
    40202,
    `The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression, but found: ${showValue(value)}.`,
  );
}

function boundariesOf(given: BsonValue, around: VariableScope): readonly BsonValue[] {
  if (!Array.isArray(given)) {
    throw new ServerError(
      40200,
      `The $bucket 'boundaries' field must be an array, but found type: ${typeName(given)}.`,
    );
  }
  const values = given.map((each) => {
    const constant = constantOf(each, around);
    if (constant !== undefined) return constant.value;
    throw new ServerError(
      40191,
      `The $bucket 'boundaries' field must be an array of constant values, but found value: ${showValue(each)}.`,
    );
  });
  if (values.length < 2) {
    throw new ServerError(
      40192,
      `The $bucket 'boundaries' field must have at least 2 values, but found ${values.length} value(s).`,
    );
  }
  for (const [index, upper] of values.entries()) {
    if (index > 0) checkSameType(values[index - 1], upper);
  }
  return values;
}

function checkSameType(lower: BsonValue, upper: BsonValue): void {
  if (rankOf(lower) === rankOf(upper)) return;
  throw new ServerError(
    40193,
    `All values in the the 'boundaries' option to $bucket must have the same type. Found conflicting types ${typeName(lower)} and ${typeName(upper)}.`,
  );
}

/** Boundaries have an order, and a default is not among them; strings by the collation. */
function checkBoundaries(
  { boundaries, fallback }: BucketSpec,
  order: StringOrder | undefined,
): void {
  for (const [index, upper] of boundaries.entries()) {
    if (index > 0) checkAscending(boundaries[index - 1], upper, index, order);
  }
  checkFallback(fallback, boundaries, order);
}

function checkAscending(
  lower: BsonValue,
  upper: BsonValue,
  index: number,
  order: StringOrder | undefined,
): void {
  if (compareValues(lower, upper, order) < 0) return;
  throw new ServerError(
    40194,
    `The 'boundaries' option to $bucket must be sorted, but elements ${index - 1} and ${index} are not in ascending order (${showValue(lower)} is not less than ${showValue(upper)}).`,
  );
}

function fallbackOf(value: BsonValue, around: VariableScope): BsonValue {
  const constant = constantOf(value, around);
  if (constant !== undefined) return constant.value;
  throw new ServerError(
    40195,
    `The $bucket 'default' field must be a constant expression, but found: ${showValue(value)}.`,
  );
}

function checkFallback(
  fallback: BucketSpec['fallback'],
  boundaries: readonly BsonValue[],
  order: StringOrder | undefined,
): void {
  if (fallback === missing || rankOf(fallback) !== rankOf(boundaries[0])) return;
  if (compareValues(fallback, boundaries[0], order) < 0) return;
  if (compareValues(fallback, boundaries.at(-1), order) >= 0) return;
  throw new ServerError(
    40199,
    "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
  );
}

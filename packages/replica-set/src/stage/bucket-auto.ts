/** The `$bucketAuto` stage: documents spread over so many buckets. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { type BsonNumber, compareValues, isNumber, toDouble, typeName } from '../bson-order.ts';
import { compileExpression, type Evaluator, missing, type VariableScope } from '../expression.ts';
import { collected, type Flow, pause } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import { counted } from './bucket.ts';
import { type Granularity, granularityOf } from './granularity.ts';
import { type GatheredField, gatheredFields, resultsOf } from './group.ts';
import { sorted } from './sorter.ts';
import { documentOperand, rooted, type StageRun, type StageScope } from './stage.ts';

interface BucketAutoSpec {
  readonly groupBy: Evaluator;
  readonly buckets: number;
  readonly fields: readonly GatheredField[];
  readonly granularity: Granularity | undefined;
}

/** A document, by what it is grouped and where it stood in the input. */
interface Placed {
  readonly key: BsonValue;
  readonly position: number;
  readonly document: BsonDocument;
}

interface Bucket {
  min: BsonValue;
  max: BsonValue;
  readonly members: readonly Placed[];
}

export function compileBucketAuto(operand: BsonValue, around: VariableScope): StageRun {
  const spec = parseBucketAuto(operand, around);
  return function* (documents, scope) {
    const compare = (a: BsonValue, b: BsonValue) => compareValues(a, b, scope.collator);
    const placed = yield* collected(
      sorted(placedBy(documents, spec, scope), {
        keyOf: ({ key }) => [key],
        compare: ([a], [b]) => compare(a, b),
      }),
    );
    for (const bucket of bucketsOf(placed, spec, compare)) {
      yield documentOf(bucket, spec.fields, scope);
    }
  };
}

function* placedBy(
  documents: Flow<BsonDocument>,
  { groupBy, granularity }: BucketAutoSpec,
  scope: StageScope,
): Flow<Placed> {
  let position = 0;
  for (const document of documents) {
    if (document === pause) {
      yield pause;
      continue;
    }
    const key = groupBy(rooted(scope, document));
    if (granularity !== undefined) checkRoundable(key === missing ? undefined : key);
    yield { key: key === missing ? null : key, position, document };
    position += 1;
  }
}

function checkRoundable(key: BsonValue): asserts key is BsonNumber {
  if (!isNumber(key)) {
    throw new ServerError(
      40258,
      `$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a value with type: ${key === undefined ? 'missing' : typeName(key)}`,
    );
  }
  if (Number.isNaN(toDouble(key))) {
    throw new ServerError(
      40259,
      "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a NaN",
    );
  }
  if (toDouble(key) < 0) {
    throw new ServerError(
      40260,
      "$bucketAuto can specify a 'granularity' with non-negative numbers only, but found a negative number",
    );
  }
}

/** Equal keys share a bucket; the last one takes what is left. */
function* bucketsOf(
  placed: readonly Placed[],
  { buckets, granularity }: BucketAutoSpec,
  compare: (a: BsonValue, b: BsonValue) => number,
): Iterable<Bucket> {
  const size = Math.max(1, Math.round(placed.length / buckets));
  let from = 0;
  let previousMax: BsonValue;
  for (let number = 1; number <= buckets && from < placed.length; number++) {
    const min = placed[from]?.key;
    let to = number === buckets ? placed.length : Math.min(from + size, placed.length);
    const last = placed[to - 1]?.key;
    const bound = granularity === undefined ? last : granularity.up(last as BsonNumber);
    const belongs = ({ key }: Placed): boolean =>
      compare(last, key) === 0 || (granularity !== undefined && compare(bound, key) > 0);
    for (let next = placed[to]; next !== undefined && belongs(next); next = placed[to]) to += 1;
    const next = placed[to]?.key;
    const bucket: Bucket = { min, max: placed[to - 1]?.key, members: placed.slice(from, to) };
    if (granularity === undefined) {
      if (to < placed.length) bucket.max = next;
    } else {
      bucket.min = number === 1 ? granularity.down(min as BsonNumber) : previousMax;
      const startsAtZero = toDouble(bound as BsonNumber) === 0 && to < placed.length;
      bucket.max = startsAtZero ? granularity.down(next as BsonNumber) : bound;
    }
    yield bucket;
    previousMax = bucket.max;
    from = to;
  }
}

/** What accumulators see comes in the order of the input. */
function documentOf(
  { min, max, members }: Bucket,
  fields: readonly GatheredField[],
  scope: StageScope,
): BsonDocument {
  const empty = rooted(scope, new Map());
  const accumulators = fields.map(({ start }) => start(empty));
  for (const { document } of [...members].sort((a, b) => a.position - b.position)) {
    const inner = rooted(scope, document);
    for (const [index, { evaluate }] of fields.entries()) {
      accumulators[index]?.add(evaluate(inner));
    }
  }
  const id: BsonDocument = new Map([
    ['min', min],
    ['max', max],
  ]);
  return new Map<string, BsonValue>([['_id', id], ...resultsOf(fields, accumulators)]);
}

function parseBucketAuto(operand: BsonValue, around: VariableScope): BucketAutoSpec {
  const spec = documentOperand(
    '$bucketAuto',
    operand,
    40240,
    `The argument to $bucketAuto must be an object, but found type: ${typeName(operand)}`,
  );
  let groupBy: Evaluator | undefined;
  let buckets: number | undefined;
  let fields: readonly GatheredField[] = [];
  let granularity: Granularity | undefined;
  for (const [name, value] of spec) {
    if (name === 'groupBy') groupBy = groupByOf(value, around);
    else if (name === 'buckets') buckets = bucketsOperand(value);
    else if (name === 'output') {
      fields = gatheredFields(
        documentOperand(
          '$bucketAuto',
          value,
          40244,
          `The $bucketAuto 'output' field must be an object, but found type: ${typeName(value)}`,
        ),
        around,
      );
    } else if (name === 'granularity') {
      if (typeof value !== 'string') {
        throw new ServerError(
          40261,
          `The $bucketAuto 'granularity' field must be a string, but found type: ${typeName(value)}`,
        );
      }
      granularity = granularityOf(value);
    } else throw new ServerError(40245, `Unrecognized option to $bucketAuto: ${name}`);
  }
  if (groupBy === undefined || buckets === undefined) {
    throw new ServerError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified");
  }
  if (buckets <= 0) {
    throw new ServerError(
      40243,
      `The $bucketAuto 'buckets' field must be greater than 0, but found: ${buckets}`,
    );
  }
  if (fields.length === 0) fields = gatheredFields(counted, around);
  return { groupBy, buckets, fields, granularity };
}

function groupByOf(value: BsonValue, around: VariableScope): Evaluator {
  const [first = ''] = isDocument(value) ? value.keys() : [];
  const isPath = typeof value === 'string' && value.startsWith('$') && value.length > 1;
  if (isPath || first.startsWith('$')) return compileExpression(value, around);
  throw new ServerError(
    40239,
    `The $bucketAuto 'groupBy' field must be defined as a $-prefixed path or an expression object, but found: ${showValue(value)}`,
  );
}

function bucketsOperand(value: BsonValue): number {
  if (!isNumber(value)) {
    throw new ServerError(
      40241,
      `The $bucketAuto 'buckets' field must be a numeric value, but found type: ${typeName(value)}`,
    );
  }
  const buckets = toDouble(value);
  if ((buckets | 0) === buckets) return buckets;
  throw new ServerError(
    40242,
    `The $bucketAuto 'buckets' field must be representable as a 32-bit integer, but found ${buckets}`,
  );
}

/** The `$setWindowFields` stage: fields from the documents around each one. */
import { type BsonDocument, type BsonValue, isDocument } from '../../bson-document.ts';
import { encodeDocument } from '../../bson-encoder.ts';
import { compareValues, typeName } from '../../bson-order.ts';
import {
  compileExpression,
  type Evaluator,
  missing,
  type VariableScope,
} from '../../expression.ts';
import { collected, type Flow, pause } from '../../pause.ts';
import { ServerError } from '../../server-error.ts';
import { compileSort, type SortKey } from '../../sort.ts';
import { type FieldTree, withComputed } from '../add-fields.ts';
import { constantOf } from '../constant.ts';
import { parseFieldPath } from '../field-path.ts';
import { compareSortKeys, sortKeyOf } from '../sort-key.ts';
import { sorted } from '../sorter.ts';
import {
  documentOperand,
  refuseUnknownFields,
  requiredField,
  rooted,
  type StageRun,
  type StageScope,
  wrongFieldType,
} from '../stage.ts';
import type { Partition, WindowFunction } from './partition.ts';
import { compileWindowFunction } from './window-function.ts';

interface WindowSpec {
  readonly partitionBy: Evaluator | undefined;
  readonly sortBy: readonly SortKey[] | undefined;
  readonly functions: readonly WindowFunction[];
  /** The paths of the output's fields, one a function. */
  readonly paths: readonly (readonly string[])[];
}

const known = new Set(['partitionBy', 'sortBy', 'output']);

export function compileSetWindowFields(operand: BsonValue, around: VariableScope): StageRun {
  const stage = '$setWindowFields';
  const given = documentOperand(
    stage,
    operand,
    9,
    `the ${stage} stage specification must be an object, found ${typeName(operand)}`,
  );
  refuseUnknownFields(stage, given, known);
  const sortBy = given.has('sortBy') ? sortByOf(given.get('sortBy')) : undefined;
  const output = requiredField(stage, given, 'output');
  if (!isDocument(output)) throw wrongFieldType(stage, 'output', output, 'object');
  const functions = [...output].map(([name, value]) =>
    compileWindowFunction(name, value, sortBy, around),
  );
  const paths = [...output.keys()].map(parseFieldPath);
  fieldsOf(paths, []);
  const spec: WindowSpec = {
    partitionBy: partitionOf(given.get('partitionBy'), around),
    sortBy,
    functions,
    paths,
  };
  return function* (documents, scope) {
    for (const partition of partitionsOf(documents, spec, scope)) {
      if (partition === pause) yield pause;
      else yield* withFields(partition, spec);
    }
  };
}

function sortByOf(value: BsonValue): readonly SortKey[] | undefined {
  if (!isDocument(value)) throw wrongFieldType('$setWindowFields', 'sortBy', value, 'object');
  return value.size === 0 ? undefined : compileSort(value);
}

/** A constant puts all documents into one partition, as nothing does. */
function partitionOf(expression: BsonValue, around: VariableScope): Evaluator | undefined {
  if (expression === undefined) return undefined;
  const constant = constantOf(expression, around);
  if (constant === undefined) return compileExpression(expression, around);
  if (!Array.isArray(constant.value)) return undefined;
  throw new ServerError(
    14,
    'An expression used to partition cannot evaluate to value of type array',
  );
}

/** The fields at these paths, which take what stands in `values` when they are computed. */
function fieldsOf(paths: readonly (readonly string[])[], values: readonly BsonValue[]): FieldTree {
  const fields: FieldTree = new Map();
  for (const [index, path] of paths.entries()) {
    let level = fields;
    for (const [at, part] of path.entries()) {
      const there = level.get(part);
      const isLast = at === path.length - 1;
      if (there !== undefined && (isLast || !(there instanceof Map))) {
        throw new ServerError(
          6307900,
          "$setWindowFields 'output' specification contains two conflicting paths",
        );
      }
      if (isLast) level.set(part, () => values[index]);
      else {
        const below: FieldTree = there instanceof Map ? there : new Map();
        level.set(part, below);
        level = below;
      }
    }
  }
  return fields;
}

interface Keyed {
  readonly document: BsonDocument;
  readonly partition: BsonValue;
}

/** The documents by partition and, within one, by `sortBy`. */
function* partitionsOf(
  documents: Flow<BsonDocument>,
  { partitionBy, sortBy = [] }: WindowSpec,
  scope: StageScope,
): Flow<Partition> {
  const { collator } = scope;
  const keyed = keyedBy(documents, partitionBy, scope);
  const isOrdered = partitionBy === undefined && sortBy.length === 0;
  const flow = isOrdered
    ? keyed
    : sorted(keyed, {
        keyOf: ({ document, partition }) => [partition, ...sortKeyOf(sortBy, document, collator)],
        compare: ([a, ...left], [b, ...right]) =>
          compareValues(a, b, collator) || compareSortKeys(sortBy, left, right, collator),
        sizeOf:
          scope.allowDiskUse === false
            ? ({ document }) => encodeDocument(document).length
            : undefined,
      });
  const ordered = yield* collected(flow);
  const [sortKey, second] = sortBy;
  const sortValue =
    sortKey === undefined || second !== undefined
      ? () => null
      : compileExpression(`$${sortKey.path.join('.')}`, {});
  for (let from = 0; from < ordered.length; ) {
    const key = ordered[from]?.partition;
    let to = from + 1;
    while (to < ordered.length && compareValues(ordered[to]?.partition, key, collator) === 0)
      to += 1;
    const members = ordered.slice(from, to).map(({ document }) => document);
    const sortValues = members.map((document) => {
      const value = sortValue(rooted(scope, document));
      return value === missing ? null : value;
    });
    yield { documents: members, sortValues, scope };
    from = to;
  }
}

function* keyedBy(
  documents: Flow<BsonDocument>,
  partitionBy: Evaluator | undefined,
  scope: StageScope,
): Flow<Keyed> {
  for (const document of documents) {
    if (document === pause) {
      yield pause;
      continue;
    }
    const key = partitionBy?.(rooted(scope, document)) ?? null;
    if (Array.isArray(key)) {
      throw new ServerError(14, "Cannot 'partitionBy' an expression of type array");
    }
    yield { document, partition: key === missing ? null : key };
  }
}

function* withFields(
  partition: Partition,
  { functions, paths }: WindowSpec,
): Iterable<BsonDocument> {
  const values: BsonValue[] = [];
  const fields = fieldsOf(paths, values);
  const columns = functions.map((each) => each(partition));
  for (const [row, document] of partition.documents.entries()) {
    for (const [index, column] of columns.entries()) values[index] = column[row];
    yield withComputed(document, fields, rooted(partition.scope, document));
  }
}

/** The `$graphLookup` stage: all documents of a collection that can be reached from a value. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { isNumber, toDouble, typeName } from '../bson-order.ts';
import { compileExpression, type Evaluator, missing } from '../expression.ts';
import { compileQuery } from '../matcher.ts';
import { type Flow, pause } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import { joinedValues, parseFieldPath, withNested } from './field-path.ts';
import { foreignNamespace, joinFilter, withMatch } from './lookup.ts';
import {
  documentOperand,
  rooted,
  type StageRun,
  type StageScope,
  type StageSurroundings,
} from './stage.ts';
import { ValueKeys } from './value-keys.ts';

interface GraphLookupSpec {
  readonly from: string;
  readonly as: readonly string[];
  readonly startWith: Evaluator;
  readonly connectFrom: readonly string[];
  readonly connectTo: string;
  readonly depthField: readonly string[] | undefined;
  readonly maxDepth: number;
  readonly restriction: BsonDocument | undefined;
}

export function compileGraphLookup(operand: BsonValue, surroundings: StageSurroundings): StageRun {
  const spec = parseGraphLookup(operand, surroundings);
  const whole = surroundings.inner([], 'lookup');
  return function* (documents, scope) {
    const query = (filter: BsonDocument) =>
      scope.read?.(spec.from, withMatch(whole, filter, scope), scope.variables) ?? [];
    for (const document of documents) {
      if (document === pause) yield pause;
      else yield withNested(document, spec.as, yield* reachedFrom(document, spec, scope, query));
    }
  };
}

/** The documents that are reached, the nearest ones first. */
function* reachedFrom(
  document: BsonDocument,
  { from, startWith, connectFrom, connectTo, depthField, maxDepth, restriction }: GraphLookupSpec,
  scope: StageScope,
  query: (filter: BsonDocument) => Flow<BsonDocument>,
): Generator<typeof pause, BsonDocument[]> {
  const visited = new Map<string, BsonDocument>();
  const asked = new Set<string>();
  const ids = new ValueKeys();
  const values = new ValueKeys(scope.collator);
  const start = startWith(rooted(scope, document));
  let frontier: BsonValue[] = Array.isArray(start) ? start : start === missing ? [] : [start];
  for (let depth = 0; depth <= maxDepth; depth++) {
    const unknown = frontier.filter((value) => addNew(asked, values.of(value)));
    if (unknown.length === 0) break;
    frontier = [];
    for (const found of query(connectionFilter(connectTo, unknown, restriction))) {
      if (found === pause) {
        yield pause;
        continue;
      }
      if (!found.has('_id')) {
        throw new ServerError(
          40271,
          `Documents in the '${from}' namespace must contain an _id for de-duplication in $graphLookup`,
        );
      }
      const id = ids.of(found.get('_id'));
      if (visited.has(id)) continue;
      const numbered =
        depthField === undefined ? found : withNested(found, depthField, BigInt(depth));
      visited.set(id, numbered);
      frontier.push(...joinedValues(numbered, connectFrom));
    }
  }
  return [...visited.values()];
}

function addNew(known: Set<string>, key: string): boolean {
  if (known.has(key)) return false;
  known.add(key);
  return true;
}

/** Null connects to null, and not to a field that is not there. */
function connectionFilter(
  connectTo: string,
  values: readonly BsonValue[],
  restriction: BsonDocument | undefined,
): BsonDocument {
  const conditions: BsonDocument[] = [
    ...(restriction === undefined ? [] : [restriction]),
    joinFilter(connectTo, values),
  ];
  if (values.includes(null)) {
    conditions.push(new Map([[connectTo, new Map([['$exists', true]])]]));
  }
  return new Map([['$and', conditions]]);
}

const textFields = new Set(['from', 'as', 'connectFromField', 'connectToField', 'depthField']);

function parseGraphLookup(operand: BsonValue, surroundings: StageSurroundings): GraphLookupSpec {
  const { database, variables } = surroundings;
  const given = documentOperand('$graphLookup', operand, 9);
  if (!given.has('from')) {
    throw new ServerError(9, "missing 'from' option to $graphLookup stage specification");
  }
  const text = new Map<string, string>();
  let startWith: Evaluator | undefined;
  let maxDepth = Number.POSITIVE_INFINITY;
  let restriction: BsonDocument | undefined;
  for (const [name, value] of given) {
    if (name === 'startWith') startWith = compileExpression(value, surroundings);
    else if (name === 'maxDepth') maxDepth = maxDepthOf(value);
    else if (name === 'restrictSearchWithMatch') {
      restriction = documentOperand(
        '$graphLookup',
        value,
        40185,
        `restrictSearchWithMatch must be an object, found ${typeName(value)}`,
      );
      compileQuery(restriction, { now: new Date(0), variables });
    } else if (!textFields.has(name)) {
      throw new ServerError(40104, `Unknown argument to $graphLookup: ${name}`);
    } else if (typeof value !== 'string') {
      throw new ServerError(
        name === 'from' ? 9 : 40103,
        name === 'from' && isDocument(value)
          ? '$graphLookup with syntax {from: {db:<>, coll:<>},..} is not supported for other databases'
          : `expected string as argument for ${name}, found: ${typeName(value)}`,
      );
    } else text.set(name, value);
  }
  const [from, as, connectFrom, connectTo] = [
    'from',
    'as',
    'connectFromField',
    'connectToField',
  ].map((name) => text.get(name) || undefined);
  if (!from || !as || !connectFrom || !connectTo || startWith === undefined) {
    throw new ServerError(
      40105,
      "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField' to be specified.",
    );
  }
  parseFieldPath(connectTo);
  const depthField = text.get('depthField');
  return {
    from: foreignNamespace('$graphLookup', database, from),
    as: parseFieldPath(as),
    startWith,
    connectFrom: parseFieldPath(connectFrom),
    connectTo,
    depthField: depthField === undefined ? undefined : parseFieldPath(depthField),
    maxDepth,
    restriction,
  };
}

function maxDepthOf(value: BsonValue): number {
  if (!isNumber(value)) {
    throw new ServerError(40100, `maxDepth must be numeric, found type: ${typeName(value)}`);
  }
  const depth = toDouble(value);
  if (Math.trunc(depth) < 0) {
    throw new ServerError(40101, `maxDepth requires a nonnegative argument, found: ${depth}`);
  }
  if (Number.isInteger(depth) && depth < 2 ** 63) return depth;
  throw new ServerError(40102, `maxDepth could not be represented as a long long: ${depth}`);
}

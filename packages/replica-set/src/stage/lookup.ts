/** The `$lookup` stage: joins documents of another collection, by equal fields, by a pipeline, or both. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { expecting, type VariableScope } from '../expression.ts';
import { collected, type Flow, pause } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import { joinedValues, parseFieldPath, withNested } from './field-path.ts';
import { compileMatch } from './flow.ts';
import { HeldDocuments } from './held-documents.ts';
import { compileLet, type LetVariables, letVariables } from './let-variables.ts';
import {
  documentOperand,
  type Pipeline,
  rooted,
  runStages,
  type StageRun,
  type StageScope,
  type StageSurroundings,
} from './stage.ts';

/** Local and foreign field. */
interface Join {
  readonly local: readonly string[];
  readonly foreign: string;
}

interface LookupSpec {
  /** Nothing for a pipeline that begins with documents of its own. */
  readonly from: string | undefined;
  readonly as: readonly string[];
  readonly join: Join | undefined;
  readonly variables: LetVariables;
  readonly pipeline: Pipeline;
  /** True when it finds the same for every document. */
  readonly uncorrelated: boolean;
}

export function compileLookup(operand: BsonValue, surroundings: StageSurroundings): StageRun {
  const spec = parseLookup(operand, surroundings);
  return function* (documents, scope) {
    const find =
      spec.join === undefined ? byPipeline(spec, scope) : byFields(spec, spec.join, scope);
    for (const document of documents) {
      if (document === pause) yield pause;
      else yield withNested(document, spec.as, yield* find(document));
    }
  };
}

/** Finds what is joined to a document, passing pauses on. */
type Finder = (document: BsonDocument) => Generator<typeof pause, BsonDocument[]>;

function byPipeline(
  { from, variables, pipeline, uncorrelated }: LookupSpec,
  scope: StageScope,
): Finder {
  let held: BsonDocument[] | undefined;
  return function* (document) {
    if (held !== undefined) return held;
    const inner = letVariables(variables, rooted(scope, document));
    const found = yield* collected(scope.read?.(from, pipeline, inner) ?? []);
    if (uncorrelated) held = found;
    return found;
  };
}

/**
 * By a query for each document; where no index serves it, the second document and those behind
 * it look into the foreign documents held meanwhile.
 */
function byFields(
  { from, variables, pipeline }: LookupSpec,
  join: Join,
  scope: StageScope,
): Finder {
  const { local, foreign } = join;
  // An element named by its place is compared as a whole, other arrays by their elements too.
  const isPlace = /\.\d+(?:\.|$)/.test(foreign);
  const mayHold = from !== undefined && !isPlace && scope.isIndexed?.(from, foreign) === false;
  let held: HeldDocuments | undefined;
  let asked = 0;
  return function* (document) {
    const values = joinedValues(document, local);
    const inner = letVariables(variables, rooted(scope, document));
    asked += 1;
    if (mayHold && asked === 2) {
      const whole = scope.read?.(from, { source: undefined, stages: [] }, scope.variables) ?? [];
      held = yield* HeldDocuments.of(whole, foreign, scope.collator);
    }
    if (held === undefined) {
      const joined = withMatch(pipeline, joinFilter(foreign, values));
      return yield* collected(scope.read?.(from, joined, inner) ?? []);
    }
    const found: Flow<BsonDocument> =
      values.some(isNullish) || values.length === 0
        ? compileMatch(joinFilter(foreign, values), {})(held.documents, scope)
        : held.with(values);
    const within = { ...scope, ...(inner && { variables: inner }) };
    return yield* collected(runStages(pipeline.stages, found, within));
  };
}

function isNullish(value: BsonValue): boolean {
  return value === null || value === undefined;
}

/** A pipeline with a `$match` before its stages. */
export function withMatch(
  pipeline: Pipeline,
  filter: BsonDocument,
  around: VariableScope = {},
): Pipeline {
  const stage = { name: '$match', operand: filter, run: compileMatch(filter, around) };
  return { ...pipeline, stages: [stage, ...pipeline.stages] };
}

const isUndefined: BsonDocument = new Map([['$type', 'undefined']]);

/** What a foreign field has to equal; a local field that is not there counts as null. */
export function joinFilter(foreign: string, values: readonly BsonValue[]): BsonDocument {
  const equal = (value: BsonValue): BsonDocument =>
    // Queries do not compare with the undefined of old documents.
    new Map([[foreign, value === undefined ? isUndefined : new Map([['$eq', value]])]]);
  if (values.length <= 1) return equal(values.length === 0 ? null : values[0]);
  // A regular expression in an $in would be one to match with.
  if (values.some((value) => value === undefined || typeName(value) === 'regex')) {
    return new Map([['$or', values.map(equal)]]);
  }
  return new Map([[foreign, new Map([['$in', [...values]]])]]);
}

function parseLookup(operand: BsonValue, surroundings: StageSurroundings): LookupSpec {
  const given = documentOperand(
    '$lookup',
    operand,
    9,
    `the $lookup stage specification must be an object, but found ${typeName(operand)}`,
  );
  const text = new Map<string, string>();
  let stages: readonly BsonValue[] | undefined;
  let definitions: BsonDocument | undefined;
  for (const [name, value] of given) {
    if (name === 'pipeline') stages = pipelineOperand(value);
    else if (name === 'let') definitions = letOperand('$lookup', value);
    else if (name === 'from' && typeof value !== 'string') {
      throw new ServerError(
        9,
        isDocument(value)
          ? '$lookup with syntax {from: {db:<>, coll:<>},..} is not supported for other databases'
          : `$lookup 'from' field must be a string, but found ${typeName(value)}`,
      );
    } else if (typeof value !== 'string') {
      throw new ServerError(
        9,
        `$lookup argument '${name}' must be a string, found ${showValue(value)}: ${typeName(value)}`,
      );
    } else if (!textFields.has(name)) {
      throw new ServerError(9, `unknown argument to $lookup: ${name}`);
    } else text.set(name, value);
  }
  const from = fromOf(text.get('from'), stages, surroundings);
  const as = text.get('as') ?? '';
  if (as === '') throw new ServerError(9, "must specify 'as' field for a $lookup");
  const join = joinOf(text, stages !== undefined);
  if (stages === undefined && definitions !== undefined) {
    throw new ServerError(9, "$lookup with a 'let' argument must also specify 'pipeline'");
  }
  const variables = compileLet(definitions ?? new Map(), surroundings);
  return {
    from,
    as: parseFieldPath(as),
    join,
    variables,
    pipeline: surroundings.inner(
      stages ?? [],
      'lookup',
      expecting(surroundings, definitions?.keys() ?? []),
    ),
    uncorrelated: join === undefined && variables.length === 0 && !isRandom(stages),
  };
}

const textFields = new Set(['from', 'as', 'localField', 'foreignField']);

function fromOf(
  from: string | undefined,
  stages: readonly BsonValue[] | undefined,
  { database }: StageSurroundings,
): string | undefined {
  if (from !== undefined) return foreignNamespace('$lookup', database, from);
  const [first] = stages ?? [];
  if (stages === undefined) {
    throw new ServerError(9, "must specify 'pipeline' when 'from' is empty");
  }
  if (isDocument(first) && first.has('$documents')) return undefined;
  throw new ServerError(
    9,
    '$lookup stage without explicit collection must have a pipeline with $documents as first stage',
  );
}

/** The namespace of a collection beside the one that is read; throws 73. */
export function foreignNamespace(stage: string, database: string, name: string): string {
  const namespace = `${database}.${name}`;
  if (name !== '' && !name.includes('\0') && !name.startsWith('.')) return namespace;
  throw new ServerError(73, `invalid ${stage} namespace: ${namespace}`);
}

function joinOf(text: ReadonlyMap<string, string>, hasPipeline: boolean): Join | undefined {
  const local = text.get('localField') ?? '';
  const foreign = text.get('foreignField') ?? '';
  if (local !== '' && foreign !== '') {
    parseFieldPath(foreign);
    return { local: parseFieldPath(local), foreign };
  }
  if (hasPipeline && local === '' && foreign === '') return undefined;
  throw new ServerError(
    9,
    hasPipeline
      ? "$lookup requires both or neither of 'localField' and 'foreignField' to be specified"
      : "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
  );
}

/** A pipeline given as an operand; throws 14. */
export function pipelineOperand(value: BsonValue): readonly BsonValue[] {
  if (!Array.isArray(value)) {
    throw new ServerError(14, 'A pipeline must be an array of objects');
  }
  if (value.every(isDocument)) return value;
  throw new ServerError(14, "Each element of the 'pipeline' array must be an object");
}

/** The operand of a `let`; throws 9. */
function letOperand(stage: string, value: BsonValue): BsonDocument {
  return documentOperand(
    stage,
    value,
    9,
    `${stage} argument 'let' must be an object, is type ${typeName(value)}`,
  );
}

/** True for what may give something else each time. */
function isRandom(value: BsonValue | readonly BsonValue[]): boolean {
  if (Array.isArray(value)) return value.some(isRandom);
  if (!isDocument(value as BsonValue)) return false;
  return [...(value as BsonDocument)].some(
    ([name, below]) => name === '$rand' || name === '$sample' || isRandom(below),
  );
}

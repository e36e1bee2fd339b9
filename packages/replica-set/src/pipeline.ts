/** Aggregation pipelines: the stages by their names, and where they may stand. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import type { ExpressionScope, VariableScope } from './expression.ts';
import { pause } from './pause.ts';
import { ServerError } from './server-error.ts';
import { compileAddFields } from './stage/add-fields.ts';
import { compileBucket, compileSortByCount } from './stage/bucket.ts';
import { compileBucketAuto } from './stage/bucket-auto.ts';
import {
  collStatsSource,
  indexStatsSource,
  planCacheStatsSource,
} from './stage/collection-sources.ts';
import { compileDensify } from './stage/densify.ts';
import { compileFacet } from './stage/facet.ts';
import { compileFill } from './stage/fill.ts';
import {
  compileCount,
  compileLimit,
  compileMatch,
  compileSample,
  compileSkip,
  limitOperand,
  skipOperand,
} from './stage/flow.ts';
import { compileGraphLookup } from './stage/graph-lookup.ts';
import { compileGroup } from './stage/group.ts';
import { compileLookup } from './stage/lookup.ts';
import { matchesFirst } from './stage/match-order.ts';
import { compileProject, compileUnset } from './stage/project.ts';
import { compileRedact } from './stage/redact.ts';
import { refusedStages } from './stage/refused.ts';
import { compileReplaceRoot, compileReplaceWith, type DocumentChange } from './stage/replace.ts';
import { sortOperand, sortStage } from './stage/sort.ts';
import {
  currentOpSource,
  documentsSource,
  emptyAdminSource,
  sessionsSource,
} from './stage/sources.ts';
import type {
  Forbidden,
  Pipeline,
  Place,
  SourceDefinition,
  Stage,
  StageDefinition,
  StageSurroundings,
} from './stage/stage.ts';
import { compileUnionWith } from './stage/union-with.ts';
import { compileUnwind } from './stage/unwind.ts';
import { compileSetWindowFields } from './stage/window/set-window-fields.ts';

type DocumentStage = (operand: BsonValue, around: VariableScope) => DocumentChange;

/** The stages that an update may use. */
const documentStages: ReadonlyMap<string, DocumentStage> = new Map([
  ['$addFields', compileAddFields('$addFields')],
  ['$set', compileAddFields('$set')],
  ['$project', compileProject],
  ['$unset', compileUnset],
  ['$replaceRoot', compileReplaceRoot],
  ['$replaceWith', compileReplaceWith],
]);

const definitions: ReadonlyMap<string, StageDefinition> = new Map<string, StageDefinition>([
  ...[...documentStages].map(([name, compile]) => [name, overEach(compile)] as const),
  ...refusedStages,
  ['$match', { compile: compileMatch }],
  ['$sort', { compile: (operand) => sortStage(sortOperand(operand)) }],
  ['$limit', { compile: compileLimit }],
  ['$skip', { compile: compileSkip }],
  ['$count', { compile: compileCount }],
  ['$sample', { compile: compileSample }],
  ['$unwind', { compile: compileUnwind }],
  ['$group', { compile: compileGroup }],
  ['$bucket', { compile: compileBucket }],
  ['$bucketAuto', { compile: compileBucketAuto }],
  ['$sortByCount', { compile: compileSortByCount }],
  ['$redact', { compile: compileRedact }],
  ['$lookup', { compile: compileLookup }],
  ['$graphLookup', { compile: compileGraphLookup }],
  ['$unionWith', { compile: compileUnionWith }],
  ['$facet', { compile: compileFacet, notIn: ['facet'] }],
  ['$setWindowFields', { compile: compileSetWindowFields }],
  ['$densify', { compile: compileDensify }],
  ['$fill', { compile: compileFill }],
]);

const sources: ReadonlyMap<string, SourceDefinition> = new Map([
  ['$documents', documentsSource],
  ['$collStats', collStatsSource],
  ['$indexStats', indexStatsSource],
  ['$planCacheStats', planCacheStatsSource],
  ['$currentOp', currentOpSource],
  ['$listSessions', sessionsSource('$listSessions')],
  ['$listLocalSessions', sessionsSource('$listLocalSessions')],
  ['$listSampledQueries', emptyAdminSource('$listSampledQueries')],
  ['$querySettings', emptyAdminSource('$querySettings')],
]);

/** Stages that commands take out of a pipeline before it comes here. */
const elsewhere: ReadonlyMap<string, Forbidden[]> = new Map([
  ['$out', ['facet', 'lookup', 'union', 'changeStream', 'transaction']],
  ['$merge', ['facet', 'lookup', 'union', 'changeStream', 'transaction']],
  ['$changeStream', ['facet', 'lookup', 'union', 'transaction']],
]);

/** The names of all stages that MongoDB has and this server knows, those that it refuses too. */
export const stageNames: ReadonlySet<string> = new Set([
  ...definitions.keys(),
  ...sources.keys(),
  ...elsewhere.keys(),
]);

/** Where a pipeline stands. */
type PipelineScope = VariableScope & Pick<StageSurroundings, 'database'>;

const mostStages = 1000;
const deepest = 20;

/**
 * Compiles the stages of a pipeline over a collection of `database`, with `variables` around it.
 *
 * @throws {ServerError} 40323 for a stage of several names, 40324 for an unknown one, what a
 * stage says of its operand, and then 40600, 40601, 40602, 31441, 51047 or 20 for one that
 * stands where it may not
 */
export function compilePipeline(
  given: readonly BsonValue[],
  { database, variables }: PipelineScope,
  place: Place = 'command',
  depth = 0,
): Pipeline {
  if (given.length > mostStages) {
    throw new ServerError(9, `Pipeline length must be no longer than ${mostStages} stages`);
  }
  if (depth > deepest) {
    throw new ServerError(
      232,
      `Maximum number of nested sub-pipelines exceeded. Limit is ${deepest}`,
    );
  }
  const named = given.map(namedStage);
  for (const [name] of named) {
    if (!stageNames.has(name)) {
      throw new ServerError(40324, `Unrecognized pipeline stage name: '${name}'`);
    }
  }
  const surroundings: StageSurroundings = {
    database,
    place,
    variables,
    inner(inside, where, around = { variables }) {
      return compilePipeline(inside, { database, ...around }, where, depth + 1);
    },
  };
  let source: Pipeline['source'];
  const stages: Stage[] = [];
  for (const [index, [name, operand]] of named.entries()) {
    const definition = definitions.get(name);
    if (definition === undefined) {
      const found = sources.get(name);
      const read = found?.source(operand, surroundings);
      checkPlace(name, found?.notIn ?? elsewhere.get(name), place);
      checkPosition(name, index, given.length);
      if (read !== undefined) source = { name, read };
    } else {
      const run = definition.compile(operand, surroundings);
      checkPlace(name, definition.notIn, place);
      stages.push({ name, operand, run });
    }
  }
  const ordered = matchesFirst(stages);
  return { source, stages: ordered.map((stage, index) => boundedSort(stage, ordered, index + 1)) };
}

/** A `$sort` that holds no more documents than a `$limit` behind it asks for; other stages as they are. */
function boundedSort(stage: Stage, stages: readonly Stage[], next: number): Stage {
  if (stage.name !== '$sort') return stage;
  let skipped = 0;
  for (const { name, operand } of stages.slice(next)) {
    if (name === '$skip') skipped += skipOperand(operand);
    else if (name === '$limit') {
      const most = skipped + limitOperand(operand);
      return { ...stage, run: sortStage(sortOperand(stage.operand), most) };
    } else break;
  }
  return stage;
}

function namedStage(stage: BsonValue): [string, BsonValue] {
  const [entry] = isDocument(stage) ? stage : [];
  if (!isDocument(stage) || stage.size !== 1 || entry === undefined) {
    throw new ServerError(
      40323,
      'A pipeline stage specification object must contain exactly one field.',
    );
  }
  return entry;
}

/** The name of a stage; an empty text for what is none. */
export function stageName(stage: BsonValue): string {
  const [name = ''] = isDocument(stage) ? stage.keys() : [];
  return name;
}

function checkPlace(name: string, notIn: readonly Forbidden[] = [], place: Place): void {
  if (place === 'changeStream' && !changeStreamStages.has(name)) {
    throw new ServerError(20, `${name} is not permitted in a $changeStream pipeline`);
  }
  if (place === 'command' || !notIn.includes(place)) return;
  if (place === 'facet') {
    throw new ServerError(40600, `${name} is not allowed to be used within a $facet stage`);
  }
  throw place === 'union'
    ? new ServerError(31441, `${name} is not allowed within a $unionWith's sub-pipeline`)
    : new ServerError(51047, `${name} is not allowed within a $lookup's sub-pipeline`);
}

const changeStreamStages: ReadonlySet<string> = new Set([
  '$match',
  '$project',
  '$addFields',
  '$set',
  '$unset',
  '$replaceRoot',
  '$replaceWith',
  '$redact',
]);

const finalStages: ReadonlySet<string> = new Set(['$out', '$merge']);

function checkPosition(name: string, index: number, length: number): void {
  if (finalStages.has(name)) {
    if (index === length - 1) return;
    throw new ServerError(40601, `${name} can only be the final stage in the pipeline`);
  }
  if (index > 0) {
    throw new ServerError(40602, `${name} is only valid as the first stage in a pipeline`);
  }
}

/** Throws 263 for a pipeline that may not run in a transaction, whose stages have been compiled. */
export function checkTransactionStages(given: readonly BsonValue[]): void {
  for (const stage of given) {
    const name = stageName(stage);
    const notIn = sources.get(name)?.notIn ?? elsewhere.get(name) ?? [];
    if (notIn.includes('transaction')) {
      throw new ServerError(
        263,
        `Stage not supported inside of a multi-document transaction: ${name}`,
      );
    }
  }
}

function overEach(compile: DocumentStage): StageDefinition {
  return {
    compile(operand, surroundings) {
      const change = compile(operand, surroundings);
      return function* (documents, scope) {
        for (const document of documents) {
          yield document === pause ? pause : change(document, scope);
        }
      };
    },
  };
}

/** The stages that an update may use, as one function from document to document. */
export function compileDocumentStages(
  given: readonly BsonValue[],
  around: VariableScope,
): (document: BsonDocument, scope: ExpressionScope) => BsonDocument {
  const changes = given.map((stage) => {
    const [name, operand] = namedStage(stage);
    const compile = documentStages.get(name);
    if (compile !== undefined) return compile(operand, around);
    if (!stageNames.has(name)) {
      throw new ServerError(40324, `Unrecognized pipeline stage name: '${name}'`);
    }
    throw new ServerError(72, `${name} is not allowed to be used within an update`);
  });
  return (document, scope) => changes.reduce((current, change) => change(current, scope), document);
}

/** True for a stage that stands first and is asked for by `{ aggregate: 1 }`. */
export function isCollectionless(name: string): boolean {
  return sources.get(name)?.collectionless === true;
}

/** Carrying pipelines out over collections, views, or nothing. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { Collator } from './collator.ts';
import type { CommandContext } from './command.ts';
import type { Match } from './match.ts';
import { type Flow, pause } from './pause.ts';
import { compilePipeline } from './pipeline.ts';
import { countByKeys, findMatches, planOf, type Readable, type Selection } from './query.ts';
import { ServerError } from './server-error.ts';
import { limitOperand, skipOperand } from './stage/flow.ts';
import { type Pipeline, runStages, type Stage, type StageScope } from './stage/stage.ts';

const deepestView = 20;

/**
 * What comes out of a pipeline over a collection or view, read as it is taken. Stages at its
 * head that are a query, its order and its bounds are left to the planner and its indexes.
 */
export function aggregate(
  context: CommandContext,
  namespace: string,
  pipeline: Pipeline,
  hint?: BsonValue,
): Flow<BsonDocument> {
  const scope = stageScope(context);
  const { collection, source, stages, base } = resolve(context, namespace, pipeline);
  if (source !== undefined) return runStages(stages, source.read(context, base), scope);
  if (collection === undefined) return runStages(stages, [], scope);
  const { selection, rest } = splitHead(stages);
  const counted = countingGroup(rest, selection);
  const n = counted && countByKeys(context.state, collection, { ...selection, hint }, context);
  if (n !== undefined) return n === 0 ? [] : [new Map(counted).set('n', n)];
  const matches = findMatches(context.state, collection, { ...selection, hint }, scope);
  return runStages(rest, documentsOf(matches), scope);
}

/** How a pipeline would be carried out. */
export interface PlannedPipeline {
  /** The namespace that is read in the end. */
  readonly base: string;
  /** What is asked of the collection there; nothing when a stage gives the documents instead. */
  readonly selection: Selection | undefined;
  /** The stages that work on documents in memory. */
  readonly rest: readonly Stage[];
  readonly scope: StageScope;
}

/** Tells what `aggregate` does with a pipeline. */
export function planPipeline(
  context: CommandContext,
  namespace: string,
  pipeline: Pipeline,
): PlannedPipeline {
  const scope = stageScope(context);
  const { source, stages, base } = resolve(context, namespace, pipeline);
  if (source !== undefined) return { base, selection: undefined, rest: stages, scope };
  return { base, ...splitHead(stages), scope };
}

export function* documentsOf(matches: Flow<Match>): Flow<BsonDocument> {
  for (const match of matches) yield match === pause ? pause : match.document;
}

/** What stages see of a command: its data are read through the same store, in a transaction and a snapshot too. */
function stageScope(context: CommandContext): StageScope {
  const { now, clusterTime, variables, collator, command, database } = context;
  return {
    now,
    ...(clusterTime && { clusterTime }),
    ...(variables && { variables }),
    collator,
    allowDiskUse: command.get('allowDiskUse') !== false,
    isIndexed(namespace, path) {
      const collection = context.store.collection(namespace);
      const filter: BsonDocument = new Map([[path, 0]]);
      return (
        collection !== undefined && planOf(collection, { filter }, collator).index !== undefined
      );
    },
    read(namespace = `${database}.$cmd.aggregate`, pipeline, inner) {
      return aggregate({ ...context, ...(inner && { variables: inner }) }, namespace, pipeline);
    },
  };
}

interface Resolved extends Pipeline {
  /** The namespace that is read in the end; its collection is nothing when there is none. */
  readonly base: string;
  readonly collection: Readable | undefined;
}

/** The pipeline over the collection that a view, or a view of a view, stands on; throws 165 when those are too many. */
function resolve(context: CommandContext, namespace: string, pipeline: Pipeline): Resolved {
  let base = namespace;
  let { stages } = pipeline;
  const { source } = pipeline;
  for (let depth = 0; source === undefined; depth++) {
    const collection = context.store.collection(base);
    const view = collection?.settings.view;
    if (view === undefined) return { base, collection, source, stages };
    if (!Collator.same(collection?.settings.collator, context.collator)) {
      throw new ServerError(167, `Cannot override the default collation of the view ${base}`);
    }
    if (depth === deepestView) {
      throw new ServerError(165, `View depth too deep: ${namespace} stands on too many others`);
    }
    const database = base.slice(0, base.indexOf('.'));
    stages = [...viewPipeline(view, database).stages, ...stages];
    base = `${database}.${view.on}`;
  }
  return { base, collection: undefined, source, stages };
}

const compiledViews = new WeakMap<object, Pipeline>();

function viewPipeline(
  view: { readonly pipeline: readonly BsonValue[] },
  database: string,
): Pipeline {
  let compiled = compiledViews.get(view);
  if (compiled === undefined) {
    compiled = compilePipeline(view.pipeline, { database });
    compiledViews.set(view, compiled);
  }
  return compiled;
}

interface Head {
  /** What the planner is asked for. */
  readonly selection: Selection;
  readonly rest: readonly Stage[];
}

/** Takes a query off the head of a pipeline: `$match`, `$sort`, `$skip` and `$limit`, so far as they come in this order. */
function splitHead(stages: readonly Stage[]): Head {
  const filters: BsonValue[] = [];
  let at = 0;
  const take = (name: string): BsonValue => {
    const stage = stages[at];
    if (stage?.name !== name) return undefined;
    at += 1;
    return stage.operand;
  };
  const takeFilters = (): void => {
    for (let filter = take('$match'); filter !== undefined; filter = take('$match')) {
      filters.push(filter);
    }
  };
  takeFilters();
  const sort = take('$sort');
  // A query before a sort finds the same as one behind it.
  if (sort !== undefined) takeFilters();
  const skip = take('$skip');
  const limit = take('$limit');
  const filter: BsonDocument = filters.length > 1 ? new Map([['$and', filters]]) : new Map();
  const [only] = filters;
  return {
    selection: {
      filter: filters.length === 1 && isDocument(only) ? only : filter,
      ...(isDocument(sort) && { sort }),
      ...(skip !== undefined && { skip: skipOperand(skip) }),
      ...(limit !== undefined && { limit: limitOperand(limit) }),
    },
    rest: stages.slice(at),
  };
}

/** The `_id` of `{ $group: { _id: 1, n: { $sum: 1 } } }` alone, which is how drivers count documents. */
function countingGroup(
  stages: readonly Stage[],
  { sort }: Selection,
): [string, BsonValue][] | undefined {
  const [stage] = stages;
  if (sort !== undefined || stages.length !== 1) return undefined;
  const group = stage?.name === '$group' ? stage.operand : undefined;
  if (!isDocument(group) || group.size !== 2) return undefined;
  const id = group.get('_id');
  const n = group.get('n');
  const isConstant = id === null || typeof id === 'number';
  const isCount = isDocument(n) && n.size === 1 && n.get('$sum') === 1;
  return isConstant && isCount ? [['_id', id]] : undefined;
}

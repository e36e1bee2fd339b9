/** `explain`: how a command would be carried out, and what that came to. */

import { documentsOf, planPipeline } from '../aggregation.ts';
import { type BsonValue, type EncodableDocument, isDocument } from '../bson-document.ts';
import { Collection } from '../collection.ts';
import {
  arrayArgument,
  type Command,
  type CommandContext,
  documentArgument,
  flagArgument,
  namespaceOf,
} from '../command.ts';
import { withCollation } from '../command-collation.ts';
import {
  describeRead,
  describeServer,
  type Explained,
  type Verbosity,
} from '../explain/explain-reply.ts';
import {
  countScan,
  node,
  type RunCounts,
  readingStages,
  type StageNode,
  selectionStages,
} from '../explain/stage-tree.ts';
import { withVariables } from '../expression.ts';
import { compileQuery } from '../matcher.ts';
import { hasOutput } from '../output-stage.ts';
import { type Flow, pause } from '../pause.ts';
import { compilePipeline } from '../pipeline.ts';
import type { Plan } from '../plan.ts';
import { Examined } from '../plan-reader.ts';
import { compileProjection } from '../projection.ts';
import { countByKeys, findMatches, planOf, type Selection } from '../query.ts';
import { ServerError } from '../server-error.ts';
import { stagesOf } from '../view.ts';
import { requireViewCollations } from '../view-definition.ts';
import { forEachInSlices } from './read-in-slices.ts';
import { countSelection, distinctSelection, findSelection } from './selections.ts';

export const explain: Command = {
  kind: 'read',
  run(context) {
    const inner = documentArgument(context.command, 'explain');
    const given = context.command.get('verbosity') ?? 'allPlansExecution';
    if (!isVerbosity(given)) {
      throw new ServerError(
        2,
        `Enumeration value '${String(given)}' for field 'explain.verbosity' is not a valid value.`,
      );
    }
    if (context.transaction !== undefined) {
      throw new ServerError(263, "Cannot run 'explain' in a multi-document transaction.");
    }
    const [name = ''] = inner.keys();
    const explained = explainers.get(name);
    if (explained === undefined) {
      throw new ServerError(59, `Explain failed due to unknown command: ${name}`);
    }
    const within = { ...context, name, command: inner };
    const definitions = documentArgument(inner, 'let');
    return explained(definitions.size === 0 ? within : withVariables(within, definitions), given);
  },
};

function isVerbosity(value: BsonValue): value is Verbosity {
  return value === 'queryPlanner' || value === 'executionStats' || value === 'allPlansExecution';
}

type Explainer = (
  context: CommandContext,
  verbosity: Verbosity,
) => EncodableDocument | Promise<EncodableDocument>;

/** How a command is made a reply of: its stages above those that read. */
type Topping = (below: StageNode, run: RunCounts) => StageNode;

/** Explains the reading of a selection, with what the command does with it on top. */
async function explainSelection(
  context: CommandContext,
  namespace: string,
  selection: Selection,
  verbosity: Verbosity,
  topping: Topping = (below) => below,
): Promise<EncodableDocument> {
  if (context.store.collection(namespace)?.settings.view !== undefined) {
    return explainPipeline(context, namespace, stagesOf(selection), verbosity);
  }
  const read = await explainRead(context, namespace, selection, verbosity, topping);
  return {
    explainVersion: '1',
    ...describeRead(read, verbosity),
    ...describeServer(context, context.command),
  };
}

async function explainRead(
  context: CommandContext,
  namespace: string,
  selection: Selection,
  verbosity: Verbosity,
  topping: Topping,
): Promise<Explained> {
  const { filter } = selection;
  const examined = new Examined();
  const collection = storedCollection(context, namespace);
  // What is malformed is refused, be the collection there or not.
  compileQuery(filter, context);
  if (collection === undefined) {
    const run = { examined, returned: 0 };
    const winning = topping(node('EOF', { type: 'nonExistentNamespace' }, [], 0), run);
    return { namespace, filter, winning, rejected: [], run, milliseconds: 0 };
  }
  const plan = planOf(collection, selection, context.collator);
  const begun = performance.now();
  let returned = 0;
  if (verbosity !== 'queryPlanner') {
    const { state } = context;
    const matches = findMatches(state, collection, selection, context, examined);
    await forEachInSlices(context, matches, () => {
      returned += 1;
    });
  }
  const milliseconds = performance.now() - begun;
  const run = { examined, returned };
  const tree = (each: Plan, counts: RunCounts): StageNode => {
    const below = readingStages(each, filter, counts);
    return topping(selectionStages(below, each, selection, counts.returned), counts);
  };
  const nothing = { examined: new Examined(), returned: 0 };
  const rejected = plan.rejected.map((each) => tree(each, nothing));
  return { namespace, filter, winning: tree(plan, run), rejected, run, milliseconds };
}

function storedCollection({ store }: CommandContext, namespace: string): Collection | undefined {
  const collection = store.collection(namespace);
  return collection instanceof Collection ? collection : undefined;
}

const explainFind: Explainer = (given, verbosity) => {
  const namespace = namespaceOf(given);
  const context = withCollation(given, namespace);
  const projection = documentArgument(context.command, 'projection');
  const isComputed = [...projection].some(
    ([name, value]) =>
      name.endsWith('.$') || (typeof value !== 'number' && typeof value !== 'boolean'),
  );
  compileProjection(projection, context);
  const topping: Topping = (below) => {
    if (projection.size === 0) return below;
    const stage = isComputed ? 'PROJECTION_DEFAULT' : 'PROJECTION_SIMPLE';
    return node(stage, { transformBy: projection }, [below], below.returned);
  };
  const selection = findSelection(context.command);
  return explainSelection(context, namespace, selection, verbosity, topping);
};

const explainCount: Explainer = (given, verbosity) => {
  const namespace = namespaceOf(given);
  const context = withCollation(given, namespace);
  const selection = countSelection(context.command);
  const collection = storedCollection(context, namespace);
  const plan = collection && planOf(collection, selection, context.collator);
  const byKeys = plan?.exact === true || (plan?.index === undefined && selection.filter.size === 0);
  if (collection === undefined || plan === undefined || !byKeys || plan.branches.length > 0) {
    const topping: Topping = (below, run) =>
      node('COUNT', {}, [below], 0, { nCounted: run.returned, nSkipped: selection.skip ?? 0 });
    return explainSelection(context, namespace, selection, verbosity, topping);
  }
  compileQuery(selection.filter, context);
  const counted =
    verbosity === 'queryPlanner'
      ? 0
      : (countByKeys(context.state, collection, selection, context) ?? 0);
  const examined = new Examined();
  examined.keys = plan.index === undefined ? 0 : counted;
  const scan = countScan(plan, counted);
  const winning =
    plan.index === undefined ? scan : node('COUNT', {}, [scan], 0, { nCounted: counted });
  const read: Explained = {
    namespace,
    filter: selection.filter,
    winning,
    rejected: [],
    run: { examined, returned: 0 },
    milliseconds: 0,
  };
  return {
    explainVersion: '1',
    ...describeRead(read, verbosity),
    ...describeServer(context, context.command),
  };
};

const explainDistinct: Explainer = (given, verbosity) => {
  const namespace = namespaceOf(given);
  const context = withCollation(given, namespace);
  const { selection } = distinctSelection(context.command);
  return explainSelection(context, namespace, selection, verbosity);
};

/** Of one update or delete; nothing is written. */
function explainWrite(list: 'updates' | 'deletes'): Explainer {
  return (given, verbosity) => {
    const [statement, other] = arrayArgument(given.command, list);
    if (!isDocument(statement) || other !== undefined) {
      throw new ServerError(72, 'explained write batches must be of size 1');
    }
    const namespace = namespaceOf(given);
    const context = withCollation(given, namespace, statement.get('collation'));
    const isUpdate = list === 'updates';
    const isMulti = isUpdate
      ? flagArgument(statement, 'multi')
      : Number(statement.get('limit')) === 0;
    const selection: Selection = {
      filter: documentArgument(statement, 'q'),
      sort: documentArgument(statement, 'sort'),
      limit: isMulti ? 0 : 1,
      hint: statement.get('hint'),
    };
    const topping: Topping = (below, run) => {
      if (!isUpdate) return node('DELETE', {}, [below], 0, { nWouldDelete: run.returned });
      const upserts = run.returned === 0 && flagArgument(statement, 'upsert') ? 1 : 0;
      const counts = { nMatched: run.returned, nWouldModify: run.returned, nWouldUpsert: upserts };
      return node('UPDATE', {}, [below], 0, counts);
    };
    return explainSelection(context, namespace, selection, verbosity, topping);
  };
}

const explainFindAndModify: Explainer = (given, verbosity) => {
  const namespace = namespaceOf(given);
  const context = withCollation(given, namespace);
  const { command } = context;
  const selection: Selection = {
    filter: documentArgument(command, 'query'),
    sort: documentArgument(command, 'sort'),
    limit: 1,
    hint: command.get('hint'),
  };
  const topping: Topping = (below, run) => {
    if (flagArgument(command, 'remove')) {
      return node('DELETE', {}, [below], run.returned, { nWouldDelete: run.returned });
    }
    const upserts = run.returned === 0 && flagArgument(command, 'upsert') ? 1 : 0;
    const counts = { nMatched: run.returned, nWouldModify: run.returned, nWouldUpsert: upserts };
    return node('UPDATE', {}, [below], run.returned, counts);
  };
  return explainSelection(context, namespace, selection, verbosity, topping);
};

/** Explains a pipeline: what reads, and behind it the stages that work on documents in memory. */
export const explainAggregate: Explainer = (given, verbosity) => {
  const stages = arrayArgument(given.command, 'pipeline');
  if (hasOutput(stages) && verbosity !== 'queryPlanner') {
    throw new ServerError(20, '$out and $merge can only be explained with verbosity queryPlanner');
  }
  const target = given.command.get('aggregate');
  const namespace =
    typeof target === 'string' ? namespaceOf(given) : `${given.database}.$cmd.aggregate`;
  const context = withCollation(given, namespace);
  requireViewCollations(context, stages);
  return explainPipeline(context, namespace, stages, verbosity);
};

async function explainPipeline(
  context: CommandContext,
  namespace: string,
  stages: readonly BsonValue[],
  verbosity: Verbosity,
): Promise<EncodableDocument> {
  const pipeline = compilePipeline(stages, context);
  const { base, selection: head, rest, scope } = planPipeline(context, namespace, pipeline);
  const ran = verbosity !== 'queryPlanner';
  if (head === undefined) {
    return { explainVersion: '1', stages, ...describeServer(context, context.command) };
  }
  const selection = { ...head, hint: context.command.get('hint') };
  if (rest.length === 0) return explainSelection(context, base, selection, verbosity);
  const read = await explainRead(context, base, selection, verbosity, (below) => below);
  const told = (returned: number) =>
    ran ? { nReturned: BigInt(returned), executionTimeMillisEstimate: 0n } : {};
  const counts = rest.map(() => 0);
  if (ran) {
    const collection = context.store.collection(base);
    let documents = documentsOf(findMatches(context.state, collection, selection, context));
    for (const [at, { run }] of rest.entries()) {
      documents = noted(run(documents, scope), () => {
        counts[at] = (counts[at] ?? 0) + 1;
      });
    }
    await forEachInSlices(context, documents, () => {});
  }
  const above = rest.map(({ name, operand }, at) => ({
    [name]: operand,
    ...told(counts[at] ?? 0),
  }));
  return {
    explainVersion: '1',
    stages: [{ $cursor: describeRead(read, verbosity), ...told(read.run.returned) }, ...above],
    ...describeServer(context, context.command),
  };
}

function* noted<T>(flow: Flow<T>, note: () => void): Flow<T> {
  for (const item of flow) {
    if (item !== pause) note();
    yield item;
  }
}

const explainers: ReadonlyMap<string, Explainer> = new Map<string, Explainer>([
  ['find', explainFind],
  ['count', explainCount],
  ['distinct', explainDistinct],
  ['aggregate', explainAggregate],
  ['update', explainWrite('updates')],
  ['delete', explainWrite('deletes')],
  ['findAndModify', explainFindAndModify],
  ['findandmodify', explainFindAndModify],
]);

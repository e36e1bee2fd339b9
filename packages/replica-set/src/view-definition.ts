/** What views may be made of, and which collections a pipeline reads. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import type { Catalog } from './catalog.ts';
import { Collator, collationArgument } from './collator.ts';
import { arrayArgument, type CommandContext } from './command.ts';
import { hasOutput } from './output-stage.ts';
import { compilePipeline } from './pipeline.ts';
import { ServerError } from './server-error.ts';

/** The pipeline of a view has to be one, and may not write (167). */
export function requireViewPipeline(options: BsonDocument, database: string): void {
  if (!options.has('pipeline')) return;
  const pipeline = arrayArgument(options, 'pipeline');
  compilePipeline(pipeline, { database });
  if (hasOutput(pipeline)) {
    throw new ServerError(167, 'The aggregation stages $out and $merge cannot be used in a view');
  }
}

const deepestView = 20;

/**
 * Throws 5 for a view that would show itself, 165 for one of too many views upon each other, and
 * 167 for one made of a view that has another collation.
 */
export function requireViewSources(
  catalog: Catalog,
  namespace: string,
  options: BsonDocument,
  collator: Collator | undefined = collationArgument(options.get('collation'), undefined),
): void {
  const on = options.get('viewOn');
  const pipeline = options.get('pipeline');
  if (typeof on !== 'string') return;
  const database = namespace.slice(0, namespace.indexOf('.'));
  const visit = (name: string, stages: readonly BsonValue[], depth: number): void => {
    if (depth > deepestView) {
      throw new ServerError(165, `View depth limit exceeded; maximum depth is ${deepestView}`);
    }
    for (const each of [name, ...collectionsRead(stages)]) {
      const source = `${database}.${each}`;
      if (source === namespace) {
        throw new ServerError(5, `View cycle detected: ${namespace} is made of itself`);
      }
      const settings = catalog.get(source)?.settings;
      if (settings?.view === undefined) continue;
      if (!Collator.same(settings.collator, collator)) {
        throw new ServerError(
          167,
          `View ${namespace} has a collation that does not match that of view ${source}`,
        );
      }
      visit(settings.view.on, settings.view.pipeline, depth + 1);
    }
  };
  visit(on, Array.isArray(pipeline) ? pipeline : [], 1);
}

/** Throws 167 when stages read a view that has another collation than the command. */
export function requireViewCollations(
  { store, database, collator }: CommandContext,
  stages: readonly BsonValue[],
): void {
  for (const name of collectionsRead(stages)) {
    const settings = store.collection(`${database}.${name}`)?.settings;
    if (settings?.view === undefined || Collator.same(settings.collator, collator)) continue;
    throw new ServerError(167, `Cannot override a view's default collation: ${database}.${name}`);
  }
}

/** The collections that the stages of a pipeline read. */
function* collectionsRead(pipeline: readonly BsonValue[]): Generator<string> {
  for (const stage of pipeline) {
    if (!isDocument(stage)) continue;
    for (const [name, operand] of stage) {
      if (name === '$unionWith' && typeof operand === 'string') yield operand;
      if (!isDocument(operand)) continue;
      const from = operand.get(name === '$unionWith' ? 'coll' : 'from');
      if (typeof from === 'string' && readers.has(name)) yield from;
      const inner = name === '$facet' ? [...operand.values()] : [operand.get('pipeline')];
      for (const each of inner) if (Array.isArray(each)) yield* collectionsRead(each);
    }
  }
}

const readers = new Set(['$lookup', '$graphLookup', '$unionWith']);

/** Views: collections that are shown through a pipeline. */

import type { BsonDocument, BsonValue } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import type { CommandContext } from './command.ts';
import { compilePipeline } from './pipeline.ts';
import { findMatches, type Match, type Selection } from './query.ts';
import { ServerError } from './server-error.ts';

const deepest = 20;

/** What a collection, or view, holds that a selection asks for. Throws 165 where views stand on each other too deep. */
export function selectFrom(
  context: CommandContext,
  namespace: string,
  selection: Selection,
  depth = 0,
): Iterable<Match> {
  const collection = context.store.collection(namespace);
  const view = collection?.settings.view;
  if (view === undefined) return findMatches(context.state, collection, selection, context);
  if (depth === deepest)
    throw new ServerError(165, `the view ${namespace} stands on too many others`);
  const source = `${namespace.slice(0, namespace.indexOf('.'))}.${view.on}`;
  const below = selectFrom(context, source, { filter: new Map() }, depth + 1);
  return runStages(context, below, [...view.pipeline, ...stagesOf(selection)]);
}

/** The selection as the stages of a pipeline. */
function stagesOf({ filter, sort, skip, limit }: Selection): BsonValue[] {
  const stages: [string, BsonValue][] = [['$match', filter]];
  if (sort !== undefined && sort.size > 0) stages.push(['$sort', sort]);
  if (skip) stages.push(['$skip', skip]);
  if (limit) stages.push(['$limit', limit]);
  return stages.map((stage) => new Map([stage]));
}

function* runStages(
  context: CommandContext,
  matches: Iterable<Match>,
  stages: readonly BsonValue[],
): IterableIterator<Match> {
  let documents: Iterable<BsonDocument> = documentsOf(matches);
  for (const stage of compilePipeline(stages)) documents = stage(documents, context);
  for (const document of documents) {
    yield { document, stored: { record: -1, bytes: encodeDocument(document) } };
  }
}

function* documentsOf(matches: Iterable<Match>): IterableIterator<BsonDocument> {
  for (const { document } of matches) yield document;
}

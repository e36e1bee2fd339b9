/** Views: collections that are shown through a pipeline. */
import { aggregate } from './aggregation.ts';
import type { BsonValue } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import type { CommandContext } from './command.ts';
import type { Match } from './match.ts';
import { type Flow, pause } from './pause.ts';
import { compilePipeline } from './pipeline.ts';
import { findMatches, type Selection } from './query.ts';

/** What a collection, or view, holds that a selection asks for. Throws 165 where views stand on each other too deep. */
export function selectFrom(
  context: CommandContext,
  namespace: string,
  selection: Selection,
): Flow<Match> {
  const collection = context.store.collection(namespace);
  return collection?.settings.view === undefined
    ? findMatches(context.state, collection, selection, context)
    : selectFromView(context, namespace, selection);
}

function* selectFromView(
  context: CommandContext,
  namespace: string,
  selection: Selection,
): Flow<Match> {
  const pipeline = compilePipeline(stagesOf(selection), context);
  for (const document of aggregate(context, namespace, pipeline)) {
    if (document === pause) yield pause;
    else yield { document, stored: { record: -1, bytes: encodeDocument(document) } };
  }
}

/** The selection as the stages of a pipeline. */
export function stagesOf({ filter, sort, skip, limit }: Selection): BsonValue[] {
  const stages: [string, BsonValue][] = [['$match', filter]];
  if (sort !== undefined && sort.size > 0) stages.push(['$sort', sort]);
  if (skip) stages.push(['$skip', skip]);
  if (limit) stages.push(['$limit', limit]);
  return stages.map((stage) => new Map([stage]));
}

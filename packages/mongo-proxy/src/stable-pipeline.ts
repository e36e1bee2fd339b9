import type { Document } from 'mongodb';
import { uncertainPart } from './certain-expression.ts';
import type { Obstacle } from './obstacle.ts';
import { sortOf, totalOrder } from './total-order.ts';

/** Accumulators whose answer does not depend on the order of what they see. */
const orderless: ReadonlySet<string> = new Set([
  '$sum',
  '$avg',
  '$min',
  '$max',
  '$count',
  '$push',
  '$addToSet',
  '$stdDevPop',
  '$stdDevSamp',
]);

/** Stages that give one document for each, or none, and keep their order. */
const steady: ReadonlySet<string> = new Set([
  '$project',
  '$addFields',
  '$set',
  '$unset',
  '$match',
  '$limit',
  '$skip',
  '$lookup',
  '$replaceRoot',
  '$replaceWith',
]);

/** A field of ours, beside the caller's for the time of the sort. */
const tie = '__mongoProxyTie';

/**
 * The pipeline with its last `$sort` made total by `_id`, or why that cannot be.
 *
 * The stages before it have to keep `_id` unique and what they give independent of the order in
 * which they see documents; those behind it have to keep the order.
 */
export function stablePipeline(pipeline: readonly Document[]): Document[] | Obstacle {
  const at = pipeline.findLastIndex((stage) => nameOf(stage) === '$sort');
  if (at < 0) return { code: 'no-total-order', detail: 'its pipeline has no $sort' };
  const uncertain = uncertainPart(pipeline);
  if (uncertain !== undefined) {
    return { code: 'pipeline', detail: `${uncertain} need not give the same documents again` };
  }
  const unsteady = pipeline.slice(at + 1).find((stage) => !steady.has(nameOf(stage)));
  if (unsteady !== undefined) {
    return {
      code: 'pipeline',
      detail: `${nameOf(unsteady)} behind the last $sort may lose its order`,
    };
  }
  let isUnique = true;
  let isGrouped = false;
  for (const stage of pipeline.slice(0, at)) {
    const kept = keepsId(stage);
    if (kept === undefined) {
      const detail = `${nameOf(stage)} before the last $sort need not give the same documents again`;
      return { code: 'pipeline', detail };
    }
    if (kept === 'grouped') isGrouped = true;
    isUnique = kept === 'grouped' || (isUnique && kept === 'kept');
  }
  if (!isUnique) {
    return { code: 'pipeline', detail: 'documents may share an _id where it is sorted' };
  }
  const order = totalOrder(pipeline[at]?.$sort);
  if (!('length' in order)) return order;
  const before = pipeline.slice(0, at);
  const after = pipeline.slice(at + 1);
  if (!isGrouped) return [...before, { $sort: sortOf(order) }, ...after];
  // A group's _id may be an array, which sorts by one element; inside an object it sorts whole.
  const sort = sortOf(order).set(tie, 1);
  return [
    ...before,
    { $set: { [tie]: { id: '$_id' } } },
    { $sort: sort },
    { $unset: tie },
    ...after,
  ];
}

/** What a stage does to `_id`; undefined where what it gives may be otherwise the next time. */
function keepsId(stage: Document): 'kept' | 'grouped' | 'shared' | undefined {
  const name = nameOf(stage);
  const argument: unknown = stage[name];
  switch (name) {
    case '$match':
    case '$sort':
      return 'kept';
    case '$unwind':
      return 'shared';
    case '$addFields':
    case '$set':
    case '$project':
      return touchesId(Object.entries(argument ?? {}), name === '$project') ? 'shared' : 'kept';
    case '$unset':
      return [argument].flat().some((path) => isOfId(String(path))) ? 'shared' : 'kept';
    case '$lookup':
    case '$graphLookup': {
      const { as, pipeline = [] } = argument as { as?: unknown; pipeline?: Document[] };
      const isSteady = pipeline.every((inner) => !cutting.has(nameOf(inner)));
      return isSteady ? (isOfId(String(as)) ? 'shared' : 'kept') : undefined;
    }
    case '$sortByCount':
      return 'grouped';
    case '$group':
      return isOrderless(Object.entries(argument ?? {})) ? 'grouped' : undefined;
    case '$bucket':
      return isOrderless(Object.entries((argument as Document).output ?? {}))
        ? 'grouped'
        : undefined;
    default:
      return undefined;
  }
}

/** Stages that take some documents of many. */
const cutting: ReadonlySet<string> = new Set(['$limit', '$skip', '$group', '$unionWith']);

function isOrderless(fields: readonly [string, unknown][]): boolean {
  return fields.every(
    ([name, accumulator]) =>
      name === '_id' || Object.keys(accumulator ?? {}).every((each) => orderless.has(each)),
  );
}

function touchesId(fields: readonly [string, unknown][], isProjection: boolean): boolean {
  return fields.some(([path, value]) => {
    if (!isOfId(path)) return false;
    return !(isProjection && path === '_id' && isYes(value));
  });
}

/** True, 1, or 1 as it was decoded without promotion. */
function isYes(value: unknown): boolean {
  return value === true || (typeof value !== 'string' && Number(value) === 1);
}

function isOfId(path: string): boolean {
  return path === '_id' || path.startsWith('_id.');
}

function nameOf(stage: Document): string {
  return Object.keys(stage)[0] ?? '';
}

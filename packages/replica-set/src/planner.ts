/** Which records to look at for a query, and whether they come in the order of its sort. */
import { ObjectId } from 'bson';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { equalValues, isNumber, toDouble } from './bson-order.ts';
import type { Collator } from './collator.ts';
import type { CollectionIndex } from './collection.ts';
import { isNull, pointBounds } from './index-bounds.ts';
import { canServe, type Indexed, isPartOf, orderOf, planIndex } from './index-plan.ts';
import { encodeKey } from './key-string.ts';
import { planBranches, planMerged } from './or-plan.ts';
import { highest, lowest, type Plan, scoreOf, wholeCollection } from './plan.ts';
import { conditionsOf } from './query-conditions.ts';
import { ServerError } from './server-error.ts';
import type { SortKey } from './sort.ts';

/**
 * Picks the index that pins most of the query's fields; one that gives the sort's
 * order wins a tie. A `hint` names the index to use, whatever the query, or none
 * (`$natural`); throws 2 when there is no such index, 291 when it cannot serve.
 */
export function planQuery(
  collection: Indexed,
  query: BsonDocument,
  sort: readonly SortKey[],
  hint?: BsonValue,
  collator?: Collator,
): Plan {
  const byId = planById(collection, query, hint, collator);
  if (byId !== undefined) return byId;
  const hinted = hintedIndex(collection, hint);
  const conditions = { ...conditionsOf(query), collator };
  if (hinted === 'none') {
    const backward = isDocument(hint) && Number(hint.get('$natural')) < 0;
    return { ...wholeCollection, backward, sorted: sort.length === 0 };
  }
  if (hinted !== undefined) {
    const plan = planIndex(hinted, conditions, sort);
    if (hinted.spec.partial === undefined || isPartOf(hinted, conditions)) return plan;
    throw new ServerError(
      291,
      'error processing query: planner returned error :: caused by :: No query solutions',
    );
  }
  const useful = collection.indexes
    .filter((index) => canServe(index, conditions))
    .map((index) => planIndex(index, conditions, sort))
    .filter((plan) => plan.bounds.length > 0 || (plan.sorted && sort.length > 0));
  useful.sort((a, b) => scoreOf(b) - scoreOf(a));
  const [best, ...rejected] = useful;
  const isBounded = best !== undefined && best.bounds.length > 0;
  const merged = isBounded ? undefined : planMerged(collection, query, conditions, sort);
  if (merged !== undefined) return { ...merged, rejected: useful };
  const branched = isBounded ? undefined : planBranches(collection, query, conditions);
  if (branched !== undefined) {
    return { ...branched, sorted: sort.length === 0, rejected: useful };
  }
  if (best !== undefined) return { ...best, rejected };
  return { ...wholeCollection, sorted: sort.length === 0 };
}

/** The plan for one `_id`, without a look at what else there is; nothing for another query. */
function planById(
  { indexes: [index] }: Indexed,
  query: BsonDocument,
  hint: BsonValue,
  collator: Collator | undefined,
): Plan | undefined {
  const id = query.get('_id');
  const [field] = index?.spec.fields ?? [];
  if (index?.spec.name !== '_id_' || field === undefined || !isNull(hint)) return undefined;
  const isText = typeof id === 'string' && collator === undefined;
  if (!isText && typeof id !== 'number' && !(id instanceof ObjectId)) return undefined;
  const bounds = pointBounds(id, field);
  return {
    ...wholeCollection,
    index,
    ranges: bounds.intervals,
    bounds: [bounds],
    sorted: true,
    exact: query.size === 1,
    single: true,
  };
}

/** The index that a hint names; `none` when it asks for none. */
function hintedIndex(collection: Indexed, hint: BsonValue): CollectionIndex | 'none' | undefined {
  if (isNull(hint) || (isDocument(hint) && hint.size === 0)) return undefined;
  if (typeof hint !== 'string' && !isDocument(hint)) {
    throw new ServerError(9, 'Hint must be a string or an object');
  }
  if (isDocument(hint) && hint.has('$natural')) {
    const natural = hint.get('$natural');
    if (hint.size === 1 && isNumber(natural) && Math.abs(toDouble(natural)) === 1) return 'none';
    throw new ServerError(2, '$natural hint may only accept 1 or -1 as value');
  }
  const [index, other] = collection.indexes.filter(({ spec }) =>
    isDocument(hint) ? equalValues(spec.key, hint) : spec.name === hint,
  );
  if (index !== undefined && other !== undefined) {
    throw new ServerError(
      27,
      `error processing query: planner returned error :: caused by :: Hint matched multiple indexes, must hint by index name. Matched: ${index.spec.name} and ${other.spec.name}`,
    );
  }
  if (index !== undefined && !index.spec.hidden) return index;
  throw new ServerError(
    2,
    'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
  );
}

/** The plan that goes through the hinted index from `min` up to `max`; throws 51173 to 51176 and 291 when they do not fit together. */
export function planBetween(
  collection: Indexed,
  hint: BsonValue,
  { min, max }: { readonly min: BsonDocument | undefined; readonly max: BsonDocument | undefined },
  sort: readonly SortKey[],
  collator?: Collator,
): Plan {
  const index = hintedIndex(collection, hint);
  if (index === 'none') {
    throw new ServerError(
      291,
      'error processing query: planner returned error :: caused by :: No query solutions',
    );
  }
  if (index === undefined) {
    throw new ServerError(
      51173,
      'When using min()/max() a hint of which index to use must be provided',
    );
  }
  const { fields } = index.spec;
  if (min && max && [...min.keys()].sort().join() !== [...max.keys()].sort().join()) {
    throw new ServerError(51176, 'min() and max() must have the same field names');
  }
  const bound = (keys: BsonDocument): Buffer => {
    const names = [...keys.keys()];
    if (fields.length !== names.length || fields.some(({ name }, at) => name !== names[at])) {
      throw new ServerError(
        51174,
        'the fields of min and max have to be those of the hinted index',
      );
    }
    return encodeKey(
      [...keys.values()],
      fields.map(({ direction }) => direction),
    );
  };
  const low = min === undefined ? lowest : bound(min);
  const high = max === undefined ? highest : bound(max);
  if (low.compare(high) >= 0) {
    throw new ServerError(51175, 'The value provided for min() must be less than that of max()');
  }
  const order = orderOf(index, 0, 1, sort, collator);
  return {
    ...wholeCollection,
    index,
    ranges: [{ low, high }],
    backward: order === 'backward',
    sorted: order !== 'none',
  };
}

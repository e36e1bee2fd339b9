/** What one index can do for a query. */
import { MaxKey, MinKey } from 'bson';
import type { BsonValue } from './bson-document.ts';
import type { Collator } from './collator.ts';
import type { CollectionIndex } from './collection.ts';
import { asksForNull, boundsOf, type FieldBounds, isNull, wholeField } from './index-bounds.ts';
import type { IndexField } from './index-spec.ts';
import { isImplied } from './partial-filter.ts';
import { highest, type KeyRange, lowest, mostRanges, type Plan, wholeCollection } from './plan.ts';
import type { QueryConditions } from './query-conditions.ts';
import type { SortKey } from './sort.ts';

export interface Indexed {
  readonly indexes: readonly CollectionIndex[];
}

export interface Conditions extends QueryConditions {
  /** How the query compares strings, when not by their bytes as keys do. */
  readonly collator: Collator | undefined;
}

/** The best that an index can do, be it no more than to be read as a whole. */
export function planIndex(
  index: CollectionIndex,
  conditions: Conditions,
  sort: readonly SortKey[],
): Plan {
  const { fields } = index.spec;
  const bounds: FieldBounds[] = [];
  let ranges: KeyRange[] = [{ low: lowest, high: highest }];
  let pinned = 0;
  for (const [at, field] of fields.entries()) {
    const found = boundsOfField(index, fields.slice(0, at), field, conditions);
    if (found === undefined || found.intervals.length * ranges.length > mostRanges) break;
    bounds.push(found);
    ranges = ranges.flatMap(({ low: prefix }) =>
      found.intervals.map(({ low, high }) => ({
        low: Buffer.concat([prefix, low]),
        high: Buffer.concat([prefix, high]),
      })),
    );
    if (!found.points) break;
    pinned += 1;
  }
  const order = orderOf(index, pinned, ranges.length, sort, conditions.collator);
  const backward = order === 'backward';
  return {
    ...wholeCollection,
    index,
    ranges: backward ? ranges.reverse() : ranges,
    bounds,
    backward,
    sorted: order !== 'none',
    exact: isExact(index, conditions, bounds, ranges.length),
    single: pinned === fields.length,
  };
}

/** False for an index that is hidden, or that leaves out what the query may ask for. */
export function canServe(index: CollectionIndex, conditions: Conditions): boolean {
  const { hidden, sparse, partial, fields } = index.spec;
  if (hidden || (partial !== undefined && !isPartOf(index, conditions))) return false;
  return !sparse || fields.some(({ name }) => isThere(conditions, name));
}

export function isPartOf(
  { spec: { partial } }: CollectionIndex,
  { fields, collator }: Conditions,
): boolean {
  // Strings that are equal to the query may differ to the filter.
  if (collator !== undefined) return partial === undefined;
  const clauses = new Map([...fields].map(([name, each]) => [name, each.clauses]));
  return partial === undefined || isImplied(partial.filter, clauses);
}

/** Whether the fields behind the pinned ones are the sort's, all forward or all backward. */
export function orderOf(
  index: CollectionIndex,
  pinned: number,
  ranges: number,
  sort: readonly SortKey[],
  collator: Collator | undefined,
): 'forward' | 'backward' | 'none' {
  if (sort.length === 0) return 'forward';
  if (index.multikey || index.spec.sparse) return 'none';
  const { fields } = index.spec;
  const pinnedNames = new Set(ranges === 1 ? fields.slice(0, pinned).map(({ name }) => name) : []);
  const wanted = sort.filter(({ path }) => !pinnedNames.has(path.join('.')));
  const offered = fields.slice(ranges === 1 ? pinned : 0);
  if (wanted.length > 0 && collator !== undefined) return 'none';
  if (wanted.length > offered.length) return 'none';
  const matches = (sign: number) =>
    wanted.every(({ path, direction }, at) => {
      const field = offered[at];
      return field?.name === path.join('.') && field.direction === direction * sign;
    });
  return matches(1) ? 'forward' : matches(-1) ? 'backward' : 'none';
}

function boundsOfField(
  { multikey, spec }: CollectionIndex,
  before: readonly IndexField[],
  field: IndexField,
  conditions: Conditions,
): FieldBounds | undefined {
  const given = conditions.fields.get(field.name);
  if (given === undefined) return undefined;
  // Conditions on two fields of an array's documents may be met by two of them: no key has both.
  const isShared = before.some(({ path }) => path[0] === field.path[0]);
  if (multikey && isShared) return undefined;
  // A sparse index has no key for an array's documents without the field.
  const isLeftOut = spec.sparse && multikey && given.clauses.some(asksForNull);
  const bounds = isLeftOut
    ? undefined
    : boundsOf(given, field, { multikey, collator: conditions.collator });
  if (bounds !== undefined || !spec.sparse) return bounds;
  return isThere(conditions, field.name) ? { ...wholeField(field), exact: false } : undefined;
}

/** True when the query says nothing beyond what the keys of the ranges say. */
function isExact(
  { multikey, spec }: CollectionIndex,
  { fields, whole }: Conditions,
  bounds: readonly FieldBounds[],
  ranges: number,
): boolean {
  if (!whole || fields.size !== bounds.length || spec.partial !== undefined) return false;
  if (bounds.length === 0 || !bounds.every(({ exact }) => exact)) return false;
  // The keys of an array named by its place are its elements, of which the query does not speak.
  if (multikey && [...fields.keys()].some((name) => /\.\d+(\.|$)/.test(name))) return false;
  // A document with several keys may lie in a range more than once.
  const isPoint = bounds.length === spec.fields.length && bounds.every(({ points }) => points);
  return !multikey || (isPoint && ranges === 1);
}

/** True when what passes has the field. */
function isThere({ fields }: Conditions, name: string): boolean {
  const { clauses = [] } = fields.get(name) ?? {};
  return clauses.some((clause) =>
    [...clause].some(([operator, operand]) => {
      if (operator === '$exists') return operand === true || operand === 1;
      if (operator === '$in') return Array.isArray(operand) && !operand.some(isOpen);
      return impliesPresence.has(operator) && !isOpen(operand);
    }),
  );
}

const impliesPresence = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$regex', '$elemMatch']);

/** Null and the ends of the order are met by missing fields, too. */
function isOpen(value: BsonValue): boolean {
  return value instanceof MinKey || value instanceof MaxKey || isNull(value);
}

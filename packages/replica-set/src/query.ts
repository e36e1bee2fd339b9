/** Finding documents: plan, match, sort, skip, limit. */
import type { BsonDocument, BsonValue } from './bson-document.ts';
import type { Collator } from './collator.ts';
import { Collection, type StoredDocument } from './collection.ts';
import type { CollectionView } from './collection-view.ts';
import type { ExpressionScope } from './expression.ts';
import { type Match, StoredMatch } from './match.ts';
import { compileQuery, type Predicate } from './matcher.ts';
import type { MemberState } from './member-state.ts';
import { type Flow, pause, withPauses } from './pause.ts';
import type { Plan } from './plan.ts';
import { countPlan, Examined, readPlan, requirePlan } from './plan-reader.ts';
import { planBetween, planQuery } from './planner.ts';
import { compileSort, type SortKey } from './sort.ts';
import { compareSortKeys, sortKeyOf } from './stage/sort-key.ts';
import { sorted } from './stage/sorter.ts';

export interface Selection {
  readonly filter: BsonDocument;
  readonly sort?: BsonDocument;
  readonly skip?: number;
  /** 0 is without limit. */
  readonly limit?: number;
  /** The index to use, by name or keys. */
  readonly hint?: BsonValue;
  /** Bounds of the hinted index: from `min` (included) to `max` (not included). */
  readonly min?: BsonDocument;
  readonly max?: BsonDocument;
}

/** The way that a selection is read. */
export function planOf(
  collection: Readable,
  { filter, sort = new Map(), hint, min, max }: Selection,
  collator: Collator | undefined,
): Plan {
  const keys = compileSort(sort);
  return min === undefined && max === undefined
    ? planQuery(collection, filter, keys, hint, collator)
    : planBetween(collection, hint, { min, max }, keys, collator);
}

/** A collection as it is stored, or as a transaction or a snapshot sees it. */
export type Readable = Collection | CollectionView;

/**
 * The documents that pass, in the order asked for, with pauses; read as they are taken. What is
 * malformed is refused at once; without a collection nothing passes.
 */
export function findMatches(
  state: MemberState,
  collection: Readable | undefined,
  selection: Selection,
  scope: QueryScope,
  examined: Examined = new Examined(),
): Flow<Match> {
  const { filter } = selection;
  const keys = compileSort(selection.sort ?? new Map());
  const test = filter.size === 0 ? passAll : compileQuery(filter, scope);
  if (collection === undefined) return [];
  const plan = planOf(collection, selection, scope.collator);
  countUse(plan);
  return readMatches(state, collection, selection, { keys, test, plan, examined }, scope);
}

/** What a query may look at, and the collation that it works with. */
export interface QueryScope extends ExpressionScope {
  readonly collator?: Collator | undefined;
}

interface Compiled {
  readonly keys: readonly SortKey[];
  readonly test: Predicate;
  readonly plan: Plan;
  readonly examined: Examined;
}

function* readMatches(
  state: MemberState,
  collection: Readable,
  { skip = 0, limit = 0 }: Selection,
  { keys, test, plan, examined }: Compiled,
  scope: ExpressionScope,
): Flow<Match> {
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  let passed = 0;
  const matches =
    collection instanceof Collection
      ? // What the keys say needs no look at the document.
        matching(
          readPlan(state.file, collection, plan, examined),
          plan.exact ? passAll : test,
          examined,
        )
      : collection.matches(plan, test, keys);
  const ordered = plan.sorted
    ? matches
    : sorted(matches, {
        keyOf: ({ document }) => sortKeyOf(keys, document, scope.collator),
        compare: (a, b) => compareSortKeys(keys, a, b, scope.collator),
        most: skip + left,
      });
  for (const match of ordered) {
    if (match === pause) {
      yield pause;
      continue;
    }
    if (passed++ < skip) continue;
    yield match;
    left -= 1;
    if (left === 0) return;
  }
}

/** What throws 175 once a selection cannot be read on, because its collection or index is gone. */
export function guardOf(
  state: MemberState,
  collection: Readable | undefined,
  selection: Selection,
  collator: Collator | undefined,
): (() => void) | undefined {
  // A transaction and a snapshot read what was.
  if (!(collection instanceof Collection)) return undefined;
  if (collection.settings.view !== undefined) return undefined;
  const plan = planOf(collection, selection, collator);
  return () => requirePlan(state.file, collection, plan);
}

/** How many documents of a selection there are, where their keys alone say it; nothing where they do not. */
export function countByKeys(
  state: MemberState,
  collection: Readable,
  selection: Selection,
  scope: QueryScope,
): number | undefined {
  const { filter, hint, skip = 0, limit = 0 } = selection;
  if (collection instanceof Collection && collection.settings.view === undefined) {
    compileQuery(filter, scope);
    const plan = planOf(collection, selection, scope.collator);
    const all = filter.size === 0 && (hint === undefined || plan.index === undefined);
    if (all || plan.exact) {
      countUse(plan);
      const found = all ? collection.count() : countPlan(state.file, plan);
      const left = Math.max(0, found - skip);
      return limit === 0 ? left : Math.min(left, limit);
    }
  }
  return undefined;
}

function countUse({ index, branches }: Plan): void {
  if (index !== undefined) index.accesses.ops += 1;
  else for (const branch of branches) countUse(branch);
}

const passAll: Predicate = () => true;

function* matching(
  stored: Iterable<StoredDocument>,
  test: Predicate,
  examined: Examined,
): Flow<Match> {
  for (const each of withPauses(stored)) {
    if (each === pause) {
      yield pause;
      continue;
    }
    const match = new StoredMatch(each);
    if (test !== passAll && !test(match.document)) continue;
    examined.matched += 1;
    yield match;
  }
}

/** Plans as `explain` shows them: a tree of stages, each with what it read and gave when it was run. */
import type { BsonDocument, EncodableDocument } from '../bson-document.ts';
import type { CollectionIndex } from '../collection.ts';
import type { Plan } from '../plan.ts';
import type { Examined } from '../plan-reader.ts';
import type { Selection } from '../query.ts';

/** One stage, above those that it takes its documents from. */
export interface StageNode {
  readonly stage: string;
  readonly fields: EncodableDocument;
  readonly inputs: readonly StageNode[];
  /** What it gave. */
  readonly returned: number;
  /** What the run tells beyond that. */
  readonly counts: EncodableDocument;
}

/** What a run of a plan came to; all zero for one that was not run. */
export interface RunCounts {
  readonly examined: Examined;
  readonly returned: number;
}

/** The stages from the collection up to the documents that pass. */
export function readingStages(
  plan: Plan,
  filter: BsonDocument,
  { examined }: RunCounts,
): StageNode {
  const { keys, documents, matched } = examined;
  if (plan.branches.length > 0) {
    const scans = plan.branches.map((branch) => indexScan(branch, 0));
    const union = node(plan.index === undefined ? 'OR' : 'SORT_MERGE', {}, scans, documents, {
      dupsTested: keys,
      dupsDropped: keys - documents,
    });
    const fetch = node('FETCH', { filter }, [union], matched, {
      docsExamined: documents,
      alreadyHasObj: 0,
    });
    return filter.size === 1 && filter.has('$or') ? node('SUBPLAN', {}, [fetch], matched) : fetch;
  }
  if (plan.index === undefined) {
    const direction = plan.backward ? 'backward' : 'forward';
    const fields = { ...(filter.size > 0 && { filter }), direction };
    return node('COLLSCAN', fields, [], matched, { docsExamined: documents });
  }
  if (isByIdAlone(plan, filter)) {
    const fields = { keyPattern: '{ _id: 1 }', indexName: '_id_' };
    return node('EXPRESS_IXSCAN', fields, [], matched, {
      keysExamined: keys,
      docsExamined: documents,
    });
  }
  const fields = plan.exact || filter.size === 0 ? {} : { filter };
  const counts = { docsExamined: documents, alreadyHasObj: 0 };
  return node('FETCH', fields, [indexScan(plan, keys, documents)], matched, counts);
}

function isByIdAlone({ index, single, ranges }: Plan, filter: BsonDocument): boolean {
  return index?.spec.name === '_id_' && single && ranges.length === 1 && filter.size === 1;
}

function indexScan(plan: Plan, keys: number, returned: number = keys): StageNode {
  if (plan.index === undefined) return node('EOF', {}, [], 0);
  return node(
    'IXSCAN',
    {
      ...describeScan(plan.index),
      direction: plan.backward ? 'backward' : 'forward',
      indexBounds: boundsOf(plan, plan.index),
    },
    [],
    returned,
    {
      keysExamined: keys,
      seeks: plan.ranges.length,
      dupsTested: 0,
      dupsDropped: 0,
    },
  );
}

/** Counting by the keys of an index alone. */
export function countScan(plan: Plan, counted: number): StageNode {
  if (plan.index === undefined) return node('RECORD_STORE_FAST_COUNT', {}, [], counted);
  const fields = { ...describeScan(plan.index), indexBounds: boundsOf(plan, plan.index) };
  return node('COUNT_SCAN', fields, [], counted, { keysExamined: counted });
}

function describeScan({ spec, multikey }: CollectionIndex): EncodableDocument {
  const partial = spec.partial !== undefined;
  return {
    keyPattern: spec.key,
    indexName: spec.name,
    isMultiKey: multikey,
    isUnique: spec.unique,
    isSparse: spec.sparse,
    isPartial: partial,
    indexVersion: 2,
  };
}

function boundsOf({ bounds, backward }: Plan, { spec }: CollectionIndex): EncodableDocument {
  const shown = spec.fields.map(({ name, direction }, at): [string, string[]] => {
    const whole = direction === 1 ? '[MinKey, MaxKey]' : '[MaxKey, MinKey]';
    const intervals = bounds[at]?.intervals.map((interval) => interval.shown) ?? [whole];
    return [name, backward ? intervals.map(turned).reverse() : intervals];
  });
  return Object.fromEntries(shown);
}

/** An interval as it is read from its end. */
function turned(interval: string): string {
  const middle = interval.indexOf(', ');
  const [from, to] = [interval.slice(1, middle), interval.slice(middle + 2, -1)];
  return `${interval.endsWith(']') ? '[' : '('}${to}, ${from}${interval.startsWith('[') ? ']' : ')'}`;
}

/** What comes above: the sort where the plan gives no order, then what is passed over and how much is taken. */
export function selectionStages(
  below: StageNode,
  plan: Plan,
  { sort, skip = 0, limit = 0 }: Selection,
  returned: number,
): StageNode {
  let top = below;
  if (!plan.sorted && sort !== undefined) {
    const amount = limit === 0 ? {} : { limitAmount: limit + skip };
    const given = limit === 0 ? below.returned : Math.min(below.returned, limit + skip);
    const fields = { sortPattern: sort, memLimit: 104_857_600, ...amount, type: 'simple' };
    top = node('SORT', fields, [top], given, {
      totalDataSizeSorted: 0,
      usedDisk: false,
      spills: 0,
    });
  }
  if (skip > 0) top = node('SKIP', { skipAmount: skip }, [top], returned);
  if (limit > 0 && plan.sorted) top = node('LIMIT', { limitAmount: limit }, [top], returned);
  return top;
}

export function node(
  stage: string,
  fields: EncodableDocument,
  inputs: readonly StageNode[],
  returned: number,
  counts: EncodableDocument = {},
): StageNode {
  return { stage, fields, inputs, returned, counts };
}

/** The tree as `winningPlan` has it. */
export function planned({ stage, fields, inputs }: StageNode): EncodableDocument {
  return { stage, ...fields, ...inputsOf(inputs.map(planned)) };
}

/** The tree as `executionStages` has it. */
export function executed({
  stage,
  fields,
  inputs,
  returned,
  counts,
}: StageNode): EncodableDocument {
  const filter = fields.filter === undefined ? {} : { filter: fields.filter };
  const { filter: _, ...rest } = fields;
  return {
    stage,
    ...filter,
    nReturned: returned,
    executionTimeMillisEstimate: 0,
    works: returned + 1,
    advanced: returned,
    needTime: 0,
    needYield: 0,
    saveState: 0,
    restoreState: 0,
    isEOF: 1,
    ...rest,
    ...counts,
    ...inputsOf(inputs.map(executed)),
  };
}

function inputsOf(inputs: readonly EncodableDocument[]): EncodableDocument {
  const [first] = inputs;
  if (first === undefined) return {};
  return inputs.length === 1 ? { inputStage: first } : { inputStages: inputs };
}

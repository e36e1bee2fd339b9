/** The reply of `explain`, in MongoDB's shape. */
import { createHash } from 'node:crypto';
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
} from '../bson-document.ts';
import type { CommandContext } from '../command.ts';
import { hasOperators } from '../matcher.ts';
import { serverVersion } from '../server-version.ts';
import { executed, planned, type RunCounts, type StageNode } from './stage-tree.ts';

export type Verbosity = 'queryPlanner' | 'executionStats' | 'allPlansExecution';

/** What is to be told of one read. */
export interface Explained {
  readonly namespace: string;
  readonly filter: BsonDocument;
  readonly winning: StageNode;
  readonly rejected: readonly StageNode[];
  readonly run: RunCounts;
  readonly milliseconds: number;
}

/** `queryPlanner` and, where the verbosity asks for it, `executionStats`. */
export function describeRead(
  { namespace, filter, winning, rejected, run, milliseconds }: Explained,
  verbosity: Verbosity,
): EncodableDocument {
  const parsed = parsedQuery(filter);
  const hash = shapeHash(`${namespace} ${shapeOf(filter)}`);
  const queryPlanner = {
    namespace,
    parsedQuery: parsed,
    indexFilterSet: false,
    queryHash: hash,
    planCacheShapeHash: hash,
    planCacheKey: hash,
    optimizationTimeMillis: 0,
    maxIndexedOrSolutionsReached: false,
    maxIndexedAndSolutionsReached: false,
    maxScansToExplodeReached: false,
    prunedSimilarIndexes: false,
    winningPlan: { isCached: false, ...planned(winning) },
    rejectedPlans: rejected.map((each) => ({ isCached: false, ...planned(each) })),
  };
  if (verbosity === 'queryPlanner') return { queryPlanner };
  return {
    queryPlanner,
    executionStats: {
      executionSuccess: true,
      nReturned: run.returned,
      executionTimeMillis: Math.round(milliseconds),
      totalKeysExamined: run.examined.keys,
      totalDocsExamined: run.examined.documents,
      executionStages: { isCached: false, ...executed(winning) },
      ...(verbosity === 'allPlansExecution' && { allPlansExecution: [] }),
    },
  };
}

/** What every reply of `explain` ends with. */
export function describeServer(
  { state, database }: CommandContext,
  command: BsonDocument,
): EncodableDocument {
  const { host, port } = state.addresses.find(({ index }) => index === state.config.index) ?? {
    host: state.config.host,
    port: state.config.port,
  };
  const shown = [...command].filter(([name]) => !name.startsWith('$') && name !== 'lsid');
  return {
    command: { ...Object.fromEntries(shown), $db: database },
    serverInfo: { host, port, version: serverVersion, gitVersion: 'holdfast-replica-set' },
    serverParameters: {},
    ok: 1,
  };
}

/** The query with its operators spelled out. */
function parsedQuery(filter: BsonDocument): BsonDocument {
  const clauses = [...filter].flatMap(([name, value]): BsonDocument[] => {
    if (name.startsWith('$') || !hasOperators(value)) {
      const told = name.startsWith('$') ? value : new Map([['$eq', value]]);
      return [new Map([[name, told]])];
    }
    return [...value].map((operator) => new Map([[name, new Map([operator])]]));
  });
  const [first] = clauses;
  if (first === undefined) return new Map();
  return clauses.length === 1 ? first : new Map([['$and', clauses]]);
}

function shapeOf(value: BsonValue): string {
  if (isDocument(value)) {
    return `{${[...value].map(([name, inner]) => `${name}:${shapeOf(inner)}`).join()}}`;
  }
  return Array.isArray(value) ? `[${value.filter(isDocument).map(shapeOf).join()}]` : '?';
}

function shapeHash(shape: string): string {
  return createHash('sha256').update(shape).digest('hex').slice(0, 8).toUpperCase();
}

import { type Collection, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LoneMember, startLoneMember } from './lone-member.ts';

let member: LoneMember;
let client: MongoClient;
let things: Collection<Document & { _id: number }>;

beforeAll(async () => {
  member = await startLoneMember();
  client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
  things = client.db('db').collection('things');
  await things.insertMany(
    Array.from({ length: 100 }, (_, _id) => ({ _id, a: _id % 10, b: _id, c: [_id, -1] })),
  );
  await things.createIndex({ a: 1, b: -1 });
  await things.createIndex({ c: 1 });
  await things.createIndex({ d: 1 }, { sparse: true });
});

afterAll(async () => {
  await client.close();
  member.server.close();
  member.state.close();
});

/** The stages of a plan, from the top, with the name of the index that each scan uses. */
function stagesOf(plan: Document | undefined): string {
  if (plan === undefined) return '';
  const inner = [plan.inputStage, ...(plan.inputStages ?? [])].filter(Boolean).map(stagesOf);
  const own = plan.indexName === undefined ? plan.stage : `${plan.stage} ${plan.indexName}`;
  return inner.length > 0 ? `${own} < ${inner.join(' + ')}` : own;
}

const explain = (command: Document, verbosity = 'executionStats') =>
  client.db('db').command({ explain: command, verbosity });

test.each<[Document, string, Document?]>([
  [
    {
      find: 'things',
      filter: {
        $or: [
          { $or: [{ a: { $gt: 7 } }, { a: { $type: ['string', 'date'] } }] },
          { $and: [{ a: { $eq: 7 } }, { b: { $lt: 50 } }] },
        ],
      },
      sort: { a: 1, b: -1 },
    },
    'SUBPLAN < FETCH < SORT_MERGE < IXSCAN a_1_b_-1 + IXSCAN a_1_b_-1 + IXSCAN a_1_b_-1',
    { nReturned: 25, totalDocsExamined: 25, totalKeysExamined: 25 },
  ],
  [
    { find: 'things', filter: {} },
    'COLLSCAN',
    { nReturned: 100, totalDocsExamined: 100, totalKeysExamined: 0 },
  ],
  [{ find: 'things', filter: { z: 1 } }, 'COLLSCAN', { nReturned: 0, totalDocsExamined: 100 }],
  [{ find: 'nothing', filter: {} }, 'EOF', { nReturned: 0 }],
  [
    { find: 'things', filter: { _id: 5 } },
    'EXPRESS_IXSCAN _id_',
    { nReturned: 1, totalDocsExamined: 1, totalKeysExamined: 1 },
  ],
  [
    { find: 'things', filter: { a: 3 } },
    'FETCH < IXSCAN a_1_b_-1',
    { nReturned: 10, totalDocsExamined: 10, totalKeysExamined: 10 },
  ],
  [
    { find: 'things', filter: { a: 3, z: 1 } },
    'FETCH < IXSCAN a_1_b_-1',
    { nReturned: 0, totalDocsExamined: 10 },
  ],
  [{ find: 'things', filter: { a: 3 }, sort: { b: 1 } }, 'FETCH < IXSCAN a_1_b_-1'],
  [
    { find: 'things', filter: { a: { $in: [3, 4] } }, sort: { b: 1 } },
    'SORT < FETCH < IXSCAN a_1_b_-1',
    { nReturned: 20 },
  ],
  [{ find: 'things', sort: { a: 1, b: -1 } }, 'FETCH < IXSCAN a_1_b_-1'],
  [{ find: 'things', sort: { a: -1, b: 1 } }, 'FETCH < IXSCAN a_1_b_-1'],
  [
    { find: 'things', sort: { b: 1 }, limit: 3 },
    'SORT < COLLSCAN',
    { nReturned: 3, totalDocsExamined: 100 },
  ],
  [
    { find: 'things', filter: { a: 3 }, skip: 2, limit: 3 },
    'LIMIT < SKIP < FETCH < IXSCAN a_1_b_-1',
    { nReturned: 3 },
  ],
  [
    { find: 'things', filter: { a: 3 }, projection: { a: 1 } },
    'PROJECTION_SIMPLE < FETCH < IXSCAN a_1_b_-1',
  ],
  [{ find: 'things', filter: { c: { $gt: 97 } } }, 'FETCH < IXSCAN c_1', { nReturned: 2 }],
  [
    { find: 'things', filter: { d: { $exists: true } } },
    'FETCH < IXSCAN d_1',
    { totalDocsExamined: 0 },
  ],
  [{ find: 'things', filter: { d: null } }, 'COLLSCAN'],
  [
    { find: 'things', filter: { $or: [{ a: 3 }, { c: 5 }] } },
    'SUBPLAN < FETCH < OR < IXSCAN a_1_b_-1 + IXSCAN c_1',
    { nReturned: 11 },
  ],
  [{ find: 'things', filter: { $or: [{ a: 3 }, { z: 5 }] } }, 'COLLSCAN'],
  [{ find: 'things', filter: { a: 3 }, hint: { $natural: 1 } }, 'COLLSCAN'],
  [{ find: 'things', filter: { z: 3 }, hint: 'c_1' }, 'FETCH < IXSCAN c_1'],
  [{ count: 'things', query: {} }, 'RECORD_STORE_FAST_COUNT'],
  [
    { count: 'things', query: { a: 3 } },
    'COUNT < COUNT_SCAN a_1_b_-1',
    { totalKeysExamined: 10, totalDocsExamined: 0 },
  ],
  [{ count: 'things', query: { z: 3 } }, 'COUNT < COLLSCAN'],
  [{ distinct: 'things', key: 'b', query: { a: 3 } }, 'FETCH < IXSCAN a_1_b_-1'],
  [
    { aggregate: 'things', pipeline: [{ $match: { a: 3 } }, { $sort: { b: 1 } }], cursor: {} },
    'FETCH < IXSCAN a_1_b_-1',
    { nReturned: 10 },
  ],
  [
    { update: 'things', updates: [{ q: { a: 3 }, u: { $set: { z: 1 } }, multi: true }] },
    'UPDATE < FETCH < IXSCAN a_1_b_-1',
  ],
  [
    { delete: 'things', deletes: [{ q: { _id: 3 }, limit: 1 }] },
    'DELETE < LIMIT < EXPRESS_IXSCAN _id_',
  ],
  [
    { findAndModify: 'things', query: { a: 3 }, sort: { b: 1 }, remove: true },
    'DELETE < LIMIT < FETCH < IXSCAN a_1_b_-1',
  ],
])('%j is %s', async (command, stages, stats = {}) => {
  const { queryPlanner, executionStats, ok } = await explain(command);
  expect(ok).toBe(1);
  expect(stagesOf(queryPlanner.winningPlan)).toBe(stages);
  expect(stagesOf(executionStats.executionStages)).toBe(stages);
  expect(executionStats).toMatchObject({ executionSuccess: true, ...stats });
  const { executionStats: none } = await explain(command, 'queryPlanner');
  expect(none).toBeUndefined();
});

test('what is explained is not done', async () => {
  expect(await things.countDocuments({ z: 1 })).toBe(0);
  expect(await things.countDocuments({ a: 3 })).toBe(10);
});

test.each<[Document, Document, Document?]>([
  [{ a: 3 }, { a: ['[3, 3]'], b: ['[MaxKey, MinKey]'] }],
  [
    { a: 3, b: { $gte: 5, $lt: 9 } },
    { a: ['[3, 3]'], b: ['(9, 5]'] },
  ],
  [{ a: { $gt: 3 } }, { a: ['(3, inf.0]'], b: ['[MaxKey, MinKey]'] }],
  [{ a: { $lte: 3 } }, { a: ['[-inf.0, 3]'], b: ['[MaxKey, MinKey]'] }],
  [{ a: { $in: [4, 2] } }, { a: ['[2, 2]', '[4, 4]'], b: ['[MaxKey, MinKey]'] }],
  [{ a: { $gte: 'x' } }, { a: ['["x", {})'], b: ['[MaxKey, MinKey]'] }],
  [{ a: /^ab/ }, { a: ['["ab", "ac")', '[/^ab/, /^ab/]'], b: ['[MaxKey, MinKey]'] }],
  [{ a: null }, { a: ['[null, null]'], b: ['[MaxKey, MinKey]'] }],
  [{ a: 3 }, { a: ['[3, 3]'], b: ['[MinKey, MaxKey]'] }, { b: 1 }],
])('%j goes through %j', async (filter, indexBounds, sort = {}) => {
  const { queryPlanner } = await explain({ find: 'things', filter, sort }, 'queryPlanner');
  const { inputStage: scan } = queryPlanner.winningPlan;
  expect(scan).toMatchObject({
    stage: 'IXSCAN',
    keyPattern: { a: 1, b: -1 },
    indexName: 'a_1_b_-1',
    isMultiKey: false,
    isUnique: false,
    isSparse: false,
    isPartial: false,
    indexVersion: 2,
    direction: sort.b === 1 ? 'backward' : 'forward',
    indexBounds,
  });
});

test('a pipeline that goes on in memory is told stage by stage', async () => {
  const cursor = things.aggregate([
    { $match: { a: 3 } },
    { $group: { _id: '$a', n: { $sum: 1 } } },
    { $project: { n: 1 } },
  ]);
  const { stages } = await cursor.explain('executionStats');
  expect(stages.map((stage: Document) => Object.keys(stage)[0])).toEqual([
    '$cursor',
    '$group',
    '$project',
  ]);
  expect(stages[0].$cursor.queryPlanner.winningPlan.stage).toBe('FETCH');
  expect(stages.map(({ nReturned }: Document) => Number(nReturned))).toEqual([10, 1, 1]);
});

test('what would have done as well is told too', async () => {
  const { queryPlanner } = await explain(
    { find: 'things', filter: { a: 3, c: 13 } },
    'allPlansExecution',
  );
  expect(stagesOf(queryPlanner.winningPlan)).not.toBe(stagesOf(queryPlanner.rejectedPlans[0]));
  expect(queryPlanner.rejectedPlans).toHaveLength(1);
});

test('the driver and the old form of aggregate ask alike', async () => {
  expect((await things.find({ a: 3 }).explain()).queryPlanner.namespace).toBe('db.things');
  const reply = await client.db('db').command({ aggregate: 'things', pipeline: [], explain: true });
  expect(reply).toMatchObject({ explainVersion: '1', serverInfo: { version: '8.0.0' }, ok: 1 });
  expect(reply.executionStats).toBeUndefined();
});

test.each<[Document, number]>([
  [{ explain: { ping: 1 } }, 59],
  [{ explain: { find: 'things' }, verbosity: 'loud' }, 2],
  [{ explain: { find: 'things', filter: { $bogus: 1 } } }, 2],
  [{ explain: { find: 'things', hint: 'nothing' } }, 2],
  [{ explain: { update: 'things', updates: [] } }, 72],
])('%j is refused with code %d', async (command, code) => {
  await expect(client.db('db').command(command)).rejects.toMatchObject({ code });
});

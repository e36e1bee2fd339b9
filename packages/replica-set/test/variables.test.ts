import { type Collection, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LoneMember, startLoneMember } from './lone-member.ts';

let member: LoneMember;
let client: MongoClient;
let absent: Collection;

beforeAll(async () => {
  member = await startLoneMember();
  client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
  absent = client.db('db').collection('absent');
});

afterAll(async () => {
  await client.close();
  member.server.close();
  member.state.close();
});

const stages: readonly Document[] = [
  { $match: { $expr: { $eq: ['$a', '$$v'] } } },
  { $match: { $or: [{ b: 1 }, { $expr: '$$v' }] } },
  { $project: { b: '$$v' } },
  { $project: { b: { c: { $add: ['$$v', 1] } } } },
  { $addFields: { b: '$$v' } },
  { $set: { b: ['$$v.c'] } },
  { $replaceRoot: { newRoot: '$$v' } },
  { $replaceWith: { a: '$$v' } },
  { $group: { _id: '$$v' } },
  { $group: { _id: null, n: { $sum: '$$v' } } },
  { $sortByCount: '$$v' },
  { $bucket: { groupBy: '$$v', boundaries: [0, 1] } },
  { $bucket: { groupBy: '$a', boundaries: [0, 1], output: { n: { $push: '$$v' } } } },
  { $bucketAuto: { groupBy: '$$v', buckets: 2 } },
  { $bucketAuto: { groupBy: '$a', buckets: 2, output: { n: { $max: '$$v' } } } },
  { $redact: { $cond: ['$$v', '$$KEEP', '$$PRUNE'] } },
  { $facet: { one: [{ $project: { b: '$$v' } }] } },
  { $fill: { output: { a: { value: '$$v' } } } },
  { $fill: { partitionBy: { k: '$$v' }, sortBy: { a: 1 }, output: { a: { method: 'locf' } } } },
  { $setWindowFields: { partitionBy: '$$v', output: { n: { $sum: 1 } } } },
  { $setWindowFields: { sortBy: { a: 1 }, output: { n: { $push: '$$v' } } } },
  { $setWindowFields: { sortBy: { a: 1 }, output: { n: { $shift: { output: '$$v', by: 1 } } } } },
  { $setWindowFields: { sortBy: { a: 1 }, output: { n: { $locf: '$$v' } } } },
  { $setWindowFields: { output: { n: { $covariancePop: ['$$v', 1] } } } },
  { $unionWith: { coll: 'other', pipeline: [{ $project: { b: '$$v' } }] } },
  { $lookup: { from: 'other', let: { w: '$$v' }, pipeline: [], as: 'b' } },
  { $lookup: { from: 'other', let: { w: 1 }, pipeline: [{ $set: { b: '$$v' } }], as: 'b' } },
  {
    $graphLookup: {
      from: 'other',
      startWith: '$$v',
      connectFromField: 'a',
      connectToField: 'b',
      as: 'c',
    },
  },
  {
    $graphLookup: {
      from: 'other',
      startWith: '$a',
      connectFromField: 'a',
      connectToField: 'b',
      as: 'c',
      restrictSearchWithMatch: { $expr: '$$v' },
    },
  },
  { $merge: { into: 'other', whenMatched: [{ $set: { b: '$$v' } }] } },
  { $merge: { into: 'other', let: { w: '$$v' }, whenMatched: [] } },
];

test.each(stages)('%j is refused without its variable, documents or not', async (stage) => {
  const run = (variables: Document) => absent.aggregate([stage], { let: variables }).toArray();
  await expect(run({ other: 1 })).rejects.toMatchObject({ code: 17276 });
  await expect(run({ v: 1 })).resolves.toBeDefined();
});

const commands: readonly Document[] = [
  { find: 'absent', filter: { $expr: '$$v' } },
  { find: 'absent', projection: { b: '$$v' } },
  { count: 'absent', query: { $expr: '$$v' } },
  { distinct: 'absent', key: 'a', query: { $expr: '$$v' } },
  { delete: 'absent', deletes: [{ q: { $expr: '$$v' }, limit: 1 }] },
  { update: 'absent', updates: [{ q: { $expr: '$$v' }, u: { $set: { a: 1 } } }] },
  { update: 'absent', updates: [{ q: {}, u: [{ $set: { a: '$$v' } }] }] },
  { findAndModify: 'absent', query: { $expr: '$$v' }, remove: true },
  { findAndModify: 'absent', query: {}, update: [{ $set: { a: '$$v' } }] },
  { create: 'view', viewOn: 'absent', pipeline: [{ $set: { a: '$$v' } }] },
];

test.each(commands)('%j is refused on a collection that is not there', async (command) => {
  const reply = await client
    .db('db')
    .command(command)
    .catch(({ code }) => ({ writeErrors: [{ code }] }));
  expect(reply.writeErrors).toMatchObject([{ code: 17276 }]);
});

const percentile = (p: unknown) => ({
  $group: { _id: null, p: { $percentile: { input: '$a', p, method: 'approximate' } } },
});

test.each<[what: string, stage: Document, code: number]>([
  ['shares', percentile('$$v'), 7750300],
  ['shares made of it', percentile({ $concatArrays: ['$$v', [1]] }), 7750300],
  ['a boundary', { $bucket: { groupBy: '$a', boundaries: [{ $first: '$$v' }, 2] } }, 40191],
])(
  'a variable of the command is a constant, fit for %s; one of $lookup is none',
  async (_what, stage, code) => {
    const variables = { let: { v: [0.25, 0.5] } };
    await expect(absent.aggregate([stage], variables).toArray()).resolves.toEqual([]);
    const lookup = { from: 'b', let: { v: '$a' }, pipeline: [stage], as: 'c' };
    const inner = absent.aggregate([{ $lookup: lookup }], variables).toArray();
    await expect(inner).rejects.toMatchObject({ code });
  },
);

test('a variable of $let is no constant', async () => {
  const { p } = percentile('$$v').$group;
  const set = { $set: { b: { $let: { vars: { v: [0.5] }, in: p } } } };
  await expect(absent.aggregate([set]).toArray()).rejects.toMatchObject({ code: 7750300 });
});

test('the variables of a $lookup are seen by the pipelines inside it, and by no other', async () => {
  const inner = { $lookup: { from: 'c', pipeline: [{ $set: { b: '$$w' } }], as: 'x' } };
  const outer = { $lookup: { from: 'b', let: { w: '$a' }, pipeline: [inner], as: 'y' } };
  await expect(absent.aggregate([outer]).toArray()).resolves.toEqual([]);
  await expect(absent.aggregate([outer, inner]).toArray()).rejects.toMatchObject({ code: 17276 });
});

test('the variables of a $merge are seen by its pipeline, beside $$new', async () => {
  const things = client.db('db').collection<{ _id: number; a: number }>('things');
  await things.insertOne({ _id: 1, a: 1 });
  const merge = (whenMatched: Document[]) => ({
    $merge: { into: 'things', let: { b: '$a' }, whenMatched },
  });
  await things.aggregate([merge([{ $set: { b: '$$b', c: '$$new.a' } }])]).toArray();
  expect(await things.findOne()).toEqual({ _id: 1, a: 1, b: 1, c: 1 });
  const unknown = things.aggregate([merge([{ $set: { b: '$$c' } }])]).toArray();
  await expect(unknown).rejects.toMatchObject({ code: 17276 });
});

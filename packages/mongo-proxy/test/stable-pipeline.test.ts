import type { Document } from 'mongodb';
import { expect, test } from 'vitest';
import { stablePipeline } from '../src/stable-pipeline.ts';

const sort = { $sort: { a: -1 } };
const total = {
  $sort: new Map([
    ['a', -1],
    ['_id', -1],
  ]),
};

test.each<{ pipeline: Document[] }>([
  { pipeline: [sort] },
  { pipeline: [{ $match: { a: 1 } }, { $addFields: { b: 1 } }, { $set: { c: 1 } }, sort] },
  { pipeline: [{ $project: { _id: 1, a: 1 } }, { $unset: ['b', 'c'] }, sort] },
  { pipeline: [{ $lookup: { from: 'x', as: 'y', pipeline: [{ $match: {} }] } }, sort] },
  { pipeline: [{ $sort: { b: 1 } }, { $graphLookup: { from: 'x', as: 'y' } }, sort] },
])('$pipeline is made total', ({ pipeline }) => {
  expect(stablePipeline(pipeline)).toEqual([...pipeline.slice(0, -1), total]);
});

test('stages behind the last sort are kept', () => {
  const behind = [
    { $project: { _id: 0 } },
    { $skip: 1 },
    { $limit: 9 },
    { $lookup: { from: 'x', as: 'y' } },
    { $replaceRoot: { newRoot: '$a' } },
    { $match: { b: 1 } },
  ];
  expect(stablePipeline([sort, ...behind])).toEqual([total, ...behind]);
});

test('groups are told apart by their whole _id, which may be an array', () => {
  const group = { $group: { _id: '$tags', a: { $sum: 1 } } };
  expect(stablePipeline([{ $unwind: '$x' }, group, sort, { $limit: 5 }])).toEqual([
    { $unwind: '$x' },
    group,
    { $set: { __mongoProxyTie: { id: '$_id' } } },
    { $sort: new Map([...total.$sort, ['__mongoProxyTie', 1]]) },
    { $unset: '__mongoProxyTie' },
    { $limit: 5 },
  ]);
});

test.each<{ why: string; code?: string; pipeline: Document[] }>([
  { why: 'nothing is sorted', code: 'no-total-order', pipeline: [{ $match: {} }] },
  {
    why: 'it is sorted by what is computed',
    code: 'no-total-order',
    pipeline: [{ $sort: { a: { $meta: 'x' } } }],
  },
  { why: 'documents are multiplied', pipeline: [{ $unwind: '$a' }, sort] },
  { why: '_id is another one', pipeline: [{ $set: { _id: '$a' } }, sort] },
  { why: 'a part of _id is another one', pipeline: [{ $addFields: { '_id.x': 1 } }, sort] },
  { why: '_id is dropped', pipeline: [{ $project: { _id: 0, a: 1 } }, sort] },
  { why: '_id is unset', pipeline: [{ $unset: '_id' }, sort] },
  { why: 'some are taken in no order', pipeline: [{ $limit: 5 }, sort] },
  { why: 'a group takes the first', pipeline: [{ $group: { _id: 1, a: { $first: '$a' } } }, sort] },
  { why: 'chance decides', pipeline: [{ $match: { $expr: { $lt: [{ $rand: {} }, 0.5] } } }, sort] },
  {
    why: 'chance decides in a lookup',
    pipeline: [{ $lookup: { as: 'x', pipeline: [{ $sample: { size: 1 } }] } }, sort],
  },
  {
    why: 'a lookup takes some',
    pipeline: [{ $lookup: { as: 'x', pipeline: [{ $limit: 1 }] } }, sort],
  },
  { why: 'time decides', pipeline: [sort, { $match: { $expr: { $lt: ['$a', '$$NOW'] } } }] },
  { why: 'what follows may lose the order', pipeline: [sort, { $group: { _id: '$a' } }] },
  { why: 'other documents are added', pipeline: [{ $unionWith: 'x' }, sort] },
  { why: 'a stage is not known', pipeline: [{ $new: {} }, sort] },
])('no order is made when $why', ({ code = 'pipeline', pipeline }) => {
  expect(stablePipeline(pipeline)).toMatchObject({ code, detail: expect.any(String) });
});

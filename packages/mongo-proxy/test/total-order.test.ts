import { expect, test } from 'vitest';
import { isVisible, sortOf, totalOrder } from '../src/total-order.ts';

test.each([
  { sort: undefined, total: [['_id', 1]] },
  { sort: {}, total: [['_id', 1]] },
  {
    sort: { a: 1 },
    total: [
      ['a', 1],
      ['_id', 1],
    ],
  },
  {
    sort: new Map([['a', -1]]),
    total: [
      ['a', -1],
      ['_id', -1],
    ],
  },
  {
    sort: { a: 1, _id: -1, b: 1 },
    total: [
      ['a', 1],
      ['_id', -1],
      ['b', 1],
    ],
  },
  {
    sort: { '_id.x': -1 },
    total: [
      ['_id.x', -1],
      ['_id', -1],
    ],
  },
])('$sort becomes $total', ({ sort, total }) => {
  const order = totalOrder(sort);
  if (!('length' in order)) throw new Error(order.detail);
  expect([...sortOf(order)]).toEqual(total);
});

test.each([
  { $natural: -1 },
  { score: { $meta: 'textScore' } },
  Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`f${n}`, 1])),
])('%j has no total order', (sort) => {
  expect(totalOrder(sort)).toMatchObject({ code: 'no-total-order' });
});

test.each([
  { path: 'a', projection: undefined, visible: true },
  { path: 'a', projection: {}, visible: true },
  { path: 'a', projection: { a: 1 }, visible: true },
  { path: 'a', projection: { a: true, b: { $slice: 1 } }, visible: true },
  { path: 'a', projection: ['a'], visible: true },
  { path: 'a', projection: ['b'], visible: false },
  { path: 'a', projection: { b: 1 }, visible: false },
  { path: 'a', projection: { b: 0 }, visible: true },
  { path: 'a', projection: { a: 0 }, visible: false },
  { path: 'a', projection: { 'a.b': 1 }, visible: false },
  { path: 'a', projection: { 'a.b': 0 }, visible: false },
  { path: 'a', projection: { 'a.$': 1 }, visible: false },
  { path: 'a', projection: { a: '$b' }, visible: false },
  { path: 'a', projection: { a: { $literal: 1 } }, visible: false },
  { path: 'a', projection: { a: { $slice: 1 } }, visible: false },
  { path: 'a', projection: { _id: 0 }, visible: true },
  { path: 'a', projection: { _id: 1 }, visible: false },
  { path: 'a', projection: { _id: 0, a: 1 }, visible: true },
  { path: 'a', projection: { _id: 1, b: 0 }, visible: true },
  { path: 'a.b', projection: { a: 1 }, visible: true },
  { path: 'a.b', projection: { 'a.b': 1 }, visible: true },
  { path: 'a.b', projection: { 'a.c': 1 }, visible: false },
  { path: 'a.b', projection: { 'a.c': 0 }, visible: true },
  { path: 'a.b', projection: { a: { b: 1 } }, visible: false },
  { path: 'ab', projection: { a: 0 }, visible: true },
  { path: '_id', projection: { a: 1 }, visible: true },
  { path: '_id', projection: { a: '$b' }, visible: true },
  { path: '_id', projection: { _id: 0 }, visible: false },
  { path: '_id', projection: { _id: 0, a: 1 }, visible: false },
  { path: '_id', projection: { _id: '$a' }, visible: false },
  { path: '_id', projection: { '_id.x': 1 }, visible: false },
  { path: '_id', projection: { '_id.x': 0 }, visible: false },
  { path: '_id', projection: ['a'], visible: true },
])('$projection leaves $path as it is: $visible', ({ path, projection, visible }) => {
  expect(isVisible(path, projection)).toBe(visible);
});

import { Decimal128, type Document, Double, Long, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoneMember, startLoneMember } from './lone-member.ts';

let member: LoneMember;
let client: MongoClient;

beforeAll(async () => {
  member = await startLoneMember();
  client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
  await client
    .db('db')
    .collection<{ _id: number }>('things')
    .insertMany([{ _id: 2 }, { _id: 1 }, { _id: 3 }]);
});

afterAll(async () => {
  await client.close();
  member.server.close();
  member.state.close();
});

const decimal = (text: string) => Decimal128.fromString(text);

/** What asks for an order of `_id`, and tells the ids in it. */
const commands: Readonly<Record<string, (sort: Document) => Document>> = {
  find: (sort) => ({ find: 'things', sort }),
  'find without a collection': (sort) => ({ find: 'absent', sort }),
  aggregate: (sort) => ({ aggregate: 'things', pipeline: [{ $sort: sort }], cursor: {} }),
  update: (sort) => ({ update: 'things', updates: [{ q: {}, u: { $set: { a: 1 } }, sort }] }),
  findAndModify: (sort) => ({ findAndModify: 'things', sort, update: { $set: { a: 1 } } }),
  $top: (sort) => ({
    aggregate: 'things',
    pipeline: [{ $group: { _id: 1, top: { $top: { sortBy: sort, output: '$_id' } } } }],
    cursor: {},
  }),
};

describe.each(Object.entries(commands))('the order of %s', (_name, commandOf) => {
  const run = async (sort: Document): Promise<void> => {
    const { writeErrors } = await client.db('db').command(commandOf(sort));
    if (writeErrors !== undefined) throw writeErrors[0];
  };

  test.each([
    1,
    -1,
    1.5,
    -1.9,
    new Double(1),
    Long.fromNumber(-1),
    decimal('1.0'),
    decimal('0.6'),
    decimal('-1.4'),
  ])('may be %s', async (_id) => {
    await expect(run({ _id })).resolves.toBeUndefined();
  });

  test.each([
    [2, 15975],
    [0, 15975],
    [0.9, 15975],
    [Number.NaN, 15975],
    [Number.POSITIVE_INFINITY, 15975],
    [Long.MAX_VALUE, 15975],
    [decimal('1.5'), 15975],
    [decimal('0.5'), 15975],
    [decimal('NaN'), 15975],
    [true, 15974],
    [null, 15974],
    ['asc', 15974],
    [[1], 15974],
    [{}, 17312],
    [{ $meta: 'textScore' }, 40218],
    [{ $meta: 'other' }, 31138],
  ])('may not be %s: code %d', async (_id, code) => {
    await expect(run({ _id })).rejects.toMatchObject({ code });
  });

  test.each([
    ['', 40352],
    ['a.', 40353],
    ['a..b', 15998],
    ['$a', 16410],
  ])('may not be that of the path %j: code %d', async (path, code) => {
    await expect(run({ [path]: 1 })).rejects.toMatchObject({ code });
  });
});

test('a number counts as the int32 it becomes', async () => {
  const ids = (order: unknown) =>
    client
      .db('db')
      .collection('things')
      .aggregate([{ $sort: { _id: order } }])
      .map(({ _id }) => _id)
      .toArray();
  expect(await ids(1.9)).toEqual([1, 2, 3]);
  expect(await ids(-1.9)).toEqual([3, 2, 1]);
  expect(await ids(decimal('-0.51'))).toEqual([3, 2, 1]);
});

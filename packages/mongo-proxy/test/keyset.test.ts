import { ReplicaSet } from '@holdfast/replica-set';
import fc from 'fast-check';
import {
  Binary,
  type Collection,
  Decimal128,
  type Document,
  Double,
  Long,
  MaxKey,
  MinKey,
  MongoClient,
  ObjectId,
  Timestamp,
} from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arrayPaths, behind, type OrderField, placeOf } from '../src/keyset.ts';

let rs: ReplicaSet;
let client: MongoClient;
let documents: Collection<Document>;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  client = new MongoClient(rs.uri);
  documents = client.db('keys').collection('documents');
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

/** Few values of each type, so that ties are common. */
const values: unknown[] = [
  new MinKey(),
  null,
  new Double(Number.NaN),
  Decimal128.fromString('NaN'),
  Number.NEGATIVE_INFINITY,
  new Double(-0),
  0,
  1,
  Long.fromNumber(1),
  new Double(1.5),
  Decimal128.fromString('1.50'),
  Long.fromString('9007199254740993'),
  Number.POSITIVE_INFINITY,
  '',
  'a',
  'b',
  {},
  { x: 1 },
  { x: { y: [1, 2] } },
  new Binary(Buffer.from([1]), 0),
  new Binary(Buffer.from([1]), 5),
  new Binary(Buffer.from([0, 0]), 0),
  new ObjectId('000000000000000000000001'),
  new ObjectId('ffffffffffffffffffffffff'),
  false,
  true,
  new Date(-1),
  new Date(0),
  new Timestamp({ t: 1, i: 1 }),
  new Timestamp({ t: 4_000_000_000, i: 0 }),
  new MaxKey(),
];
const value = fc.constantFrom(...values);
const direction = fc.constantFrom<1 | -1>(1, -1);
const document = fc.record(
  { a: value, b: fc.oneof(value, fc.record({ c: value }, { requiredKeys: [] })) },
  { requiredKeys: [] },
);
const someIds = fc.subarray(values.filter((_, at) => ![3, 5, 8, 10].includes(at)));

test('what stands behind a document in the order is what the ladder matches', () => {
  const order = fc.tuple(fc.constantFrom('a', 'b', 'b.c'), direction, direction, direction);
  const property = fc.asyncProperty(
    fc.array(document, { minLength: 2, maxLength: 25 }),
    someIds,
    order,
    fc.nat(),
    async (fields, ids, [path, first, second, last], position) => {
      const all = fields.map((each, n) => ({ _id: ids[n] ?? new ObjectId(), ...each }));
      const other = path === 'a' ? 'b' : 'a';
      const sort: OrderField[] = [
        { path, direction: first },
        { path: other, direction: second },
        { path: '_id', direction: last },
      ];
      await documents.deleteMany({});
      await documents.insertMany(all as Document[]);
      await isExactlyBehind(sort, position % all.length);
      await isExactlyBehind([{ path: '_id', direction: last }], position % all.length);
    },
  );
  return fc.assert(property, { numRuns: 120 });
});

async function isExactlyBehind(order: OrderField[], position: number): Promise<void> {
  const sort = new Map(order.map(({ path, direction }) => [path, direction]));
  const unpromoted = { promoteValues: false, bsonRegExp: true };
  const sorted = await documents.find({}, { sort, ...unpromoted }).toArray();
  const place = placeOf(sorted[position] ?? {}, order);
  if (!('length' in place)) throw new Error(place.detail);
  const filter = behind(place);
  const found = await documents.find(filter, { sort, ...unpromoted }).toArray();
  expect(found.map(idOf)).toEqual(sorted.slice(position + 1).map(idOf));
}

const idOf = ({ _id }: Document): unknown => _id;

test('every value has every other one on its right side', async () => {
  await documents.deleteMany({});
  await documents.insertMany([...values.map((a) => ({ a })), {}] as Document[]);
  for (const direction of [1, -1] as const) {
    const order: OrderField[] = [
      { path: 'a', direction },
      { path: '_id', direction: 1 },
    ];
    for (let position = 0; position <= values.length; position++) {
      await isExactlyBehind(order, position);
    }
  }
});

test.each([
  { holds: 'an array', value: [1], code: 'array-key' },
  { holds: 'a regular expression', value: /a/, code: 'unorderable-key' },
  { holds: 'undefined', value: undefined, code: 'unorderable-key' },
  { holds: 'no date', value: new Date(Number.NaN), code: 'unorderable-key' },
  { holds: 'no date deep inside', value: { x: [new Date(Number.NaN)] }, code: 'unorderable-key' },
  { holds: 'code', value: { _bsontype: 'Code' }, code: 'unorderable-key' },
  { holds: 'a pointer', value: { _bsontype: 'DBRef' }, code: 'unorderable-key' },
])('a field that holds $holds tells no place', ({ value, code }) => {
  const order = [{ path: 'a', direction: 1 }] as const;
  expect(placeOf({ a: value }, order)).toMatchObject({ code, detail: expect.any(String) });
});

test('an array on the way to the field tells no place either', () => {
  expect(placeOf({ a: [{ b: 1 }] }, [{ path: 'a.b', direction: 1 }])).toMatchObject({
    code: 'array-key',
  });
  expect(
    arrayPaths([
      { path: 'a.b.c', direction: 1 },
      { path: '_id', direction: 1 },
    ]),
  ).toEqual(['a', 'a.b', 'a.b.c']);
});

test('control: comparing alone skips the types that follow', async () => {
  await documents.deleteMany({});
  await documents.insertMany([{ a: 1 }, { a: 'x' }]);
  expect(await documents.countDocuments({ a: { $gt: 1 } })).toBe(0);
  const place = [{ path: 'a', direction: 1, value: 1 }] as const;
  expect(await documents.countDocuments(behind(place))).toBe(1);
});

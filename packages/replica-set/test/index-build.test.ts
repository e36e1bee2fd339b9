import fc from 'fast-check';
import { Binary, type Document, MongoClient } from 'mongodb';
import { afterEach, expect, test } from 'vitest';
import type { BsonDocument, BsonValue } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { Catalog, createOperation, dropOperation } from '../src/catalog.ts';
import type { Collection } from '../src/collection.ts';
import { DatabaseFile } from '../src/database-file.ts';
import { ReplicaSet } from '../src/index.ts';
import { buildIndex } from '../src/index-builder.ts';
import { sweepFile } from '../src/sweeping.ts';
import { type LoneMember, startLoneMember } from './lone-member.ts';

const namespace = 'db.things';

function openCatalog(): { file: DatabaseFile; catalog: Catalog; collection: Collection } {
  const file = new DatabaseFile(':memory:', { durable: false });
  const catalog = new Catalog(file);
  catalog.apply(createOperation(namespace, encodeDocument({})), 1);
  const collection = catalog.get(namespace);
  if (collection === undefined) throw new Error('not made');
  return { file, catalog, collection };
}

function entriesOf(file: DatabaseFile, index: number): string[] {
  return file
    .statement('select hex(key) as key, record from entries where "index" = ? order by key, record')
    .all(index)
    .map(({ key, record }) => `${key} ${record}`);
}

const spec = (options: object = {}) => encodeDocument({ key: { a: 1 }, name: 'a_1', ...options });
const documentOf = (_id: number, a: number | number[]): BsonDocument =>
  new Map<string, BsonValue>([
    ['_id', _id],
    ['a', a],
  ]);

type Write = readonly ['insert' | 'replace' | 'remove', number, number | number[]];
const value = fc.oneof(fc.nat(50), fc.array(fc.nat(50), { maxLength: 3 }));
const write: fc.Arbitrary<Write> = fc.tuple(
  fc.constantFrom('insert', 'replace', 'replace', 'remove'),
  fc.nat(400),
  value,
);

test('an index built beside writes holds what one holds that is built at once', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 80, maxLength: 200 }),
      fc.array(fc.tuple(fc.nat(40), write), { maxLength: 60 }),
      fc.constantFrom(20, 70, 1000),
      (stored, writes, mostKeys) => {
        const { file, collection } = openCatalog();
        const ids: number[] = [];
        let next = 0;
        const insert = (a: number | number[]) => {
          collection.insert(encodeDocument(documentOf(next, a)));
          ids.push(next++);
        };
        for (const a of stored) insert(a);
        const build = collection.beginIndex(spec(), mostKeys);
        for (const [steps, [kind, at, a]] of writes) {
          for (let step = 0; step < steps; step++) build.step(0);
          const id = ids[at % ids.length];
          const found = id === undefined ? undefined : collection.byId(documentOf(id, 0));
          if (kind === 'insert' || found === undefined) insert(a);
          else if (kind === 'replace')
            collection.replace(found, encodeDocument(documentOf(id ?? 0, a)));
          else {
            collection.remove(found);
            ids.splice(at % ids.length, 1);
          }
        }
        while (!build.step(0)) {}
        const adopted = collection.addIndex(spec());
        expect(adopted.id).toBe(build.id);
        const fresh = collection.addIndex(spec({ name: 'fresh' }));
        expect(entriesOf(file, adopted.id)).toEqual(entriesOf(file, fresh.id));
        expect(adopted.multikey || !fresh.multikey).toBe(true);
        file.close();
      },
    ),
    { numRuns: 150 },
  );
});

test('a unique key that comes twice while the index is built ends the build and no write', () => {
  const { file, collection } = openCatalog();
  for (let id = 0; id < 100; id++) collection.insert(encodeDocument(documentOf(id, id)));
  const build = collection.beginIndex(spec({ unique: true }));
  for (let step = 0; step < 200; step++) build.step(0);
  collection.insert(encodeDocument(documentOf(100, 5)));
  expect(() => build.step(0)).toThrow(expect.objectContaining({ code: 11000 }));
  collection.abandonIndex(build);
  expect(collection.count()).toBe(101);
  expect(entriesOf(file, build.id).length).toBeGreaterThan(0);
  while (sweepFile(file, new Set(), 7)) {}
  expect(entriesOf(file, build.id)).toEqual([]);
  expect(collection.byId(documentOf(100, 0))).toBeDefined();
  file.close();
});

test('a build ends when its collection is dropped, and a sweep leaves nothing of both', async () => {
  const { file, catalog, collection } = openCatalog();
  for (let id = 0; id < 3000; id++) collection.insert(encodeDocument(documentOf(id, id)));
  let turns = 0;
  const goOn = () => {
    turns += 1;
    if (turns === 1) catalog.apply(dropOperation(collection), 2);
  };
  const slow = buildIndex({ file, catalog }, { namespace, bytes: spec() }, goOn, () => {}, 0);
  await expect(slow).rejects.toMatchObject({ code: 276 });
  catalog.purge(2);
  while (catalog.sweep(500)) {}
  const rows = (table: string) =>
    file.statement(`select count(*) as count from ${table}`).get()?.count;
  expect(['documents', 'entries', 'indexes', 'collections'].map(rows)).toEqual([0, 0, 0, 0]);
  file.close();
});

let member: LoneMember | undefined;
afterEach(() => {
  member?.server.close();
  member?.state.close();
  member = undefined;
});

test('writes go on while an index is built, and are in it', async () => {
  member = await startLoneMember();
  await using client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
  const things = client.db('db').collection<Document & { _id: number }>('things');
  const count = 20_000;
  await things.insertMany(Array.from({ length: count }, (_, _id) => ({ _id, a: _id % 100 })));
  let built = false;
  const building = things.createIndex({ a: 1 }).then(() => {
    built = true;
  });
  let written = 0;
  while (!built) await things.insertOne({ _id: count + written++, a: 7 });
  await building;
  expect(written).toBeGreaterThan(1);
  const byIndex = await things.find({ a: 7 }, { hint: 'a_1' }).toArray();
  expect(byIndex).toHaveLength(count / 100 + written);
});

test('all members build it, and one that was down builds it later', async () => {
  await using rs = await ReplicaSet.start({ members: 3, electionTimeoutMS: 5000 });
  await using client = new MongoClient(rs.uri);
  const things = client.db('db').collection('things');
  await things.insertMany(
    Array.from({ length: 2000 }, (_, a) => ({ a, filling: new Binary(new Uint8Array(10)) })),
  );
  const [away] = rs.members.filter(({ role }) => role !== 'primary');
  if (away === undefined) throw new Error('there is no other member');
  await rs.kill(away);
  await things.createIndex({ a: -1 }, { unique: true });
  await rs.restart(away);
  await things.insertOne({ a: 2000 }, { writeConcern: { w: 3 } });
  for (const { port } of rs.members) {
    await using own = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
    const copy = own.db('db').collection('things', { readPreference: 'secondaryPreferred' });
    expect(await copy.countDocuments({ a: { $gte: 1990 } }, { hint: 'a_-1' })).toBe(11);
  }
});

import { type ChangeStream, type Document, MongoClient, UUID } from 'mongodb';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

let rs: ReplicaSet;
let client: MongoClient;
let made = 0;
const streams: ChangeStream<Document>[] = [];

beforeAll(async () => {
  rs = await ReplicaSet.start();
  client = new MongoClient(rs.uri);
});

afterEach(async () => {
  for (const stream of streams.splice(0)) await stream.close();
});

afterAll(async () => {
  await client.close();
  await rs.stop();
});

const fresh = () => client.db(`events${made++}`);

/** Keeps the stream for the end of the test and waits until it is open on the server. */
async function opened(stream: ChangeStream<Document>): Promise<ChangeStream<Document>> {
  streams.push(stream);
  await stream.tryNext();
  return stream;
}

async function take(stream: ChangeStream<Document>, count: number): Promise<Document[]> {
  const events: Document[] = [];
  while (events.length < count) events.push((await stream.next()) as Document);
  return events;
}

const quick = { maxAwaitTimeMS: 20 };
const expanded = { ...quick, showExpandedEvents: true };

test('expanded events tell of definitions, and of which collection', async () => {
  const db = fresh();
  const stream = await opened(db.watch([], expanded));
  const things = await db.createCollection<Document>('things');
  await things.createIndex({ a: 1 });
  await db.command({ collMod: 'things', changeStreamPreAndPostImages: { enabled: true } });
  await db.command({ collMod: 'things' });
  await things.dropIndex('a_1');
  await db.createCollection('view', { viewOn: 'things' });
  const [{ uuid }] = (await db
    .listCollections({ name: 'things' })
    .map(({ info }: Document) => info)
    .toArray()) as [Document];
  await things.insertOne({});
  await things.rename('others');
  await db.collection('others').insertOne({});
  await db.dropCollection('others');
  const events = await take(stream, 10);
  const ns = { db: db.databaseName, coll: 'things' };
  const others = { ...ns, coll: 'others' };
  const images = { changeStreamPreAndPostImages: { enabled: true } };
  expect(events).toMatchObject([
    { operationType: 'create', ns, operationDescription: { idIndex: { name: '_id_' } } },
    {
      operationType: 'createIndexes',
      ns,
      operationDescription: { indexes: [{ name: 'a_1', key: { a: 1 } }] },
    },
    {
      operationType: 'modify',
      ns,
      operationDescription: images,
      stateBeforeChange: { collectionOptions: {} },
    },
    { operationType: 'modify', ns, stateBeforeChange: { collectionOptions: images } },
    { operationType: 'dropIndexes', ns, operationDescription: { indexes: [{ name: 'a_1' }] } },
    { operationType: 'create', operationDescription: { viewOn: 'things' } },
    { operationType: 'insert', ns },
    { operationType: 'rename', ns, to: others, operationDescription: { to: others } },
    { operationType: 'insert', ns: others },
    { operationType: 'drop', ns: others },
  ]);
  const told = events
    .filter((_, at) => at !== 5)
    .map(({ collectionUUID }) => String(collectionUUID));
  expect(new Set(told)).toEqual(new Set([new UUID(uuid.buffer).toString()]));
});

test('a rename ends the streams on both of its names, and tells what it dropped', async () => {
  const db = fresh();
  const [from, to] = [db.collection('from'), db.collection('to')];
  await from.insertOne({});
  await to.insertOne({});
  const left = await opened(from.watch([], quick));
  const right = await opened(to.watch([], expanded));
  await from.rename('to', { dropTarget: true });
  expect(await take(left, 2)).toMatchObject([
    { operationType: 'rename', to: { coll: 'to' } },
    { operationType: 'invalidate' },
  ]);
  expect(await take(right, 2)).toMatchObject([
    { operationType: 'rename', operationDescription: { dropTarget: expect.anything() } },
    { operationType: 'invalidate' },
  ]);
});

test('images are shown of changes made while the collection kept them', async () => {
  const db = fresh();
  const things = await db.createCollection<Document>('things');
  await things.insertOne({ n: 0 });
  const stream = await opened(
    things.watch([{ $project: { fullDocument: 1, fullDocumentBeforeChange: 1 } }], {
      ...quick,
      fullDocument: 'whenAvailable',
      fullDocumentBeforeChange: 'whenAvailable',
    }),
  );
  const increment = () => things.updateOne({}, { $inc: { n: 1 } });
  await increment();
  await db.command({ collMod: 'things', changeStreamPreAndPostImages: { enabled: true } });
  await increment();
  await increment();
  await db.command({ collMod: 'things', changeStreamPreAndPostImages: { enabled: false } });
  await things.deleteOne({});
  expect(await take(stream, 4)).toMatchObject([
    { fullDocument: null, fullDocumentBeforeChange: null },
    { fullDocument: { n: 2 }, fullDocumentBeforeChange: { n: 1 } },
    { fullDocument: { n: 3 }, fullDocumentBeforeChange: { n: 2 } },
    { fullDocumentBeforeChange: null },
  ]);
});

test.each([{ fullDocument: 'required' }, { fullDocumentBeforeChange: 'required' }])(
  'a stream that needs an image that is not there ends: %j',
  async (needs) => {
    const things = fresh().collection<Document>('things');
    await things.insertOne({ n: 0 });
    const stream = await opened(things.watch([], { ...quick, ...needs }));
    await things.updateOne({}, { $inc: { n: 1 } });
    await expect(stream.next()).rejects.toMatchObject({ code: 47 });
  },
);

test('paths that could be read in two ways are told step by step', async () => {
  const things = fresh().collection<Document>('things');
  await things.insertOne({ a: [{ 1: 1 }], b: [1, 2] });
  const stream = await opened(things.watch([], expanded));
  await things.updateOne({}, { $set: { 'a.0.1': 2, 'b.0': 9 } });
  const [event] = await take(stream, 1);
  expect(event?.updateDescription.disambiguatedPaths).toEqual({ 'a.0.1': ['a', 0, '1'] });
});

import {
  AbstractCursor,
  AggregationCursor,
  type ChangeStream,
  FindCursor,
  MongoClient,
  ReadConcern,
} from 'mongodb';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Batch, type CursorInside, insideOf } from '../src/cursor-inside.ts';
import { type Deployment, database, deploy } from './deployment.ts';

// What is used of the driver's inside: one that moves it has to fail here.

let rs: Deployment;
let client: MongoClient;

beforeAll(async () => {
  rs = await deploy({ members: 1 });
  client = new MongoClient(rs.uri);
  const documents = Array.from({ length: 5 }, (_, _id) => ({ _id }));
  await client.db(database).collection<{ _id: number }>('c').insertMany(documents);
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

/** What the first call of a spied method returned. */
function resultOf<T>({ mock }: { mock: { results: { value: T }[] } }): T {
  const [first] = mock.results;
  if (first === undefined) throw new Error('it was not called');
  return first.value;
}

const collection = () => client.db(database).collection<{ _id: number }>('c');

test('a cursor keeps its server, session, id and batch where they are looked for', async () => {
  const cursor = collection().find({}, { batchSize: 2 });
  const inside = insideOf<CursorInside>(cursor);
  const opened = vi.spyOn(inside, '_initialize');
  const asked = vi.spyOn(inside, 'getMore');
  expect(inside).toMatchObject({ cursorId: null, cursorSession: null, isClosed: false });
  await cursor.next();
  const { server, session, response } = await resultOf(opened);
  expect(inside.selectedServer).toBe(server);
  expect(server.description.type).toBe('RSPrimary');
  expect(inside.cursorSession).toBe(session);
  expect(inside.cursorId).toEqual(response.id);
  expect((inside as unknown as { documents: Batch }).documents).toBe(response);
  expect(response).toMatchObject({ batchSize: 2, iterated: 1 });
  expect(response.operationTime).not.toBeNull();
  await cursor.toArray();
  expect(asked).toHaveBeenCalledTimes(2);
  const second = await resultOf(asked);
  expect(second.batchSize).toBe(2);
  second.iterated = second.batchSize - 1;
  expect(second.shift({ promoteValues: false, validation: { utf8: true } })).toMatchObject({
    _id: { _bsontype: 'Int32', value: 3 },
  });
  expect(inside).toMatchObject({ isClosed: true, numReturned: 5 });
  expect(session.hasEnded).toBe(true);
});

test('find and aggregate keep their requests where they are replaced', () => {
  const find = collection().find({ a: 1 }, { limit: 3, batchSize: 2 }).sort({ a: 1 });
  expect(find).toMatchObject({
    cursorFilter: { a: 1 },
    findOptions: { limit: 3, sort: new Map([['a', 1]]) },
    cursorOptions: { batchSize: 2 },
    numReturned: 0,
  });
  const aggregation = collection().aggregate([{ $match: {} }], { allowDiskUse: true });
  expect(aggregation).toMatchObject({
    pipeline: [{ $match: {} }],
    aggregateOptions: { allowDiskUse: true },
  });
});

test('a read concern passes to the command with what it holds', async () => {
  const seen = new MongoClient(rs.uri, { monitorCommands: true });
  const command = new Promise((resolve) =>
    seen.on('commandStarted', ({ commandName, command }) => {
      if (commandName === 'find') resolve(command.readConcern);
    }),
  );
  const readConcern = Object.assign(new ReadConcern('majority'), { extra: 1 });
  await seen
    .db(database)
    .collection('c')
    .findOne({}, { readConcern })
    .catch(() => {});
  expect(await command).toMatchObject({ level: 'majority', extra: 1 });
  await seen.close();
});

test('a change stream keeps its cursor where it is protected', async () => {
  const stream = collection().watch([], { resumeAfter: { _data: 'x' } });
  const { cursor } = stream as unknown as { cursor: AbstractCursor };
  expect(cursor).toBeInstanceOf(AbstractCursor);
  expect(cursor).toMatchObject({
    pipeline: [{ $changeStream: { resumeAfter: { _data: 'x' } } }],
    resumeToken: { _data: 'x' },
    resumeOptions: { resumeAfter: { _data: 'x' } },
    _processBatch: expect.any(Function),
  });
  expect(stream as ChangeStream & object).toHaveProperty('_createChangeStreamCursor');
  await stream.close();
});

test('a driver that keeps it otherwise is refused, and not left unprotected', async () => {
  const other = Object.create(collection().find(), { cursorOptions: { value: 1 } });
  expect(() => insideOf(other, ['elsewhere' as never])).toThrow(/lacks FindCursor's elsewhere/);
  const getMore: unknown = Reflect.get(FindCursor.prototype, 'getMore');
  vi.resetModules();
  Reflect.deleteProperty(FindCursor.prototype, 'getMore');
  try {
    await expect(import('../src/cursor-inside.ts')).rejects.toThrow(/lacks FindCursor.getMore/);
  } finally {
    Object.defineProperty(FindCursor.prototype, 'getMore', {
      value: getMore,
      writable: true,
      configurable: true,
    });
    vi.resetModules();
  }
  expect(AggregationCursor.prototype).not.toHaveProperty('own');
});

import { type ChangeStream, type Document, Long, MongoClient, Timestamp } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function closing<T extends { close(): Promise<unknown> }>(thing: T): T {
  closers.push(() => thing.close());
  return thing;
}

/** Opens the stream and waits until it is open on the server. */
async function opened<T extends ChangeStream<Document>>(stream: T): Promise<T> {
  closing(stream);
  await stream.tryNext();
  return stream;
}

async function take(stream: ChangeStream<Document>, count: number): Promise<Document[]> {
  const events: Document[] = [];
  while (events.length < count) events.push((await stream.next()) as Document);
  return events;
}

const quick = { maxAwaitTimeMS: 20 };

describe('one member', () => {
  let rs: ReplicaSet;
  let client: MongoClient;
  let made = 0;

  beforeAll(async () => {
    rs = await ReplicaSet.start();
    client = new MongoClient(rs.uri);
  });

  afterAll(async () => {
    await client.close();
    await rs.stop();
  });

  const fresh = () => client.db(`watched${made++}`).collection<Document>('things');

  test('tells inserts, updates, replacements and deletions in their order', async () => {
    const things = fresh();
    await things.insertOne({ _id: 'before' } as Document);
    const stream = await opened(things.watch([], quick));
    await things.insertOne({ _id: 1, a: { b: 1 }, l: [1] } as Document);
    await things.updateOne(
      { _id: 1 } as Document,
      { $set: { 'a.b': 2 }, $push: { l: 2 } } as Document,
    );
    await things.updateOne({ _id: 1 } as Document, [{ $set: { l: [1] } }]);
    await things.replaceOne({ _id: 1 } as Document, { c: 1 });
    await things.findOneAndDelete({ _id: 1 } as Document);
    const events = await take(stream, 5);
    const ns = { db: things.dbName, coll: 'things' };
    const documentKey = { _id: 1 };
    const nothing = { updatedFields: {}, removedFields: [], truncatedArrays: [] };
    expect(events).toEqual(
      [
        { operationType: 'insert', fullDocument: { _id: 1, a: { b: 1 }, l: [1] } },
        {
          operationType: 'update',
          updateDescription: { ...nothing, updatedFields: { 'a.b': 2, 'l.1': 2 } },
        },
        {
          operationType: 'update',
          updateDescription: { ...nothing, truncatedArrays: [{ field: 'l', newSize: 1 }] },
        },
        { operationType: 'replace', fullDocument: { _id: 1, c: 1 } },
        { operationType: 'delete' },
      ].map((event) => ({
        _id: { _data: expect.stringMatching(/^[\dA-F]{42}$/) },
        clusterTime: expect.any(Timestamp),
        wallTime: expect.any(Date),
        ns,
        documentKey,
        ...event,
      })),
    );
    const tokens = events.map(({ _id }) => _id._data);
    expect([...tokens].sort()).toEqual(tokens);
    expect(new Set(tokens).size).toBe(5);
  });

  test('a database and the deployment are watched whole, a collection alone', async () => {
    const things = fresh();
    const db = client.db(things.dbName);
    const elsewhere = fresh();
    const ofCollection = await opened(things.watch([], quick));
    const ofDatabase = await opened(db.watch([], quick));
    const ofAll = await opened(client.watch([], quick));
    await elsewhere.insertOne({ _id: 1 } as Document);
    await db.collection<Document>('things2').insertOne({ _id: 2 } as Document);
    await things.insertOne({ _id: 3 } as Document);
    const ids = async (stream: ChangeStream<Document>, count: number) =>
      (await take(stream, count)).map(({ documentKey }) => documentKey._id);
    expect(await ids(ofCollection, 1)).toEqual([3]);
    expect(await ids(ofDatabase, 2)).toEqual([2, 3]);
    expect(await ids(ofAll, 3)).toEqual([1, 2, 3]);
  });

  test('stages choose and shape events, but not away from their tokens', async () => {
    const things = fresh();
    const pipeline = [
      { $match: { operationType: 'insert', 'fullDocument.n': { $gt: 1 } } },
      { $addFields: { twice: { $add: ['$fullDocument.n', '$fullDocument.n'] } } },
      { $project: { twice: 1 } },
    ];
    const stream = await opened(things.watch(pipeline, quick));
    await things.insertMany([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(await take(stream, 2)).toEqual([
      { _id: expect.anything(), twice: 4 },
      { _id: expect.anything(), twice: 6 },
    ]);
    for (const stage of [{ $unset: '_id' }, { $set: { _id: 1 } }]) {
      const broken = await opened(things.watch([stage], quick));
      await things.insertOne({});
      await expect(broken.next()).rejects.toMatchObject({
        code: 280,
        codeName: 'ChangeStreamFatalError',
        errorLabels: ['NonResumableChangeStreamError'],
      });
    }
  });

  test('updateLookup shows the document as it is, and null when it is gone', async () => {
    const things = fresh();
    await things.insertMany([{ _id: 1 }, { _id: 2 }] as Document[]);
    const stream = await opened(things.watch([], { ...quick, fullDocument: 'updateLookup' }));
    await things.updateMany({}, { $set: { n: 1 } });
    await things.updateOne({ _id: 1 } as Document, { $set: { n: 2 } });
    await things.deleteOne({ _id: 2 } as Document);
    expect((await take(stream, 3)).map(({ fullDocument }) => fullDocument)).toEqual([
      { _id: 1, n: 2 },
      null,
      { _id: 1, n: 2 },
    ]);
  });

  test('a drop ends the stream of the collection, a dropped database that of the database', async () => {
    const things = fresh();
    const db = client.db(things.dbName);
    await things.insertOne({});
    const ofCollection = await opened(things.watch([], quick));
    const ofDatabase = await opened(db.watch([], quick));
    const ofAll = await opened(client.watch([], quick));
    await db.dropDatabase();
    const kinds = (events: Document[]) =>
      events.map(({ operationType, ns }) => [operationType, ns]);
    const coll = { db: things.dbName, coll: 'things' };
    const dropped = [
      ['drop', coll],
      ['dropDatabase', { db: things.dbName }],
    ];
    const told = await take(ofCollection, 2);
    expect(kinds(told)).toEqual([
      ['drop', coll],
      ['invalidate', undefined],
    ]);
    await expect(ofCollection.next()).rejects.toThrow(/closed/i);
    expect(kinds(await take(ofDatabase, 3))).toEqual([...dropped, ['invalidate', undefined]]);
    expect(kinds(await take(ofAll, 2))).toEqual(dropped);

    // Behind the drop comes the invalidation; behind that, what was made later.
    const [drop, invalidate] = told;
    await things.insertOne({ _id: 'later' } as Document);
    const resumed = closing(things.watch([], { ...quick, resumeAfter: drop?._id }));
    expect(kinds(await take(resumed, 1))).toEqual([['invalidate', undefined]]);
    await expect(
      closing(things.watch([], { resumeAfter: invalidate?._id })).next(),
    ).rejects.toMatchObject({ code: 260, codeName: 'InvalidResumeToken' });
    const started = closing(things.watch([], { ...quick, startAfter: invalidate?._id }));
    expect((await take(started, 1))[0]).toMatchObject({ documentKey: { _id: 'later' } });
  });

  test('begins behind a token, or at a time, in batches of any size', async () => {
    const things = fresh();
    const stream = await opened(things.watch([], quick));
    await things.insertMany(Array.from({ length: 5 }, (_, _id) => ({ _id })) as Document[]);
    const events = await take(stream, 5);
    for (const [at, event] of events.entries()) {
      for (const option of ['resumeAfter', 'startAfter', 'startAtOperationTime']) {
        const from = option === 'startAtOperationTime' ? at : at + 1;
        const start = {
          [option]: option === 'startAtOperationTime' ? event.clusterTime : event._id,
        };
        const again = closing(things.watch([], { ...quick, ...start, batchSize: 2 }));
        const wanted = events.slice(from);
        expect(await take(again, wanted.length)).toEqual(wanted);
        expect(await again.tryNext()).toBeNull();
      }
    }
    const future = new Timestamp({ t: Math.floor(Date.now() / 1000) + 3600, i: 1 });
    const later = await opened(things.watch([], { ...quick, startAtOperationTime: future }));
    await things.insertOne({});
    expect(await later.tryNext()).toBeNull();
  });

  test('every batch carries where to come back to, the empty ones too', async () => {
    const things = fresh();
    const db = client.db(things.dbName);
    await things.insertOne({});
    const { cursor } = await db.command({
      aggregate: 'things',
      pipeline: [{ $changeStream: {} }],
      cursor: { batchSize: 0 },
    });
    expect(cursor.firstBatch).toEqual([]);
    const token = cursor.postBatchResumeToken._data;
    const more = () =>
      db.command({
        getMore: Long.fromBigInt(BigInt(cursor.id)),
        collection: 'things',
        maxTimeMS: 1,
      });
    await client.db(`${things.dbName}x`).collection('other').insertOne({});
    const { cursor: empty } = await more();
    expect(empty.nextBatch).toEqual([]);
    expect(empty.postBatchResumeToken._data > token).toBe(true);
    await things.insertOne({});
    const { cursor: full } = await more();
    expect(full.nextBatch).toHaveLength(1);
    expect(full.postBatchResumeToken._data >= full.nextBatch[0]._id._data).toBe(true);
  });

  test('killing the cursor and ending the session end the wait for events', async () => {
    const things = fresh();
    const db = client.db(things.dbName);
    const enders: [string, (id: Long, lsid: Document | undefined) => Promise<unknown>][] = [
      ['killCursors', (id) => db.command({ killCursors: 'things', cursors: [id] })],
      ['endSessions', (_, lsid) => client.db('admin').command({ endSessions: [lsid] })],
    ];
    for (const [, end] of enders) {
      const session = client.startSession();
      const aggregate = { aggregate: 'things', pipeline: [{ $changeStream: {} }], cursor: {} };
      const { cursor } = await db.command(aggregate, { session });
      const id = Long.fromBigInt(BigInt(cursor.id));
      const waiting = db.command(
        { getMore: id, collection: 'things', maxTimeMS: 600_000 },
        { session },
      );
      waiting.catch(() => {});
      await db.command({ ping: 1 });
      await end(id, session.id);
      await expect(waiting).rejects.toMatchObject({ code: expect.toBeOneOf([237, 43]) });
      await session.endSession();
    }
  });

  test.each([6, 43, 133, 234])(
    'the driver goes on after the error %i of a getMore',
    async (errorCode) => {
      const things = fresh();
      const stream = await opened(things.watch([], quick));
      await things.insertOne({ _id: 1 } as Document);
      expect(await stream.next()).toMatchObject({ documentKey: { _id: 1 } });
      const failure = {
        configureFailPoint: 'failGetMoreAfterCursorCheckout',
        mode: { times: 1 },
        data: { errorCode },
      };
      await client.db('admin').command(failure);
      await things.insertOne({ _id: 2 } as Document);
      expect(await stream.next()).toMatchObject({ documentKey: { _id: 2 } });
    },
  );

  test('the driver gives up after an error that is for good, or has no label', async () => {
    const things = fresh();
    const failing = async (name: string, errorCode: number) => {
      const stream = await opened(things.watch([], quick));
      const data = { errorCode, failCommands: ['getMore'] };
      await client.db('admin').command({ configureFailPoint: name, mode: { times: 1 }, data });
      return stream.next().catch((error) => error);
    };
    expect(await failing('failGetMoreAfterCursorCheckout', 286)).toMatchObject({
      code: 286,
      errorLabels: ['NonResumableChangeStreamError'],
    });
    // Before the cursor is looked up, nobody knows that it is a change stream's.
    const early = await failing('failCommand', 6);
    expect(early).toMatchObject({ code: 6 });
    expect(early.hasErrorLabel('ResumableChangeStreamError')).toBe(false);
  });

  test.each<[string, Document[], Document, number]>([
    ['an image that is none', [], { fullDocumentBeforeChange: 'updateLookup' }, 2],
    ['raw descriptions', [], { showRawUpdateDescription: true }, 238],
    ['a mode that is none', [], { fullDocument: 'sometimes' }, 2],
    ['a stage that gathers', [{ $group: { _id: 1 } }], {}, 20],
    ['a stage that is not there', [{ $bogus: 1 }], {}, 40324],
    ['a second $changeStream', [{ $changeStream: {} }], {}, 40602],
    ['a token that is none', [], { resumeAfter: { _data: 'xyz' } }, 9],
    ['a token of another server', [], { resumeAfter: { _data: '8200' } }, 260],
    ['a token without data', [], { resumeAfter: {} }, 40647],
    ['two places to begin', [], { resumeAfter: {}, startAfter: {} }, 50674],
    ['another read concern', [], { readConcern: { level: 'local' } }, 72],
  ])('refuses %s', async (_, pipeline, options, code) => {
    await expect(closing(fresh().watch(pipeline, options)).next()).rejects.toMatchObject({ code });
  });

  test('refuses the databases of the server itself, and a token of another log', async () => {
    await expect(closing(client.db('admin').watch()).next()).rejects.toMatchObject({ code: 73 });
    const things = fresh();
    await things.insertOne({});
    const strange = { _data: `${'1'.padStart(16, '0')}00${'7'.padStart(24, '0')}` };
    await expect(closing(things.watch([], { resumeAfter: strange })).next()).rejects.toMatchObject({
      code: 280,
    });
  });
});

describe('three members', () => {
  test('the stream misses nothing and repeats nothing over step-downs and kills', async () => {
    const rs = await ReplicaSet.start({ members: 3 });
    closers.push(() => rs.stop());
    const client = closing(new MongoClient(rs.uri));
    const things = client.db('watched').collection<{ _id: string }>('things');
    const stream = await opened(things.watch([], { maxAwaitTimeMS: 200 }));
    const seen: string[] = [];
    const reading = (async () => {
      for (;;) {
        const event = (await stream.next()) as Document;
        if (event.documentKey._id === 'end') return;
        seen.push(event.documentKey._id);
      }
    })();
    let running = true;
    const done = [0, 0, 0, 0];
    const writer = async (name: number) => {
      while (running) {
        const write = things.insertOne({ _id: `${name}-${done[name]}` });
        const stored = await write.then(
          () => true,
          (error: { code?: number }) => error.code === 11000,
        );
        if (stored) done[name] = (done[name] ?? 0) + 1;
      }
    };
    const writers = done.map((_, name) => writer(name));
    const advance = async () => {
      const before = done.map((count) => count + 15);
      const past = () => done.every((count, name) => count > (before[name] ?? 0));
      await expect.poll(past, { timeout: 15_000 }).toBe(true);
    };
    await advance();
    await rs.stepDown();
    await advance();
    const fallen = rs.primary;
    await rs.kill(fallen);
    await advance();
    await rs.restart(fallen);
    await advance();
    await rs.stepDown();
    await advance();
    running = false;
    await Promise.all(writers);
    // A write that failed may have been done: its writer found so, unless it was the last.
    await things.insertOne({ _id: 'end' });
    await reading;
    expect(new Set(seen).size).toBe(seen.length);
    const stored = await things.find().toArray();
    expect(stored.map(({ _id }) => _id)).toEqual([...seen, 'end']);
    for (const [name, count] of done.entries()) {
      const own = seen.filter((id) => id.startsWith(`${name}-`));
      expect(own.slice(0, count)).toEqual(Array.from({ length: count }, (_, i) => `${name}-${i}`));
    }
  });

  test('every member tells the same events', async () => {
    const rs = await ReplicaSet.start({ members: 3 });
    closers.push(() => rs.stop());
    const client = closing(new MongoClient(rs.uri));
    const things = client.db('watched').collection<Document>('things');
    await things.insertOne({ _id: 0 } as Document);
    const first = await opened(things.watch([], quick));
    await things.insertMany(Array.from({ length: 50 }, (_, n) => ({ _id: n + 1 })) as Document[]);
    const events = await take(first, 50);
    for (const { host, port } of rs.members) {
      const direct = closing(
        new MongoClient(`mongodb://${host}:${port}/?directConnection=true`, {
          readPreference: 'secondaryPreferred',
        }),
      );
      const there = direct.db('watched').collection<Document>('things');
      const stream = closing(there.watch([], { ...quick, resumeAfter: events[9]?._id }));
      expect(await take(stream, 40)).toEqual(events.slice(10));
    }
  });

  test('an event that no majority has is not told', async () => {
    const rs = await ReplicaSet.start({ members: 3, electionTimeoutMS: 2000 });
    closers.push(() => rs.stop());
    const client = closing(new MongoClient(rs.uri));
    const things = client.db('watched').collection<Document>('things');
    await things.insertOne({ _id: 'all' } as Document);
    const stream = await opened(things.watch([], quick));
    for (const member of rs.members.filter(({ role }) => role === 'secondary')) {
      await rs.kill(member);
    }
    await things.insertOne({ _id: 'one' } as Document, { writeConcern: { w: 1 } });
    expect(await stream.tryNext()).toBeNull();
  });
});

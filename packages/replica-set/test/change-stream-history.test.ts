import { Binary, Timestamp } from 'bson';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import type { BsonDocument, BsonValue, EncodableDocument } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { createOperation } from '../src/catalog.ts';
import { ChangeStream } from '../src/change-stream.ts';
import { parseChangeStream } from '../src/change-stream-spec.ts';
import { commands } from '../src/commands/command-table.ts';
import { Faults, noFaults } from '../src/faults.ts';
import { MemberState } from '../src/member-state.ts';
import { WatchedNamespace } from '../src/watched-namespace.ts';

/** A set of one, without its sockets. */
let state: MemberState;

beforeEach(async () => {
  const address = { index: 0, host: '127.0.0.1', port: 0 };
  const config = {
    ...address,
    setName: 'rs',
    file: ':memory:',
    durable: false,
    electionTimeoutMS: 1000,
    logBytes: 2 ** 24,
    secret: '',
    user: undefined,
  };
  state = new MemberState(config, new Faults(noFaults), () => {});
  state.addresses = [address];
  state.replica.start(state.addresses);
  for (const name of ['things', 'others']) {
    state.replica.append(createOperation(`db.${name}`, encodeDocument({})));
  }
  await state.file.flushed();
});

afterEach(() => state.close());

const bson = (plain: EncodableDocument): BsonDocument => decodeDocument(encodeDocument(plain));

async function insert(collection: string, from: number, count: number): Promise<void> {
  for (let _id = from; _id < from + count; _id++) {
    const namespace = `db.${collection}`;
    state.replica.append({ kind: 'insert', namespace, payload: encodeDocument({ _id }) });
  }
  await state.file.flushed();
}

function open(options: EncodableDocument = {}): Promise<ChangeStream> {
  const spec = parseChangeStream(decodeDocument(encodeDocument(options)), [], {});
  return ChangeStream.open(state, WatchedNamespace.collection('db', 'things'), spec, 1000);
}

async function idsOf(stream: ChangeStream, most: number, wait: number): Promise<BsonValue[]> {
  const { documents } = await stream.take(most, wait);
  return documents.map(({ bytes }) =>
    (decodeDocument(bytes).get('documentKey') as BsonDocument).get('_id'),
  );
}

test('finds the one event behind thousands that are not watched', async () => {
  const stream = await open();
  await insert('others', 0, 2500);
  await insert('things', 7, 1);
  expect(await idsOf(stream, 10, 10_000)).toEqual([7]);
});

test('waits for an event, and hears of it without being asked again', async () => {
  const stream = await open();
  const waiting = idsOf(stream, 10, 1e9);
  await insert('others', 0, 5);
  await insert('things', 1, 1);
  expect(await waiting).toEqual([1]);
  await expect(Promise.all([stream.take(1, 1e9), stream.take(1, 1e9)])).rejects.toMatchObject({
    code: 12051,
  });
  stream.close();
});

test('a batch of a given size leaves the rest to the next', async () => {
  const stream = await open();
  await insert('things', 0, 5);
  expect(await idsOf(stream, 0, 0)).toEqual([]);
  expect(await idsOf(stream, 3, 0)).toEqual([0, 1, 2]);
  expect(await idsOf(stream, 3, 0)).toEqual([3, 4]);
});

test('is told when the log no longer goes back far enough', async () => {
  const lost = { code: 286, codeName: 'ChangeStreamHistoryLost' };
  const began = state.replica.end;
  const idle = await open();
  await insert('things', 0, 20);
  const stream = await open();
  const { token } = await idle.take(1, 0);
  const fresh = await open({ resumeAfter: token ?? {} });
  state.log.trim(0, began.position + 10, 100);
  await expect(idle.take(1, 0)).rejects.toMatchObject(lost);
  await expect(fresh.take(1, 0)).rejects.toMatchObject(lost);
  const again = await open({ startAfter: token ?? {} });
  await expect(again.take(1, 0)).rejects.toMatchObject(lost);
  const startAtOperationTime = new Timestamp({ t: began.seconds, i: began.increment });
  await expect(open({ startAtOperationTime })).rejects.toMatchObject(lost);
  expect(await idsOf(stream, 10, 0)).toEqual([]);
});

/** Runs a command as a connection does. */
async function run(command: EncodableDocument): Promise<BsonDocument> {
  const [name = ''] = Object.keys(command);
  const reply = await commands.get(name)?.run({
    state,
    name,
    database: 'db',
    command: decodeDocument(encodeDocument(command)),
    sequences: new Map(),
    session: {
      id: 1,
      address: '127.0.0.1:1',
      user: undefined,
      scram: undefined,
      skipsEmptyExchange: false,
      appName: '',
    },
    store: state.present,
    now: new Date(),
  });
  return decodeDocument(encodeDocument(reply ?? {}));
}

test('a member that stops tells the driver to go on elsewhere, and keeps nobody waiting', async () => {
  const reply = await run({ aggregate: 'things', pipeline: [{ $changeStream: {} }], cursor: {} });
  const id = (reply.get('cursor') as BsonDocument).get('id');
  const waiting = run({ getMore: id, collection: 'things', maxTimeMS: 1e9 });
  waiting.catch(() => {});
  state.replica.stop();
  await expect(waiting).rejects.toMatchObject({
    code: 11600,
    fields: { errorLabels: ['ResumableChangeStreamError'] },
  });
});

test('the cursors of a session end with it, and only those', async () => {
  const openFor = async (byte: number) => {
    const lsid = { id: new Binary(new Uint8Array(16).fill(byte), 4) };
    const pipeline = [{ $changeStream: {} }];
    const reply = await run({ aggregate: 'things', pipeline, cursor: {}, lsid });
    return { lsid, id: (reply.get('cursor') as BsonDocument).get('id') };
  };
  const ended = await openFor(1);
  const other = await openFor(2);
  const more = ({ id, lsid }: typeof ended) =>
    run({ getMore: id, collection: 'things', maxTimeMS: 1, lsid });
  await run({ endSessions: [ended.lsid] });
  await expect(more(ended)).rejects.toMatchObject({ code: 43 });
  expect(Number((await more(other)).get('ok'))).toBe(1);
});

test.each([
  ...[
    6, 7, 63, 89, 91, 133, 150, 189, 234, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436,
  ].map((code): [number, string[] | undefined] => [code, ['ResumableChangeStreamError']]),
  ...[280, 286].map((code): [number, string[]] => [code, ['NonResumableChangeStreamError']]),
  [2, undefined] as [number, undefined],
])('error %i of a getMore carries the label %j, and its cursor is gone', async (code, labels) => {
  const reply = await run({ aggregate: 'things', pipeline: [{ $changeStream: {} }], cursor: {} });
  const id = (reply.get('cursor') as BsonDocument).get('id');
  const failure = {
    configureFailPoint: 'failGetMoreAfterCursorCheckout',
    mode: { times: 1 },
    data: { errorCode: code },
  };
  state.failPoints.configure(decodeDocument(encodeDocument(failure)));
  const more = () => run({ getMore: id, collection: 'things', maxTimeMS: 1 });
  const error = await more().catch((thrown) => thrown);
  expect(error).toMatchObject({ code });
  expect(error.fields.errorLabels).toEqual(labels);
  await expect(more()).rejects.toMatchObject({ code: 43 });
});

test('an event that several streams tell is changed by none of them for the others', async () => {
  const watched = WatchedNamespace.collection('db', 'things');
  const pipelines: EncodableDocument[][] = [
    [{ $set: { 'ns.coll': 'renamed', 'fullDocument.more': 1 } }, { $unset: ['clusterTime'] }],
    [{ $project: { 'documentKey._id': 1 } }],
    [{ $match: { 'fullDocument._id': 2 } }],
    [],
  ];
  const streams = await Promise.all(
    pipelines.map((stages) => {
      const spec = parseChangeStream(new Map(), stages.map(bson), {});
      return ChangeStream.open(state, watched, spec, 1000);
    }),
  );
  await insert('things', 1, 2);
  const told = [];
  for (const stream of streams) {
    const { documents } = await stream.take(10, 0);
    told.push(documents.map(({ bytes }) => decodeDocument(bytes)));
  }
  const [changed, shortened, matched, plain] = told;
  expect(changed?.map((event) => event.get('ns'))).toEqual(
    [1, 2].map(() => bson({ db: 'db', coll: 'renamed' })),
  );
  expect(shortened?.map((event) => [...event.keys()])).toEqual(
    [1, 2].map(() => ['_id', 'documentKey']),
  );
  expect(matched).toEqual([plain?.[1]]);
  expect(plain?.map((event) => event.get('fullDocument'))).toEqual([
    bson({ _id: 1 }),
    bson({ _id: 2 }),
  ]);
  expect(plain?.map((event) => event.get('ns'))).toEqual(
    [1, 2].map(() => bson({ db: 'db', coll: 'things' })),
  );
});

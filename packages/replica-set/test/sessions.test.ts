/** Sessions, what ends them, and what a transaction may not ask for; on a member whose clock the test holds. */
import { Binary, Timestamp, UUID } from 'bson';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BsonDocument, EncodableDocument } from '../src/bson-document.ts';
import { Sessions } from '../src/sessions.ts';
import { type LoneMember, startLoneMember } from './lone-member.ts';
import { message, RawClient } from './raw-client.ts';

let member: LoneMember;
let client: RawClient;
let lsid: { id: Binary };
let round = 0;

beforeAll(async () => {
  member = await startLoneMember();
});

afterAll(() => {
  member.server.close();
  member.state.close();
});

beforeEach(() => {
  round += 1;
  client = new RawClient(member.port);
  lsid = { id: new Binary(new UUID().buffer, 4) };
});

afterEach(() => client.close());

async function run(command: EncodableDocument): Promise<BsonDocument> {
  return (await client.ask(message({ ...command, $db: command.$db ?? 'db' }))) ?? new Map();
}

const inside = (txnNumber: number, starts = false): EncodableDocument => ({
  lsid,
  txnNumber,
  autocommit: false,
  ...(starts && { startTransaction: true }),
});
const insert = (_id: number): EncodableDocument => ({ insert: `c${round}`, documents: [{ _id }] });
const commit = (txnNumber: number): EncodableDocument => ({
  commitTransaction: 1,
  $db: 'admin',
  ...inside(txnNumber),
});
const find = (): EncodableDocument => ({ find: `c${round}` });

describe('a transaction is refused', () => {
  const majority = { level: 'majority' };
  const refused: readonly [string, number, () => EncodableDocument][] = [
    ['a count', 263, () => ({ count: 'c', ...inside(1, true) })],
    ['a drop', 263, () => ({ drop: 'c', ...inside(1, true) })],
    ['a getMore that begins it', 263, () => ({ getMore: 1n, collection: 'c', ...inside(1, true) })],
    ['the database config', 263, () => ({ find: 'c', $db: 'config', ...inside(1, true) })],
    ['no session', 72, () => ({ ...find(), ...inside(1, true), lsid: undefined })],
    ['no number', 72, () => ({ ...find(), ...inside(1, true), txnNumber: undefined })],
    ['no autocommit', 72, () => ({ ...find(), ...inside(1, true), autocommit: undefined })],
    ['autocommit', 72, () => ({ ...find(), ...inside(1, true), autocommit: true })],
    ['a write concern', 72, () => ({ ...insert(1), ...inside(1, true), writeConcern: { w: 1 } })],
    [
      'linearizable reads',
      72,
      () => ({ ...find(), ...inside(1, true), readConcern: { level: 'linearizable' } }),
    ],
    ['a commit elsewhere', 13, () => ({ ...commit(1), $db: 'db' })],
    ['a commit of nothing', 251, () => commit(1)],
    ['a commit outside', 125, () => ({ commitTransaction: 1, $db: 'admin' })],
    ['to go on with one unknown', 251, () => ({ ...find(), ...inside(1) })],
    [
      'a change stream',
      263,
      () => ({ aggregate: 'c', pipeline: [{ $changeStream: {} }], cursor: {}, ...inside(1, true) }),
    ],
    [
      'a new index of an old collection',
      263,
      () => ({ createIndexes: 'old', indexes: [{ key: { a: 1 }, name: 'a' }], ...inside(1, true) }),
    ],
  ];
  test.each(refused)('%s: %i', async (_, code, command) => {
    await run({ insert: 'old', documents: [{}] });
    expect((await run(command())).get('code')).toBe(code);
  });

  test('a read concern after its first command', async () => {
    const first = await run({ ...find(), ...inside(1, true), readConcern: majority });
    expect(Number(first.get('ok'))).toBe(1);
    const second = await run({ ...find(), ...inside(1), readConcern: majority });
    expect(second.get('code')).toBe(72);
    expect(Number((await run(commit(1))).get('ok'))).toBe(1);
  });

  test('more than fits into one entry', async () => {
    const text = 'x'.repeat(15_000_000);
    await run({ insert: `c${round}`, documents: [{ _id: 1, text }], ...inside(1, true) });
    const more = await run({ insert: `c${round}`, documents: [{ _id: 2, text }], ...inside(1) });
    expect(more.get('code')).toBe(257);
    expect((await run(commit(1))).get('code')).toBe(251);
  });

  test('a cursor of another transaction, or outside of it', async () => {
    await run({ insert: `c${round}`, documents: [{}, {}, {}] });
    const begun = await run({ ...find(), batchSize: 1, ...inside(1, true) });
    const id = (begun.get('cursor') as BsonDocument).get('id') as bigint;
    const more = { getMore: id, collection: `c${round}` };
    expect((await run({ ...more, lsid })).get('code')).toBe(50740);
    expect(Number((await run({ ...more, ...inside(1) })).get('ok'))).toBe(1);
    expect(Number((await run(commit(1))).get('ok'))).toBe(1);
    expect((await run({ ...more, lsid })).get('code')).toBe(43);
  });
});

describe('numbers of a session', () => {
  test('rise over writes and transactions', async () => {
    expect(Number((await run({ ...insert(1), lsid, txnNumber: 2 })).get('ok'))).toBe(1);
    expect((await run({ ...insert(2), ...inside(2, true) })).get('code')).toBe(50911);
    expect((await run({ ...insert(2), ...inside(1, true) })).get('code')).toBe(225);
    expect(Number((await run({ ...insert(2), ...inside(3, true) })).get('ok'))).toBe(1);
    expect((await run({ ...insert(3), lsid, txnNumber: 3 })).get('code')).toBe(72);
    // A newer number ends the transaction.
    expect(Number((await run({ ...insert(4), lsid, txnNumber: 4 })).get('ok'))).toBe(1);
    expect((await run(commit(3))).get('code')).toBe(225);
    expect((await run({ count: `c${round}` })).get('n')).toBe(2);
  });

  test('a commit may be sent again, an end of the other kind may not', async () => {
    await run({ ...insert(1), ...inside(1, true) });
    expect(Number((await run(commit(1))).get('ok'))).toBe(1);
    expect(Number((await run(commit(1))).get('ok'))).toBe(1);
    expect(Number((await run({ ...commit(1), commitTransaction: undefined })).get('ok'))).toBe(0);
    const abort = { abortTransaction: 1, $db: 'admin' };
    expect((await run({ ...abort, ...inside(1) })).get('code')).toBe(256);
    await run({ ...insert(2), ...inside(2, true) });
    expect(Number((await run({ ...abort, ...inside(2) })).get('ok'))).toBe(1);
    expect((await run({ ...abort, ...inside(2) })).get('code')).toBe(251);
    const late = await run(commit(2));
    expect(late.get('code')).toBe(251);
    expect(late.get('errorLabels')).toEqual(['TransientTransactionError']);
  });
});

describe('a session ends', () => {
  const ways: readonly [string, () => EncodableDocument][] = [
    ['endSessions', () => ({ endSessions: [lsid] })],
    ['killSessions', () => ({ killSessions: [lsid] })],
    ['killAllSessions', () => ({ killAllSessions: [] })],
    ['killAllSessionsByPattern', () => ({ killAllSessionsByPattern: [{ lsid }] })],
  ];
  test.each(ways)('by %s: with its transaction and its cursors', async (_, command) => {
    await run({ insert: `c${round}`, documents: [{}, {}, {}] });
    const begun = await run({ ...find(), lsid, batchSize: 1 });
    const id = (begun.get('cursor') as BsonDocument).get('id') as bigint;
    await run({ ...insert(1), ...inside(1, true) });
    expect(Number((await run(command())).get('ok'))).toBe(1);
    expect((await run(commit(1))).get('code')).toBe(251);
    expect((await run({ getMore: id, collection: `c${round}`, lsid })).get('code')).toBe(43);
    expect((await run({ count: `c${round}` })).get('n')).toBe(3);
  });

  test('after 30 minutes without use, and a transaction after a minute', () => {
    const { state } = member;
    let now = 0;
    const sessions = new Sessions(state, {
      replica: () => state.replica,
      cursors: state.cursors,
      now: () => now,
    });
    const session = new Uint8Array(16).fill(round);
    const key = Buffer.from(session).toString('hex');
    const { position } = state.replica.end;
    const transaction = sessions.begin({ session, number: 1 }, position, false);
    const cursor = state.cursors.open('db.c', [].values(), key);
    now = 59_999;
    sessions.touch(key);
    sessions.reap();
    expect(transaction.isOver).toBe(false);
    now = 60_000;
    sessions.reap();
    expect(transaction.state).toBe('aborted');
    expect(sessions.keys()).toEqual([key]);
    expect(state.cursors.get(cursor.id)).toBe(cursor);
    now += 30 * 60_000;
    sessions.reap();
    expect(sessions.keys()).toEqual([]);
    expect(() => state.cursors.get(cursor.id)).toThrow('not found');
    sessions.close();
  });
});

describe('a snapshot', () => {
  const snapshot = (seconds: number, increment: number): EncodableDocument => ({
    level: 'snapshot',
    atClusterTime: new Timestamp({ t: seconds, i: increment }),
  });

  test('is the data at a time, and tells it', async () => {
    await run(insert(1));
    const { seconds, increment } = member.state.replica.end;
    await run(insert(2));
    const then = await run({ ...find(), readConcern: snapshot(seconds, increment) });
    const cursor = then.get('cursor') as BsonDocument;
    expect(cursor.get('firstBatch')).toEqual([new Map([['_id', 1]])]);
    expect(cursor.get('atClusterTime')).toEqual(new Timestamp({ t: seconds, i: increment }));
    const distinct = { distinct: `c${round}`, key: '_id', readConcern: { level: 'snapshot' } };
    const now = await run(distinct);
    expect(now.get('values')).toEqual([1, 2]);
    expect(now.get('atClusterTime')).toBeInstanceOf(Timestamp);
  });

  test('is refused for writes, in the future, and of a collection dropped since', async () => {
    await run(insert(1));
    const { seconds, increment } = member.state.replica.end;
    const then = snapshot(seconds, increment);
    expect((await run({ ...insert(2), readConcern: then })).get('code')).toBe(72);
    expect((await run({ count: 'c', readConcern: then })).get('code')).toBe(72);
    expect((await run({ ...find(), readConcern: snapshot(seconds + 999, 1) })).get('code')).toBe(
      72,
    );
    await run({ drop: `c${round}` });
    expect((await run({ ...find(), readConcern: then })).get('code')).toBe(246);
  });

  test('is too old when the log no longer goes back to it', async () => {
    await run(insert(1));
    const { seconds, increment, position } = member.state.replica.end;
    const then = { ...find(), readConcern: snapshot(seconds, increment), batchSize: 0 };
    const begun = await run(then);
    const id = (begun.get('cursor') as BsonDocument).get('id') as bigint;
    await run({ insert: `c${round}`, documents: [{ _id: 2 }, { _id: 3 }, { _id: 4 }] });
    member.state.log.trim(0, position + 3, 1000);
    expect((await run(then)).get('code')).toBe(239);
    expect((await run({ getMore: id, collection: `c${round}` })).get('code')).toBe(239);
    expect((await run({ getMore: id, collection: `c${round}` })).get('code')).toBe(43);
  });
});

import type { Server, Socket } from 'node:net';
import fc from 'fast-check';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { asDouble } from '../src/arithmetic.ts';
import type { BsonDocument } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { crc32c } from '../src/crc32c.ts';
import { HeldBytes } from '../src/held-bytes.ts';
import type { MemberState } from '../src/member-state.ts';
import { startLoneMember } from './lone-member.ts';
import {
  bodySection,
  frame,
  int32,
  message,
  nested,
  opcode,
  RawClient,
  sections,
  sequence,
} from './raw-client.ts';

const seed = Number(process.env.SEED ?? 20_261_123);

let server: Server;
let state: MemberState;
let port = 0;
let other: MongoClient;
const clients: RawClient[] = [];
/** The member's ends of all connections. */
const sockets = new Set<Socket>();

beforeAll(async () => {
  ({ server, state, port } = await startLoneMember({ unfinishedMS: 50 }));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  other = new MongoClient(`mongodb://127.0.0.1:${port}/?replicaSet=rs0`);
  await other.db('wire').collection('others').insertOne({ n: 0 });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  // Whatever a client did, another one goes on.
  const things = other.db('wire').collection('others');
  expect(await things.updateOne({}, { $inc: { n: 1 } })).toMatchObject({ modifiedCount: 1 });
});

afterAll(async () => {
  await other.close();
  server.close();
  state.close();
});

function open(): RawClient {
  const client = new RawClient(port);
  clients.push(client);
  return client;
}

const ping = message({ ping: 1 });

function withChecksum(command: Buffer): Buffer {
  const bytes = Buffer.concat([command, int32(0)]);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(1, 16);
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

test('a checksum is verified, and given with the reply', async () => {
  const client = open();
  client.send(withChecksum(ping));
  const reply = await client.frame();
  expect(reply?.readInt32LE(16)).toBe(1);
  expect(reply?.readUInt32LE(reply.length - 4)).toBe(crc32c(reply?.subarray(0, -4) ?? ping));
  const wrong = withChecksum(ping);
  wrong[wrong.length - 1] = (wrong[wrong.length - 1] ?? 0) ^ 1;
  expect(await client.ask(wrong)).toBeUndefined();
});

describe('answers, and goes on with the next request, after', () => {
  const big = encodeDocument({ x: 'x'.repeat(16 * 1024 * 1024) });
  const huge = encodeDocument({ x: 'x'.repeat(17 * 1024 * 1024) });
  const insert = (documents: Uint8Array[]): Buffer =>
    frame(
      opcode.message,
      sections(0, bodySection({ insert: 'bad', $db: 'wire' }), sequence('documents', documents)),
    );
  const broken = Buffer.from(encodeDocument({ ping: 1 }));
  broken[4] = 0x77;
  const many = Array.from({ length: 100_001 }, () => encodeDocument({}));
  const refused: readonly [string, string, Buffer][] = [
    [
      'a body of broken BSON',
      'InvalidBSON',
      frame(opcode.message, sections(0, bodySection(broken))),
    ],
    ['a document of broken BSON', 'InvalidBSON', insert([broken])],
    [
      'a body nested too deep',
      'Overflow',
      frame(opcode.message, sections(0, bodySection(nested(201)))),
    ],
    ['a document far too large', 'BSONObjectTooLarge', insert([huge])],
    ['a batch over the limit', 'InvalidLength', insert(many)],
    ['a batch of nothing', 'InvalidLength', insert([])],
    ['no command at all', 'CommandNotFound', message({})],
    ['a command that is not there', 'CommandNotFound', message({ fly: 1 })],
  ];
  test.each(refused)('%s: %s', async (_, codeName, bytes) => {
    const client = open();
    const reply = await client.ask(bytes);
    expect(Object.fromEntries(reply ?? [])).toMatchObject({ ok: asDouble(0), codeName });
    expect(Number((await client.ask(ping))?.get('ok'))).toBe(1);
  });

  const refusedAlone: readonly [string, number, Buffer][] = [
    ['a document a little too large', 10334, insert([big])],
    ['a document of more than 180 levels', 15, insert([nested(181)])],
  ];
  test.each(refusedAlone)('%s: %i', async (_, code, bytes) => {
    const client = open();
    const reply = await client.ask(bytes);
    expect(reply?.get('n')).toBe(0);
    const errors = reply?.get('writeErrors');
    expect(
      Array.isArray(errors) && errors.map((each) => (each as BsonDocument).get('code')),
    ).toEqual([code]);
    expect((await client.ask(insert([nested(180)])))?.get('n')).toBe(1);
  });
});

test('an update that nests too deep is refused', async () => {
  const things = other.db('wire').collection('deep');
  await things.insertOne({ n: 1 });
  const path = Array.from({ length: 181 }, () => 'a').join('.');
  await expect(things.updateOne({ n: 1 }, { $set: { [path]: 1 } })).rejects.toMatchObject({
    code: 15,
  });
});

describe('closes the connection after', () => {
  const cases: readonly [string, Buffer][] = [
    ['a length of 15', int32(15, 1, 0, opcode.message)],
    ['a negative length', int32(-5, 1, 0, opcode.message)],
    ['a length over 48,000,000', int32(48_000_001, 1, 0, opcode.message)],
    ['an unknown opcode', frame(2001, int32(0))],
    ['flags that are not there', frame(opcode.message, sections(8, bodySection({ ping: 1 })))],
    ['a request of HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ];
  test.each(cases)('%s', async (_, bytes) => {
    const client = open();
    expect(await client.ask(bytes)).toBeUndefined();
    expect(client.closed).toBe(true);
  });

  test('half a message and then silence', async () => {
    const client = open();
    expect(Number((await client.ask(ping))?.get('ok'))).toBe(1);
    client.send(Buffer.concat([ping, ping.subarray(0, 20)]));
    expect(Number((await client.reply())?.get('ok'))).toBe(1);
    await client.end();
  });
});

test('a command that takes longer than half a message may is not cut', async () => {
  const client = open();
  const waits = message({
    hello: 1,
    topologyVersion: {
      processId: state.processId,
      counter: BigInt(state.replica.standing.topology),
    },
    maxAwaitTimeMS: 120,
  });
  // Its first half alone starts the clock, which has to stop once it is whole.
  client.send(waits.subarray(0, 20));
  expect(Number((await open().ask(ping))?.get('ok'))).toBe(1);
  client.send(Buffer.concat([waits.subarray(20), ping.subarray(0, 20)]));
  expect(Number((await client.reply())?.get('ok'))).toBe(1);
  expect(Number((await client.ask(ping.subarray(20)))?.get('ok'))).toBe(1);
});

test('many half messages at once cost the oldest of them their connections', async () => {
  const lone = await startLoneMember();
  Object.assign(lone.state, { heldBytes: new HeldBytes(1_000_000) });
  const half = Buffer.concat([int32(1_000_000, 7, 0, opcode.message), Buffer.alloc(200_000)]);
  const senders = Array.from({ length: 10 }, () => new RawClient(lone.port));
  clients.push(...senders);
  for (const sender of senders) sender.send(half);
  const closed = () => senders.filter((sender) => sender.closed).length;
  await expect.poll(closed, { timeout: 10_000 }).toBeGreaterThanOrEqual(5);
  expect(lone.state.heldBytes.total).toBeLessThanOrEqual(1_000_000);
  expect(closed()).toBeLessThan(10);
  for (const sender of senders) sender.close();
  await expect.poll(() => lone.state.heldBytes.total).toBe(0);
  lone.server.close();
  lone.state.close();
});

test('a thousand idle connections are let be', async () => {
  const idle = Array.from({ length: 1000 }, open);
  await Promise.all(idle.map((client) => client.ask(ping)));
  expect(await other.db('wire').collection('others').countDocuments()).toBe(1);
  expect(idle.filter(({ closed }) => closed)).toEqual([]);
  expect(Number((await idle[999]?.ask(ping))?.get('ok'))).toBe(1);
});

test('nothing more is read from a client that does not read', async () => {
  const things = other.db('wire').collection<{ _id: number; x: string }>('large');
  await things.insertOne({ _id: 1, x: 'x'.repeat(1_000_000) });
  const client = open();
  client.socket.pause();
  const asked = 100;
  const find = message({ find: 'large', $db: 'wire' });
  for (let index = 0; index < asked; index++) client.send(find);
  let waiting = 0;
  for (let round = 0; round < 100; round++) {
    await things.findOne({ _id: 1 }, { projection: { _id: 1 } });
    waiting = Math.max(waiting, ...[...sockets].map(({ writableLength }) => writableLength));
  }
  // Two sockets' buffers and one reply in memory; the other replies are not made yet.
  expect(waiting).toBeGreaterThan(100_000);
  expect(waiting).toBeLessThan(1_100_000);
  client.socket.resume();
  for (let index = 0; index < asked; index++) {
    expect((await client.frame())?.length).toBeGreaterThan(1_000_000);
  }
});

test('a streaming hello that waits for nothing is answered once', async () => {
  const client = open();
  client.send(message({ hello: 1 }, 1 << 16));
  const reply = await client.frame();
  expect(reply?.readInt32LE(16)).toBe(0);
  expect(Number((await client.ask(ping))?.get('ok'))).toBe(1);
  expect(client.frames).toEqual([]);
});

test('random frames on many sockets leave a working client alone', async () => {
  let working = true;
  const things = other.db('wire').collection<{ _id: number }>('steady');
  const work = (async () => {
    let done = 0;
    for (; working; done++) await things.insertOne({ _id: done });
    return done;
  })();
  const code = fc.constantFrom(opcode.message, opcode.query, opcode.compressed, 1, 2001);
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => sections(0, Buffer.of(0), bytes)),
    fc
      .tuple(fc.constantFrom('find', 'insert', 'hello', 'aggregate', 'getMore'), fc.anything())
      .map(([name]) => sections(0, bodySection({ [name]: 1, $db: 'x' }))),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(code, body), { minLength: 1, maxLength: 5 }),
      async (all) => {
        const client = new RawClient(port);
        for (const [each, bytes] of all) client.send(frame(each, bytes));
        client.send(int32(-1));
        await client.end();
      },
    ),
    { numRuns: 500, seed },
  );
  working = false;
  expect(await things.countDocuments()).toBe(await work);
});

import { deflateSync, inflateSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import { unpackMessage } from '../src/message-compression.ts';
import { type LoneMember, startLoneMember } from './lone-member.ts';
import { bodySection, frame, int32, message, opcode, RawClient, sections } from './raw-client.ts';

let member: LoneMember;

beforeAll(async () => {
  member = await startLoneMember();
});

afterAll(() => {
  member.server.close();
  member.state.close();
});

function packed(
  id: number,
  bytes: Uint8Array,
  size: number,
  original: number = opcode.message,
): Buffer {
  const body = Buffer.concat([int32(original, size), Buffer.of(id), bytes]);
  return frame(opcode.compressed, body);
}

const command = (name: string): Buffer =>
  sections(0, bodySection({ [name]: 1, note: 'x'.repeat(500), $db: 'admin' }));

test.each([
  ['zlib', 2, deflateSync, inflateSync],
  ['zstd', 3, zstdCompressSync, zstdDecompressSync],
] as const)('%s: a compressed request gets a compressed reply', async (_, id, pack, unpack) => {
  const client = new RawClient(member.port);
  const ping = command('ping');
  client.send(packed(id, pack(ping), ping.length));
  const reply = await client.frame();
  expect(reply?.readInt32LE(8)).toBe(7);
  expect(reply?.readInt32LE(12)).toBe(opcode.compressed);
  expect(reply?.readInt32LE(16)).toBe(opcode.message);
  expect(reply?.[24]).toBe(id);
  const inner = unpack(reply?.subarray(25) ?? '');
  expect(inner.length).toBe(reply?.readInt32LE(20));
  expect(Number(decodeDocument(inner, 5).get('ok'))).toBe(1);
  client.close();
});

test('hello is never answered compressed', async () => {
  const client = new RawClient(member.port);
  const hello = command('hello');
  client.send(packed(2, deflateSync(hello), hello.length));
  expect((await client.frame())?.readInt32LE(12)).toBe(opcode.message);
  client.close();
});

test.each([
  [['zlib'], ['zlib']],
  [
    ['snappy', 'zstd', 'zlib', 'zstd'],
    ['zstd', 'zlib'],
  ],
  [['snappy', 'noop', 7], undefined],
])('of %j it takes %j', async (offered, taken) => {
  const client = new RawClient(member.port);
  const reply = await client.ask(message({ hello: 1, compression: offered }));
  expect(reply?.get('compression')).toEqual(taken);
  client.close();
});

describe('closes the connection after', () => {
  const ping = command('ping');
  const bomb = deflateSync(Buffer.alloc(60_000_000));
  test.each([
    ['a compressor that is not there', packed(1, ping, ping.length)],
    ['bytes that are not compressed', packed(2, ping, ping.length)],
    ['more bytes than it tells', packed(2, deflateSync(ping), ping.length - 1)],
    ['fewer bytes than it tells', packed(3, zstdCompressSync(ping), ping.length + 1)],
    ['a size of nothing', packed(2, deflateSync(ping), 0)],
    ['a size below nothing', packed(2, deflateSync(ping), -1)],
    ['a size over 48,000,000', packed(2, bomb, 60_000_000)],
    ['a small size that is a lie', packed(2, bomb, 1000)],
    ['a compressed message inside', packed(2, deflateSync(ping), ping.length, opcode.compressed)],
    ['no head', frame(opcode.compressed, int32(1))],
  ])('%s', async (_, bytes) => {
    const client = new RawClient(member.port);
    expect(await client.ask(bytes)).toBeUndefined();
    expect(Number((await new RawClient(member.port).ask(message({ ping: 1 })))?.get('ok'))).toBe(1);
  });
});

test.each([
  [2, deflateSync],
  [3, zstdCompressSync],
] as const)('no more is unpacked than the message tells (%i)', (id, pack) => {
  const bomb = packed(id, pack(Buffer.alloc(60_000_000)), 1000);
  expect(() => unpackMessage(bomb, 48_000_000)).toThrow('larger than 1000 bytes');
});

test('the official driver works by zlib', async () => {
  const uri = `mongodb://127.0.0.1:${member.port}/?replicaSet=rs0&compressors=zlib`;
  const client = new MongoClient(uri);
  const things = client.db('packed').collection('things');
  const text = 'the same again '.repeat(20_000);
  await things.insertMany(Array.from({ length: 20 }, (_, n) => ({ n, text })));
  let sent = 0;
  for await (const { text: back } of things.find({}, { batchSize: 3 })) {
    expect(back).toBe(text);
    sent += 1;
  }
  expect(sent).toBe(20);
  await client.close();
});

import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { crc32c } from '../src/crc32c.ts';
import { MessageSplitter } from '../src/message-splitter.ts';
import { ServerError } from '../src/server-error.ts';
import { parseHead, parseRequest } from '../src/wire-message.ts';
import { documents } from './bson-values.ts';
import {
  bodySection,
  frame,
  int32,
  message,
  nested,
  opcode,
  sections,
  sequence,
} from './raw-client.ts';

const seed = Number(process.env.SEED ?? 20_261_123);

function refusalOf(read: () => unknown): number | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    // Whatever else comes out of here would be a bug: the test shows it.
    if (error instanceof ServerError) return error.code;
    throw error;
  }
}

const parse = (bytes: Buffer) => parseRequest(parseHead(bytes));

test('crc32c is that of RFC 3720', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

test('an OP_MSG with document sequences is read whole', () => {
  const docs = [encodeDocument({ a: 1 }), encodeDocument({ a: 2 })];
  const request = parse(
    frame(
      opcode.message,
      sections(2, sequence('documents', docs), bodySection({ insert: 'c', $db: 'd' })),
    ),
  );
  expect(request).toMatchObject({ id: 7, form: 'message', silent: true, exhaust: false });
  expect(request.command.get('documents')).toEqual([new Map([['a', 1]]), new Map([['a', 2]])]);
  expect(request.sequences.get('documents')).toHaveLength(2);
});

describe('refuses, with the code of MongoDB,', () => {
  const ping = bodySection({ ping: 1, $db: 'admin' });
  const one = [encodeDocument({})];
  const cases: readonly [string, number, Buffer][] = [
    ['an unknown opcode', 17, frame(2001, int32(0, 0))],
    ['an OP_MSG without flags', 17, frame(opcode.message, Buffer.alloc(0))],
    ['unknown flags', 223, frame(opcode.message, sections(4, ping))],
    ['a checksum that is off', 17, frame(opcode.message, sections(1, ping, int32(1)))],
    ['no body', 40587, frame(opcode.message, sections(0))],
    ['two bodies', 40430, frame(opcode.message, sections(0, ping, ping))],
    ['an unknown kind of section', 40432, frame(opcode.message, sections(0, Buffer.of(9)))],
    ['a section that is cut off', 22, frame(opcode.message, sections(0, ping.subarray(0, 9)))],
    [
      'a sequence twice',
      40431,
      frame(opcode.message, sections(0, ping, sequence('a', one), sequence('a', one))),
    ],
    [
      'a sequence that is a field too',
      40433,
      frame(opcode.message, sections(0, ping, sequence('ping', one))),
    ],
    [
      'three sequences',
      252,
      frame(opcode.message, sections(0, ...['a', 'b', 'c'].map((name) => sequence(name, one)))),
    ],
    [
      'a sequence without a name',
      22,
      frame(opcode.message, sections(0, Buffer.of(1), int32(8), Buffer.from('abcd'))),
    ],
    [
      'a cut document in a sequence',
      22,
      frame(opcode.message, sections(0, ping, sequence('a', [int32(99)]))),
    ],
    ['a body nested too deep', 15, frame(opcode.message, sections(0, bodySection(nested(201))))],
    [
      'a document over 16 MiB',
      10334,
      frame(
        opcode.message,
        sections(0, bodySection(encodeDocument({ ping: 'x'.repeat(17 * 1024 * 1024) }))),
      ),
    ],
    ['an OP_QUERY without a namespace', 22, frame(opcode.query, int32(0, -1))],
    [
      'an old OP_QUERY',
      352,
      frame(
        opcode.query,
        Buffer.concat([int32(0), Buffer.from('db.c\0'), int32(0, -1), encodeDocument({ a: 1 })]),
      ),
    ],
  ];
  test.each(cases)('%s (%i)', (_, code, bytes) => {
    expect(refusalOf(() => parse(bytes))).toBe(code);
  });

  test('200 levels are still read', () => {
    const bytes = frame(opcode.message, sections(0, bodySection(nested(200))));
    expect(refusalOf(() => parse(bytes))).toBeUndefined();
  });
});

test('random bytes and broken frames end in a ServerError and nothing else', () => {
  const broken = fc
    .tuple(documents, documents, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
    .map(([command, inner, changes]) => {
      const bytes = frame(
        opcode.message,
        sections(0, bodySection(encodeDocument(command)), sequence('s', [encodeDocument(inner)])),
      );
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    });
  const wild = fc
    .tuple(fc.constantFrom(2004, 2012, 2013, 1, 0), fc.uint8Array({ maxLength: 60 }))
    .map(([code, bytes]) => frame(code, bytes));
  const packed = fc
    .tuple(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: -2, max: 90 }), fc.nat(4))
    .map(([bytes, size, id]) =>
      frame(
        opcode.compressed,
        Buffer.concat([int32(opcode.message, size), Buffer.of(id), deflateSync(bytes)]),
      ),
    );
  fc.assert(
    fc.property(fc.oneof(broken, wild, packed), (bytes) => {
      refusalOf(() => parse(bytes));
    }),
    { numRuns: 5000, seed },
  );
});

test('every type of BSON, with random bytes behind it, ends in a ServerError or a document', () => {
  const field = fc.tuple(
    fc.oneof(fc.integer({ min: 1, max: 0x13 }), fc.constantFrom(0xff, 0x7f), fc.nat(255)),
    fc.uint8Array({ maxLength: 30 }),
  );
  fc.assert(
    fc.property(field, fc.integer({ min: -2, max: 4 }), ([type, bytes], lie) => {
      const body = Buffer.concat([Buffer.of(type), Buffer.from('a\0'), bytes, Buffer.of(0)]);
      const document = Buffer.concat([int32(body.length + 4 + lie), body]);
      const code = refusalOf(() => encodeDocument(decodeDocument(document)));
      expect([undefined, 22]).toContain(code);
    }),
    { numRuns: 10_000, seed },
  );
});

test('a stream is cut into its messages, however it is chopped', () => {
  const chopped = fc.tuple(
    fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 8 }),
    fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 }),
  );
  fc.assert(
    fc.property(chopped, ([lengths, cuts]) => {
      const frames = lengths.map((length, index) => frame(index, Buffer.alloc(length, index)));
      const stream = Buffer.concat(frames);
      const splitter = new MessageSplitter();
      const out: Buffer[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = cuts[turn % cuts.length] ?? 1;
        out.push(...splitter.push(Buffer.from(stream.subarray(at, at + size))));
        at += size;
      }
      // Compared at the end: a message must not change when the next one comes.
      expect(out).toEqual(frames);
      expect(splitter.unfinished).toBe(false);
    }),
    { seed },
  );
});

test.each([[0], [15], [-1], [48_000_001], [2 ** 31 - 1]])(
  'a message of %i bytes is refused',
  (size) => {
    const splitter = new MessageSplitter();
    expect(refusalOf(() => splitter.push(int32(size, 1, 0, opcode.message)))).toBe(17);
  },
);

test('a message that promises 48 MB takes the room of what has come of it', () => {
  const before = process.memoryUsage().arrayBuffers;
  const splitters = Array.from({ length: 1000 }, () => new MessageSplitter());
  for (const splitter of splitters)
    splitter.push(message({ ping: 1 }).fill(2, 2, 3).subarray(0, 40));
  expect(splitters.every(({ unfinished }) => unfinished)).toBe(true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
});

import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { ByteBuffer } from '../src/byte-buffer.ts';
import { ByteCursor } from '../src/byte-cursor.ts';
import { engineOf } from '../src/engine-type.ts';
import { FieldPath } from '../src/field-path.ts';
import {
  array,
  boolean,
  byte,
  char,
  DataInputStream,
  DataOutputStream,
  type DataType,
  double,
  EOFException,
  enumOf,
  float,
  type Infer,
  int,
  long,
  longNumber,
  optional,
  RecordFormatException,
  record,
  short,
  UTFDataFormatException,
  unsignedByte,
  unsignedShort,
  utf,
} from '../src/index.ts';
import { hex, unhex } from './hex.ts';

const price = record({ symbol: utf, day: int, close: double });

function written<T>(type: DataType<T>, value: T, options = {}): Uint8Array {
  const out = new DataOutputStream(options);
  type.write(out, value);
  return out.toBytes();
}

test('a record lies as its fields do, one behind the other', () => {
  const bytes = written(price, { symbol: 'KO', day: 1, close: 2 });
  expect(hex(bytes)).toBe('00024b4f000000014000000000000000');
  const read = price.read(new DataInputStream(bytes));
  expect(read).toStrictEqual({ symbol: 'KO', day: 1, close: 2 });
  expect(Object.keys(read)).toEqual(['symbol', 'day', 'close']);
});

test('its TypeScript type follows from its fields', () => {
  const trade = record({
    price,
    side: enumOf(['BUY', 'SELL'], byte),
    at: long,
    lots: array(int),
    note: optional(utf),
  });
  expectTypeOf<Infer<typeof trade>>().toEqualTypeOf<{
    price: { symbol: string; day: number; close: number };
    side: 'BUY' | 'SELL';
    at: bigint;
    lots: number[];
    note: string | null;
  }>();
});

test.each<[string, DataType<unknown>, unknown, string]>([
  ['boolean', boolean, true, '01'],
  ['byte', byte, -1, 'ff'],
  ['unsigned byte', unsignedByte, 255, 'ff'],
  ['short', short, -2, 'fffe'],
  ['unsigned short', unsignedShort, 65534, 'fffe'],
  ['char', char, 'é', '00e9'],
  ['int', int, -2, 'fffffffe'],
  ['long', long, -2n, 'fffffffffffffffe'],
  ['long as a number', longNumber, 2 ** 53 - 1, '001fffffffffffff'],
  ['float', float, 0.5, '3f000000'],
  ['double', double, -0, '8000000000000000'],
  ['text', utf, '\0', '0002c080'],
  ['array', array(short), [1, -1], '000000020001ffff'],
  ['empty array', array(utf), [], '00000000'],
  ['missing value', optional(int), null, '00'],
  ['value that is there', optional(byte), 7, '0107'],
  ['constant by its ordinal', enumOf(['A', 'B'], byte), 'B', '01'],
  ['constant by its name', enumOf(['A', 'B'], utf), 'B', '000142'],
])('writes and reads a %s', (_what, type, value, bytes) => {
  expect(hex(written(type, value))).toBe(bytes);
  const input = new DataInputStream(unhex(bytes));
  expect(type.read(input)).toStrictEqual(value);
  expect(input.available()).toBe(0);
});

/** A type and the values it takes. */
interface Sample {
  readonly type: DataType<unknown>;
  readonly values: fc.Arbitrary<unknown>;
}

const int32 = fc.integer();
const leaves: readonly Sample[] = [
  { type: int, values: int32 },
  { type: double, values: fc.double() },
  { type: longNumber, values: fc.maxSafeInteger() },
  { type: long, values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: utf, values: fc.string({ unit: 'binary', maxLength: 20 }) },
  { type: boolean, values: fc.boolean() },
  { type: char, values: fc.constantFrom('a', '\ud800', '\0') },
  { type: enumOf(['RED', 'GREEN'], short), values: fc.constantFrom('RED', 'GREEN') },
];

const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...leaves),
    tie('sample').map(({ type, values }) => ({
      type: array(type),
      values: fc.array(values, { maxLength: 3 }),
    })),
    tie('sample').map(({ type, values }) => ({
      type: optional(type),
      values: fc.option(values),
    })),
    fc.array(tie('sample'), { minLength: 1, maxLength: 20 }).map((fields) => ({
      type: record(Object.fromEntries(fields.map(({ type }, i) => [`f${i}`, type]))),
      values: fc.record(Object.fromEntries(fields.map(({ values }, i) => [`f${i}`, values])), {
        noNullPrototype: true,
      }),
    })),
  ),
}));

test('any types, nested in any way, give back what was written, as fast as plainly', () => {
  const filled = sample.chain(({ type, values }) => values.map((value) => ({ type, value })));
  fc.assert(
    fc.property(filled, ({ type, value }) => {
      const bytes = written(type, value);
      const plain = new ByteBuffer();
      const engine = engineOf(type);
      engine.writePlainly(plain, value, new FieldPath());
      expect(hex(bytes)).toBe(hex(plain.takeChunk()));
      expect(bytes.length).toBeGreaterThanOrEqual(engine.leastBytes);
      const cursor = new ByteCursor(bytes);
      expect(engine.readPlainly(cursor, new FieldPath())).toStrictEqual(value);
      expect(cursor.left).toBe(0);
      expect(type.read(new DataInputStream(bytes))).toStrictEqual(value);
    }),
    { numRuns: 300 },
  );
});

const primitives: readonly (readonly [DataType<unknown>, unknown])[] = [
  [utf, 'text'],
  [boolean, true],
  [byte, -5],
  [unsignedByte, 250],
  [utf, ''],
  [short, -300],
  [unsignedShort, 65_000],
  [char, 'é'],
  [int, -70_000],
  [long, -5n],
  [longNumber, Number.MAX_SAFE_INTEGER],
  [float, 1.5],
  [double, -0.1],
];

test('a record that is larger than a chunk goes to a sink as it does to memory', () => {
  const type = record({ name: utf, days: array(int), more: array(utf) });
  const value = {
    name: 'name',
    days: Array.from({ length: 50_000 }, (_, i) => i),
    more: Array.from({ length: 20_000 }, (_, i) => `text ${i}`),
  };
  const chunks: Uint8Array[] = [];
  const out = new DataOutputStream({ sink: (chunk) => chunks.push(chunk) });
  for (let i = 0; i < 3; i++) {
    out.writeInt(i);
    type.write(out, value);
  }
  out.flush();
  const one = hex(written(type, value));
  expect(hex(Buffer.concat(chunks)) === `00000000${one}00000001${one}00000002${one}`).toBe(true);
});

test('records of any number of fields stay right when they get a place of their own', () => {
  for (let count = 1; count <= 20; count++) {
    const names = Array.from({ length: count }, (_, i) => `f${i}`);
    // Runs of one to many fields of fixed width, and none.
    const kindOf = (i: number) => primitives[(i + count * 5) % primitives.length] ?? [utf, ''];
    const type = record(Object.fromEntries(names.map((name, i) => [name, kindOf(i)[0]])));
    const value = Object.fromEntries(names.map((name, i) => [name, kindOf(i)[1]]));
    const plain = new ByteBuffer();
    engineOf(type).writePlainly(plain, value, new FieldPath());
    const out = new DataOutputStream();
    for (let i = 0; i < 2000; i++) type.write(out, value);
    const bytes = out.toBytes();
    expect(hex(bytes.subarray(-bytes.length / 2000))).toBe(hex(plain.takeChunk()));
    const input = new DataInputStream(bytes);
    for (let i = 0; i < 2000; i++) {
      const read = type.read(input);
      if (i % 500 === 0) expect(read).toStrictEqual(value);
      else if (read[`f${count - 1}`] !== value[`f${count - 1}`]) expect.unreachable();
    }
    expect(input.available()).toBe(0);
  }
});

describe('what cannot be read tells its field', () => {
  const order = record({ id: int, lines: array(record({ name: utf, count: optional(int) })) });
  const value = {
    id: 7,
    lines: [
      { name: 'pen', count: 2 },
      { name: 'ink', count: 300 },
    ],
  };

  test.each([
    [3, 'id'],
    [6, 'lines'],
    [9, 'lines[0].name'],
    [12, 'lines[0].name'],
    [13, 'lines[0].count'],
    [15, 'lines[0].count'],
    [23, 'lines[1].count'],
    [27, 'lines[1].count'],
  ])('cut after %d bytes: %s', (length, field) => {
    const input = new DataInputStream(written(order, value).subarray(0, length));
    const refusal = outcome(() => order.read(input));
    expect(refusal).toBeInstanceOf(EOFException);
    expect(refusal).toMatchObject({ field, record: undefined });
    expect((refusal as Error).message).toContain(`field ${field}: `);
    expect(input.available()).toBe(0);
  });

  test('malformed text, in the JDK’s words', () => {
    const bytes = written(order, value);
    bytes[11] = 0xff;
    const input = new DataInputStream(bytes);
    const refusal = outcome(() => order.read(input));
    expect(refusal).toBeInstanceOf(UTFDataFormatException);
    expect(refusal).toMatchObject({
      message: 'field lines[0].name: malformed input around byte 1',
      offset: 11,
      code: 'malformed',
    });
    expect(input.offset).toBe(13);
  });

  test.each([
    ['ffffffff', 'negative-count'],
    ['80000000', 'negative-count'],
  ])('a count of %s', (count, code) => {
    const refusal = outcome(() => order.read(new DataInputStream(unhex(`00000001${count}`))));
    expect(refusal).toBeInstanceOf(RecordFormatException);
    expect(refusal).toMatchObject({ code, field: 'lines', offset: 4 });
  });

  test('a count that the bytes cannot hold', () => {
    const refusal = outcome(() => order.read(new DataInputStream(unhex('000000017fffffff0001'))));
    expect(refusal).toBeInstanceOf(EOFException);
    expect(refusal).toMatchObject({ field: 'lines[0].name' });
  });

  test('a constant that the enum does not have', () => {
    const side = record({ side: enumOf(['BUY', 'SELL'], byte) });
    const refusal = outcome(() => side.read(new DataInputStream(unhex('02'))));
    expect(refusal).toMatchObject({
      code: 'unknown-constant',
      message: 'field side: 2 is no constant of this enum, which has 0, 1',
    });
  });

  test('a long that is no safe integer, which is then still unread', () => {
    const stamp = record({ id: byte, at: longNumber });
    const input = new DataInputStream(unhex('010020000000000000'));
    expect(() => stamp.read(input)).toThrow(/^field at: the long 9007199254740992 at offset 1/);
    expect(input.readLong()).toBe(2n ** 53n);
  });
});

describe('what cannot be written tells its field and leaves nothing of itself', () => {
  const order = record({ id: int, lines: array(record({ name: utf, grade: char })) });

  test.each<[string, unknown, ErrorConstructor, string]>([
    ['a fraction', { id: 1.5, lines: [] }, RangeError, 'field id: '],
    ['a missing field', { lines: [] }, TypeError, 'field id: '],
    ['no array', { id: 1, lines: 'none' }, TypeError, 'field lines: an array is due'],
    ['no record', { id: 1, lines: [null] }, TypeError, 'field lines[0]: an object is due'],
    ['two units', { id: 1, lines: [{ name: 'a', grade: 'bc' }] }, RangeError, 'lines[0].grade: '],
    ['nothing', null, TypeError, 'an object is due, not null'],
  ])('%s', (_what, value, kind, words) => {
    const out = new DataOutputStream();
    out.writeInt(9);
    for (let i = 0; i < 600; i++) {
      const refusal = outcome(() => order.write(out, value as never));
      expect(refusal).toBeInstanceOf(kind);
      expect((refusal as Error).message).toContain(words);
    }
    expect(hex(out.toBytes())).toBe('00000009');
  });

  test('also where a chunk is full in the middle of it', () => {
    const pair = record({ a: utf, b: utf, n: int });
    for (let before = 65_300; before < 65_540; before++) {
      const chunks: Uint8Array[] = [];
      const out = new DataOutputStream({ sink: (chunk) => chunks.push(chunk) });
      out.write(new Uint8Array(before));
      const value = { a: 'a'.repeat(60), b: 'b'.repeat(60), n: 7 };
      expect(() => pair.write(out, { ...value, n: 1.5 })).toThrow('field n: ');
      pair.write(out, value);
      out.flush();
      const all = Buffer.concat(chunks);
      expect(hex(all.subarray(before))).toBe(hex(written(pair, value)));
      expect(all.length).toBe(out.size());
    }
  });

  test('also where the sink refuses a chunk in the middle of it', () => {
    const pair = record({ a: utf, b: utf });
    const chunks: Uint8Array[] = [];
    let isBroken = true;
    const out = new DataOutputStream({
      sink(chunk) {
        if (isBroken) throw new Error('the disk is full');
        chunks.push(chunk);
      },
    });
    out.write(new Uint8Array(65_400));
    const value = { a: 'a'.repeat(60), b: 'b'.repeat(60) };
    expect(() => pair.write(out, value)).toThrow('the disk is full');
    expect(out.size()).toBe(65_400);
    isBroken = false;
    pair.write(out, value);
    out.flush();
    expect(hex(Buffer.concat(chunks).subarray(65_400))).toBe(hex(written(pair, value)));
  });

  test('a text that is too long', () => {
    const out = new DataOutputStream();
    const value = { id: 1, lines: [{ name: 'a'.repeat(65_536), grade: 'b' }] };
    const refusal = outcome(() => order.write(out, value));
    expect(refusal).toBeInstanceOf(UTFDataFormatException);
    expect(refusal).toMatchObject({ code: 'too-long', field: 'lines[0].name' });
    expect(out.size()).toBe(0);
  });

  test('checked, an integer beyond its width', () => {
    const small = record({ n: byte });
    expect(hex(written(small, { n: 300 }))).toBe('2c');
    expect(() => written(small, { n: 300 }, { checked: true })).toThrow('field n: an integer from');
  });

  test('a constant that is none', () => {
    const side = enumOf(['BUY', 'SELL'], byte);
    expect(() => written(side, 'HOLD' as never)).toThrow('"HOLD" is no constant');
  });
});

test.each([
  ['no fields', {}],
  ['a number as name', { 1: int }],
  ['the name of the prototype', { ['__proto__']: int }],
])('refuses a record of %s', (_what, fields) => {
  expect(() => record(fields)).toThrow(TypeError);
});

test.each<[string, (type: never) => unknown]>([
  ['a record', (type) => record({ a: type })],
  ['an array', (type) => array(type)],
  ['an optional value', (type) => optional(type)],
])('refuses %s of what is no type', (_what, make) => {
  const made = { read: () => 1, write: () => {} };
  for (const type of [undefined, 'int', made]) {
    expect(() => make(type as never)).toThrow('a type is due');
  }
});

test('refuses an enum that names a constant twice', () => {
  expect(() => enumOf(['A', 'A'], byte)).toThrow(TypeError);
});

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DataInputStream,
  DataOutputStream,
  EOFException,
  UTFDataFormatException,
} from '../src/index.ts';
import { hex, unhex } from './hex.ts';

type Read = (input: DataInputStream) => unknown;

test.each<[string, string, Read, unknown]>([
  ['any byte but 0 as true', '02', (input) => input.readBoolean(), true],
  ['a signed byte', 'ff', (input) => input.readByte(), -1],
  ['an unsigned byte', 'ff', (input) => input.readUnsignedByte(), 255],
  ['a signed short', 'fffe', (input) => input.readShort(), -2],
  ['an unsigned short', 'fffe', (input) => input.readUnsignedShort(), 65534],
  ['a char', 'd83d', (input) => input.readChar(), 0xd83d],
  ['an int', 'fffffffe', (input) => input.readInt(), -2],
  ['a long', '8000000000000000', (input) => input.readLong(), -(2n ** 63n)],
  ['a long as number', '001fffffffffffff', (input) => input.readLongNumber(), 2 ** 53 - 1],
  ['minus zero', '8000000000000000', (input) => input.readDouble(), -0],
  ['-1 at the end', '', (input) => input.read(), -1],
  ['a byte', 'ff', (input) => input.read(), 255],
  ['no bytes at the end', '', (input) => input.readFully(0), new Uint8Array(0)],
  ['fewer bytes skipped than asked', '000000', (input) => input.skipBytes(5), 3],
  ['no bytes skipped backwards', '', (input) => input.skipBytes(-1), 0],
  ['a raw NUL', '000100', (input) => input.readUTF(), '\0'],
  ['an overlong A', '0002c181', (input) => input.readUTF(), 'A'],
  ['an overlong NUL', '0003e08080', (input) => input.readUTF(), '\0'],
  ['a lone surrogate', '0003eda0bd', (input) => input.readUTF(), '\ud83d'],
  ['a byte order mark', '0003efbbbf', (input) => input.readUTF(), '\ufeff'],
  ['a line as ISO-8859-1', 'e90a', (input) => input.readLine(), 'é'],
  ['a line that ends in \\r\\n', '610d0a', (input) => input.readLine(), 'a'],
  ['a line that ends in \\r', '610d', (input) => input.readLine(), 'a'],
  ['a line that ends with the data', '61', (input) => input.readLine(), 'a'],
  ['an empty line', '0a', (input) => input.readLine(), ''],
  ['no line', '', (input) => input.readLine(), null],
])('reads %s', (_what, bytes, read, value) => {
  const input = new DataInputStream(unhex(bytes));
  expect(read(input)).toStrictEqual(value);
  expect(input.available()).toBe(0);
});

test('leaves the byte after a lone \\r', () => {
  const input = new DataInputStream(unhex('610d6207'));
  expect(input.readLine()).toBe('a');
  expect(input.readByte()).toBe(0x62);
});

test.each<[string, Read]>([
  ['an int', (input) => input.readInt()],
  ['a long', (input) => input.readLong()],
  ['bytes', (input) => input.readFully(4)],
  ['a text', (input) => input.readUTF()],
])('consumes what is left when %s is cut short', (_what, read) => {
  const input = new DataInputStream(unhex('000500'));
  expect(() => read(input)).toThrow(EOFException);
  expect(input.available()).toBe(0);
});

test('keeps the bytes that were there when an array cannot be filled', () => {
  const into = new Uint8Array(4);
  expect(() => new DataInputStream(unhex('0102')).readFully(into)).toThrow(EOFException);
  expect(into).toStrictEqual(Uint8Array.of(1, 2, 0, 0));
});

test('reads into the middle of an array', () => {
  const input = new DataInputStream(unhex('0102'));
  const into = new Uint8Array(4);
  expect(input.read(into, 1, 3)).toBe(2);
  expect(into).toStrictEqual(Uint8Array.of(0, 1, 2, 0));
  expect(input.read(into)).toBe(-1);
});

test.each([
  ['80', 'malformed input around byte 0', 'malformed', 2],
  ['61f09f9880', 'malformed input around byte 1', 'malformed', 3],
  ['c341', 'malformed input around byte 2', 'malformed', 2],
  ['e24180', 'malformed input around byte 2', 'malformed', 2],
  ['61c3', 'malformed input: partial character at end', 'partial-character', 3],
])('refuses %s with the words of the JDK and stands after it', (body, message, code, offset) => {
  const length = (body.length / 2).toString(16).padStart(4, '0');
  const input = new DataInputStream(unhex(`${length}${body}77`));
  let refusal: unknown;
  try {
    input.readUTF();
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(UTFDataFormatException);
  expect(refusal).toMatchObject({ message, code, offset });
  expect(input.readByte()).toBe(0x77);
});

test('leaves a long that is no safe integer for readLong', () => {
  const input = new DataInputStream(unhex('0020000000000000'));
  expect(() => input.readLongNumber()).toThrow(RangeError);
  expect(input.readLong()).toBe(2n ** 53n);
});

test('counts offsets from where the bytes begin in their stream', () => {
  const input = new DataInputStream(unhex('00000001ff'), { offset: 1000 });
  input.readInt();
  expect(input.offset).toBe(1004);
  expect(() => input.readInt()).toThrow(/at offset 1004, but only 1 is left/);
});

test('goes back to the mark, and without one to the beginning', () => {
  const input = new DataInputStream(unhex('0102'));
  input.readByte();
  input.mark();
  input.readByte();
  input.reset();
  expect(input.readByte()).toBe(2);
  const other = new DataInputStream(unhex('01'));
  other.readByte();
  other.reset();
  expect(other.readByte()).toBe(1);
});

test('gives copies of bytes, of a Buffer as well', () => {
  const bytes = Buffer.from('0102030405', 'hex');
  const input = new DataInputStream(bytes);
  const copies = [input.readFully(2), input.readNBytes(1), input.readAllBytes()];
  bytes.fill(0);
  expect(copies.map(hex)).toEqual(['0102', '03', '0405']);
  expect(input.readNBytes(5)).toHaveLength(0);
});

test('reads a view in the middle of a buffer', () => {
  const bytes = unhex('ff00000007ff');
  expect(new DataInputStream(bytes.subarray(1, 5)).readInt()).toBe(7);
});

describe('what was written is read', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 300 });
  const loneUnits = fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
    .map((all) => String.fromCharCode(...all));

  test.each<[string, fc.Arbitrary<unknown>, (out: DataOutputStream, value: never) => void, Read]>([
    [
      'int',
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      (out, value) => out.writeInt(value),
      (input) => input.readInt(),
    ],
    [
      'long',
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      (out, value) => out.writeLong(value),
      (input) => input.readLong(),
    ],
    [
      'safe long',
      fc.maxSafeInteger(),
      (out, value) => out.writeLong(value),
      (input) => input.readLongNumber(),
    ],
    ['float', fc.float(), (out, value) => out.writeFloat(value), (input) => input.readFloat()],
    ['double', fc.double(), (out, value) => out.writeDouble(value), (input) => input.readDouble()],
    ['text', anyText, (out, value) => out.writeUTF(value), (input) => input.readUTF()],
    ['lone units', loneUnits, (out, value) => out.writeUTF(value), (input) => input.readUTF()],
  ])('%s', (_what, values, write, read) => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 5 }), (all) => {
        const out = new DataOutputStream();
        for (const value of all) write(out, value as never);
        const input = new DataInputStream(out.toBytes());
        expect(all.map(() => read(input))).toStrictEqual(all);
        expect(input.available()).toBe(0);
      }),
    );
  });
});

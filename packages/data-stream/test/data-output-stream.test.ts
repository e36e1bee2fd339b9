import { describe, expect, test } from 'vitest';
import { DataOutputStream, UTFDataFormatException } from '../src/index.ts';
import { hex } from './hex.ts';

type Write = (out: DataOutputStream) => void;

test.each<[string, Write, string]>([
  ['an empty text', (out) => out.writeUTF(''), '0000'],
  ['ASCII', (out) => out.writeUTF('hi'), '00026869'],
  ['NUL in two bytes', (out) => out.writeUTF('\0'), '0002c080'],
  ['a two-byte character', (out) => out.writeUTF('é'), '0002c3a9'],
  ['a pair as two surrogates', (out) => out.writeUTF('\u{1f600}'), '0006eda0bdedb880'],
  ['a lone surrogate', (out) => out.writeUTF('\ud83d'), '0003eda0bd'],
  ['low bytes of a text', (out) => out.writeBytes('aé\u0141\ud83d'), '61e9413d'],
  ['units of a text', (out) => out.writeChars('a\ud83d'), '0061d83d'],
  ['a byte cut to its width', (out) => out.writeByte(300), '2c'],
  ['a short cut to its width', (out) => out.writeShort(70000), '1170'],
  ['a char cut to its width', (out) => out.writeChar(0x1ffff), 'ffff'],
  ['a byte by write', (out) => out.write(511), 'ff'],
  ['part of an array', (out) => out.write(Uint8Array.of(1, 2, 3, 4), 1, 2), '0203'],
  ['true', (out) => out.writeBoolean(true), '01'],
  ['false', (out) => out.writeBoolean(false), '00'],
  ['an int cut to 32 bits', (out) => out.writeInt(2 ** 32 + 5), '00000005'],
  ['a byte cut from more than 32 bits', (out) => out.writeByte(2 ** 40 + 0x1ff), 'ff'],
  ['a short cut from a negative integer', (out) => out.writeShort(-(2 ** 33) - 2), 'fffe'],
  ['a negative int', (out) => out.writeInt(-2), 'fffffffe'],
  ['an int spelled without its sign', (out) => out.writeInt(0xffffffff), 'ffffffff'],
  ['the least long', (out) => out.writeLong(-(2n ** 63n)), '8000000000000000'],
  ['a long from a number', (out) => out.writeLong(-1), 'ffffffffffffffff'],
  ['the least safe long', (out) => out.writeLong(-(2 ** 53 - 1)), 'ffe0000000000001'],
  ['a bigint cut to 64 bits', (out) => out.writeLong(2n ** 64n + 5n), '0000000000000005'],
  ['one NaN for all floats', (out) => out.writeFloat(Number.NaN), '7fc00000'],
  ['one NaN for all doubles', (out) => out.writeDouble(Number.NaN), '7ff8000000000000'],
  ['minus zero', (out) => out.writeDouble(-0), '8000000000000000'],
  ['the least float', (out) => out.writeFloat(1.401298464324817e-45), '00000001'],
  ['minus infinity', (out) => out.writeFloat(Number.NEGATIVE_INFINITY), 'ff800000'],
])('writes %s', (_what, write, bytes) => {
  const out = new DataOutputStream();
  write(out);
  expect(hex(out.toBytes())).toBe(bytes);
  expect(out.size()).toBe(bytes.length / 2);
});

test('makes one NaN of a NaN with sign and payload', () => {
  const odd = new DataView(Uint8Array.of(0xff, 0xf0, 0, 0, 0, 0, 0, 1).buffer).getFloat64(0);
  const out = new DataOutputStream();
  out.writeDouble(odd);
  expect(hex(out.toBytes())).toBe('7ff8000000000000');
});

test.each([
  ['65535 bytes of ASCII', 'a'.repeat(65535)],
  ['65534 bytes of NULs', '\0'.repeat(32767)],
])('takes a text of %s', (_what, text) => {
  const out = new DataOutputStream();
  out.writeUTF(text);
  expect(out.size()).toBeGreaterThan(65535);
});

test.each([
  ['a'.repeat(65536), 'encoded string (aaaaaaaa...aaaaaaaa) too long: 65536 bytes'],
  [
    '\0'.repeat(32768),
    `encoded string (${'\0'.repeat(8)}...${'\0'.repeat(8)}) too long: 65536 bytes`,
  ],
])('refuses a text that is too long before it writes a byte', (text, message) => {
  const out = new DataOutputStream();
  out.writeInt(1);
  let refusal: unknown;
  try {
    out.writeUTF(text);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(UTFDataFormatException);
  expect(refusal).toMatchObject({ message, code: 'too-long', offset: 4 });
  expect(out.size()).toBe(4);
});

test.each<[string, Write]>([
  ['a fraction as int', (out) => out.writeInt(1.5)],
  ['NaN as byte', (out) => out.writeByte(Number.NaN)],
  ['an integer that is not safe', (out) => out.writeInt(2 ** 53)],
  ['an unsafe number as long', (out) => out.writeLong(2 ** 53)],
  ['bytes that do not exist', (out) => out.write(Uint8Array.of(1), 0, 2)],
])('refuses %s before it writes a byte', (_what, write) => {
  const out = new DataOutputStream();
  expect(() => write(out)).toThrow(RangeError);
  expect(out.size()).toBe(0);
});

test('gives copies: writing goes on without touching them', () => {
  const out = new DataOutputStream();
  out.writeInt(1);
  const before = out.toBytes();
  out.write(new Uint8Array(1000));
  expect(hex(before)).toBe('00000001');
  expect(out.size()).toBe(1004);
});

test.each<[string, Write, Write]>([
  ['byte', (out) => out.writeByte(255), (out) => out.writeByte(256)],
  ['byte below', (out) => out.writeByte(-128), (out) => out.writeByte(-129)],
  ['byte by write', (out) => out.write(255), (out) => out.write(256)],
  ['short', (out) => out.writeShort(65535), (out) => out.writeShort(65536)],
  ['short below', (out) => out.writeShort(-32768), (out) => out.writeShort(-32769)],
  ['char', (out) => out.writeChar(65535), (out) => out.writeChar(-1)],
  ['int', (out) => out.writeInt(2 ** 31 - 1), (out) => out.writeInt(2 ** 31)],
  ['long', (out) => out.writeLong(2n ** 63n - 1n), (out) => out.writeLong(2n ** 63n)],
  ['float', (out) => out.writeFloat(3.4e38), (out) => out.writeFloat(3.5e38)],
  ['bytes', (out) => out.writeBytes('é'), (out) => out.writeBytes('\u0141')],
])('checked, takes the greatest %s and refuses the next', (_what, fits, doesNot) => {
  const out = new DataOutputStream({ checked: true });
  fits(out);
  const size = out.size();
  expect(() => doesNot(out)).toThrow(RangeError);
  expect(out.size()).toBe(size);
  const cutting = new DataOutputStream();
  doesNot(cutting);
  expect(cutting.size()).toBe(size);
});

test.each<[string, (out: DataOutputStream, value: never) => void]>([
  ['a boolean', (out, value) => out.writeBoolean(value)],
  ['a byte', (out, value) => out.writeByte(value)],
  ['an int', (out, value) => out.writeInt(value)],
  ['a long', (out, value) => out.writeLong(value)],
  ['a float', (out, value) => out.writeFloat(value)],
  ['a double', (out, value) => out.writeDouble(value)],
  ['a text', (out, value) => out.writeUTF(value)],
])('refuses as %s what is of no such type', (_what, write) => {
  const out = new DataOutputStream();
  for (const value of [undefined, null, {}, Symbol('s')]) {
    expect(() => write(out, value as never)).toThrow(TypeError);
  }
  expect(out.size()).toBe(0);
});

describe('with a sink', () => {
  test('hands over everything, in order, in chunks that are its own to keep', () => {
    const chunks: Uint8Array[] = [];
    const out = new DataOutputStream({ sink: (chunk) => chunks.push(chunk) });
    const plain = new DataOutputStream();
    for (let i = 0; i < 50_000; i++) {
      for (const each of [out, plain]) {
        each.writeInt(i);
        each.writeUTF(`number ${i}`);
      }
    }
    const large = new Uint8Array(200_000).fill(7);
    for (const each of [out, plain]) {
      each.write(large);
      each.writeByte(1);
    }
    out.flush();
    out.flush();
    expect(chunks.length).toBeGreaterThan(5);
    expect(Buffer.compare(Buffer.concat(chunks), plain.toBytes())).toBe(0);
    expect(out.size()).toBe(plain.size());
    expect(() => out.toBytes()).toThrow(TypeError);
  });

  test.each([
    ['a sink in place of the options', () => {}],
    ['a stream in place of the options', process.stdout],
    ['a stream as sink', { sink: process.stdout }],
  ])('refuses %s', (_what, options) => {
    expect(() => new DataOutputStream(options as never)).toThrow(TypeError);
  });

  test('keeps what a sink that throws did not take', () => {
    const chunks: Uint8Array[] = [];
    let isBroken = true;
    const out = new DataOutputStream({
      sink: (chunk) => {
        if (isBroken) throw new Error('no');
        chunks.push(chunk);
      },
    });
    out.writeInt(1);
    expect(() => out.flush()).toThrow('no');
    isBroken = false;
    out.writeInt(2);
    out.flush();
    expect(hex(Buffer.concat(chunks))).toBe('0000000100000002');
  });
});

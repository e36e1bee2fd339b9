import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataInputStream, DataOutputStream, EOFException } from '../src/index.ts';
import { type Batch, loopIn, loopOut } from '../src/typed-batch.ts';
import { hex } from './hex.ts';

/** A kind of batch, and the calls that read, write and make it. */
const kinds = {
  Shorts: Int16Array,
  Chars: Uint16Array,
  Ints: Int32Array,
  Longs: BigInt64Array,
  Floats: Float32Array,
  Doubles: Float64Array,
} as const;

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s', (kind) => {
  const Room = kinds[kind];
  const width = Room.BYTES_PER_ELEMENT;
  const read = (input: DataInputStream, into: number | Batch): Batch =>
    input[`read${kind}`](into as never);
  const write = (out: DataOutputStream, values: Batch): void =>
    out[`write${kind}`](values as never);

  test('are what a loop over single values reads and writes, at any place', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(7), fc.integer(), (count, shift, seed) => {
        const bytes = new Uint8Array(shift + count * width);
        let state = seed;
        for (let i = shift; i < bytes.length; i++) {
          state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
          bytes[i] = state >>> 24;
        }
        const input = new DataInputStream(bytes);
        input.skipBytes(shift);
        const values = read(input, count);
        const looped = new Room(count) as Batch;
        loopIn(new DataView(bytes.buffer), shift, looped);
        expect(values).toStrictEqual(looped);
        expect(input.available()).toBe(0);

        const out = new DataOutputStream();
        out.write(new Uint8Array(shift));
        write(out, values);
        const written = new Uint8Array(shift + count * width);
        loopOut(new DataView(written.buffer), shift, values);
        expect(hex(out.toBytes())).toBe(hex(written));
      }),
    );
  });

  test('fill the array given, or refuse before room is made', () => {
    const out = new DataOutputStream();
    const three = kind === 'Longs' ? BigInt64Array.of(1n, 2n, 3n) : new Room(3);
    write(out, three);
    const bytes = out.toBytes();
    const into = new Room(2);
    const input = new DataInputStream(bytes);
    expect(read(input, into)).toBe(into);
    expect(input.available()).toBe(width);
    expect(() => read(input, 2 ** 40)).toThrow(EOFException);
    expect(input.available()).toBe(0);
    expect(() => read(input, -1)).toThrow(RangeError);
    expect(() => read(input, 'two' as never)).toThrow(TypeError);
  });
});

test('the whole ones of an array that cannot be filled are read', () => {
  const out = new DataOutputStream();
  out.writeInts(Int32Array.of(1, 2));
  out.writeShort(3);
  const into = new Int32Array(4);
  expect(() => new DataInputStream(out.toBytes()).readInts(into)).toThrow(EOFException);
  expect([...into]).toEqual([1, 2, 0, 0]);
});

test('every NaN that is written is Java’s', () => {
  const odd = new Float64Array(new BigUint64Array(100).fill(0xfff8_0000_0000_0001n).buffer);
  const doubles = new DataOutputStream();
  doubles.writeDoubles(odd);
  expect(hex(doubles.toBytes())).toBe('7ff8000000000000'.repeat(100));
  const floats = new DataOutputStream();
  floats.writeFloats(new Float32Array(new Uint32Array(100).fill(0xffc0_0001).buffer));
  expect(hex(floats.toBytes())).toBe('7fc00000'.repeat(100));
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  blockData,
  DataInputStream,
  DataOutputStream,
  EOFException,
  StreamCorruptedException,
} from '../src/index.ts';
import { hex, unhex } from './hex.ts';

test('an int and a text lie in one block', () => {
  const out = new DataOutputStream();
  out.writeInt(1);
  out.writeUTF('hi');
  const bytes = blockData.encode(out.toBytes());
  expect(hex(bytes)).toBe('aced000577080000000100026869');
  const { data, end } = blockData.decode(bytes);
  const input = new DataInputStream(data);
  expect(input.readInt()).toBe(1);
  expect(input.readUTF()).toBe('hi');
  expect(end).toBe(bytes.length);
});

test('1500 bytes lie in two blocks, as Java writes them', () => {
  const bytes = blockData.encode(new Uint8Array(1500));
  expect(bytes).toHaveLength(1514);
  expect(hex(bytes.subarray(4, 9))).toBe('7a00000400');
  expect(hex(bytes.subarray(1033, 1038))).toBe('7a000001dc');
});

test('a block of 255 bytes is the longest with a short length', () => {
  expect(hex(blockData.encode(new Uint8Array(255)).subarray(4, 6))).toBe('77ff');
  expect(hex(blockData.encode(new Uint8Array(256)).subarray(4, 9))).toBe('7a00000100');
});

test('what was encoded is decoded', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), (data) => {
      expect(hex(blockData.decode(blockData.encode(data)).data)).toBe(hex(data));
    }),
  );
});

test('stops at the first object and tells where it begins', () => {
  const { data, end } = blockData.decode(unhex('aced0005 7702 0102 79 7701 03 740002 6869'));
  expect(hex(data)).toBe('010203');
  expect(end).toBe(12);
});

test.each([
  ['aced0006', 'header', 'invalid stream header: ACED0006', 0],
  ['aced0005 7701 00 6f', 'type-code', 'invalid type code: 6F', 7],
  ['aced0005 7f', 'type-code', 'invalid type code: 7F', 4],
  ['aced0005 7affffffff', 'negative-length', 'illegal block data header length: -1', 4],
  ['aced0005 7a0000', 'cut-short', 'unexpected EOF while reading block data header', 4],
  ['aced0005 7702 00', 'cut-short', 'unexpected EOF in middle of data block', 4],
  ['aced0005 7a7fffffff 00', 'cut-short', 'unexpected EOF in middle of data block', 4],
])('refuses %s', (bytes, code, message, offset) => {
  const refusal = (() => {
    try {
      return blockData.decode(unhex(bytes));
    } catch (error) {
      return error;
    }
  })();
  expect(refusal).toBeInstanceOf(StreamCorruptedException);
  expect(refusal).toMatchObject({ code, message, offset });
});

test('refuses a header that is cut short', () => {
  expect(() => blockData.decode(unhex('aced00'))).toThrow(EOFException);
});

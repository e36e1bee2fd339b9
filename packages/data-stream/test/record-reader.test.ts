import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ByteCursor } from '../src/byte-cursor.ts';
import {
  array,
  type ByteSource,
  byte,
  type DataInputStream,
  DataOutputStream,
  DataStreamError,
  DecoderStream,
  double,
  EOFException,
  type Infer,
  int,
  optional,
  RecordReader,
  readRecords,
  record,
  short,
  UTFDataFormatException,
  utf,
} from '../src/index.ts';
import { allOf } from './all-of.ts';

const price = record({ symbol: utf, day: int, close: double });
type Price = Infer<typeof price>;

const prices: readonly Price[] = Array.from({ length: 5000 }, (_, i) => ({
  symbol: ['MSFT', 'ÜBER', 'a rather long name of some share, longer than a chunk'][i % 3] ?? '',
  day: i,
  close: i / 8,
}));

const bytes = ((): Uint8Array<ArrayBuffer> => {
  const out = new DataOutputStream();
  for (const each of prices) price.write(out, each);
  return out.toBytes();
})();

function* pieces(of: Uint8Array<ArrayBuffer>, size: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < of.length; at += size) yield of.slice(at, at + size);
}

async function* later<T>(values: Iterable<T>): AsyncGenerator<T> {
  for (const value of values) {
    await Promise.resolve();
    yield value;
  }
}

async function all<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  return (await allOf(batches)).flat();
}

/** What came before a source failed, and the failure. */
async function partly<T>(batches: AsyncIterable<T[]>): Promise<{ read: T[]; failure: unknown }> {
  const read: T[] = [];
  try {
    for await (const batch of batches) read.push(...batch);
  } catch (failure) {
    return { read, failure };
  }
  return { read, failure: undefined };
}

const webStream = (size: number) => ReadableStream.from(pieces(bytes, size));

test.each<[string, () => ByteSource]>([
  ['bytes', () => bytes],
  ['a Buffer', () => Buffer.from(bytes)],
  ['an ArrayBuffer', () => bytes.buffer],
  ['a Blob', () => new Blob([bytes])],
  ['a web stream', () => webStream(1000)],
  ['a Node stream', () => Readable.from(pieces(bytes, 1000))],
  ['an iterable of chunks', () => pieces(bytes, 1000)],
  ['an async iterable of chunks', () => later(pieces(bytes, 1000))],
  ['chunks of one byte', () => pieces(bytes, 1)],
  ['chunks with empty ones among them', () => [new Uint8Array(0), bytes, new Uint8Array(0)]],
  [
    'a gzipped web stream',
    () => new Blob([gzipSync(bytes)]).stream().pipeThrough(new DecompressionStream('gzip')),
  ],
])('reads %s', async (_what, source) => {
  expect(await all(readRecords(source(), price))).toStrictEqual(prices);
});

test('gives records one by one as well', async () => {
  const flat = readRecords(webStream(777), price).flat();
  expect(await allOf(flat)).toStrictEqual(prices);
});

test('where chunks are cut makes no difference', async () => {
  const some = bytes.slice(0, 3000);
  const { read: expected, failure } = await partly(readRecords(some, price));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(3000), { maxLength: 30 }), async (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), 3000];
      const chunks = at.slice(1).map((end, i) => some.slice(at[i], end));
      const outcome = await partly(readRecords(chunks, price));
      expect(outcome.read).toStrictEqual(expected);
      expect(String(outcome.failure)).toBe(String(failure));
    }),
    { numRuns: 200 },
  );
});

describe('a value over many chunks', () => {
  const order = record({ id: int, lines: array(record({ name: utf, count: optional(short) })) });
  const lines = Array.from({ length: 5000 }, (_, i) => ({
    name: `line ${i}`,
    count: i % 3 === 0 ? null : i,
  }));
  const orders = [1, 2, 3].map((id) => ({ id, lines }));
  const out = new DataOutputStream();
  for (const each of orders) order.write(out, each);
  const orderBytes = out.toBytes();

  test.each([1, 100, 20_000])(
    'of %d bytes is read, each part of it a few times at most',
    async (size) => {
      const read = vi.spyOn(ByteCursor.prototype, 'utf');
      expect(await all(readRecords(pieces(orderBytes, size), order))).toStrictEqual(orders);
      // A text may be cut off in its length, and in its letters.
      const most = 3 * orders.length * lines.length;
      expect(read.mock.calls.length).toBeLessThanOrEqual(most);
      read.mockRestore();
    },
  );

  test.each([3, 1000])('of %d bytes fails where it is malformed', async (size) => {
    const bad = orderBytes.slice();
    const at = orderBytes.length - 6; // a letter of the last name
    bad[at] = 0xff;
    const { read, failure } = await partly(readRecords(pieces(bad, size), order));
    expect(read).toStrictEqual(orders.slice(0, -1));
    expect(failure).toBeInstanceOf(UTFDataFormatException);
    expect(failure).toMatchObject({ record: 2, field: 'lines[4999].name' });
  });

  test.each([3, 1000])('of %d bytes fails where it ends', async (size) => {
    const { read, failure } = await partly(
      readRecords(pieces(orderBytes.slice(0, -1), size), order),
    );
    expect(read).toStrictEqual(orders.slice(0, -1));
    expect(failure).toBeInstanceOf(EOFException);
    expect(failure).toMatchObject({ record: 2, field: 'lines[4999].count' });
  });

  test('leaves what follows it to be read', async () => {
    await using reader = new RecordReader(pieces(orderBytes, 1000));
    for (const each of orders) expect(await reader.read(order)).toStrictEqual(each);
    expect(reader.offset).toBe(orderBytes.length);
  });
});

describe('what ends in the middle of a record', () => {
  test.each([1, 7, 1000, 1_000_000])(
    'gives the whole ones first, in chunks of %d',
    async (size) => {
      const cut = bytes.slice(0, -3);
      const { read, failure } = await partly(readRecords(pieces(cut, size), price));
      expect(read).toStrictEqual(prices.slice(0, -1));
      expect(failure).toBeInstanceOf(EOFException);
      expect(failure).toMatchObject({ record: 4999, field: 'close', offset: bytes.length - 8 });
      expect((failure as Error).message).toBe(
        `record 4999, field close: readDouble needs 8 bytes at offset ${bytes.length - 8}, but only 5 are left`,
      );
    },
  );

  test('and what is malformed', async () => {
    const bad = bytes.slice();
    const at = bad.length - 12 - 1; // the last letter of the last text
    bad[at] = 0xff;
    const { read, failure } = await partly(readRecords(pieces(bad, 512), price));
    expect(read).toStrictEqual(prices.slice(0, -1));
    expect(failure).toMatchObject({ record: 4999, field: 'symbol', offset: at });
    expect((failure as Error).message).toMatch(
      /^record 4999, field symbol: malformed input around byte \d+$/,
    );
  });
});

test('an error of the source comes as it is, after what came before', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield bytes.slice(0, 2000);
    throw new Error('the line is dead');
  }
  const { read, failure } = await partly(readRecords(failing(), price));
  expect(read.length).toBeGreaterThan(10);
  expect(failure).toMatchObject({ message: 'the line is dead' });
});

test('ends the source when reading stops early', async () => {
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes.slice()),
    cancel: () => {
      isCancelled = true;
    },
  });
  for await (const batch of readRecords(stream, price)) {
    expect(batch.length).toBeGreaterThan(0);
    break;
  }
  expect(isCancelled).toBe(true);
});

test('asks a source for no more than is read', async () => {
  let given = 0;
  function* counting(): Generator<Uint8Array> {
    for (const piece of pieces(bytes, 1000)) {
      given += 1;
      yield piece;
    }
  }
  const batches = readRecords(counting(), price)[Symbol.asyncIterator]();
  await batches.next();
  await batches.next();
  expect(given).toBe(2);
});

test('reads a header and then records, wherever the chunks are cut', async () => {
  const out = new DataOutputStream();
  out.writeInt(3);
  out.writeUTF('prices');
  out.write(bytes);
  for (const size of [1, 5, 100_000]) {
    await using reader = new RecordReader(pieces(out.toBytes(), size));
    expect(await reader.read(int)).toBe(3);
    expect(await reader.read(utf)).toBe('prices');
    expect(reader.offset).toBe(12);
    expect(await all(reader.batches(price))).toStrictEqual(prices);
    await expect(reader.read(int)).rejects.toThrow(EOFException);
  }
});

test('takes a function for what no type describes', async () => {
  const out = new DataOutputStream();
  for (let i = 0; i < 1000; i++) {
    out.writeByte(i % 2);
    if (i % 2 === 0) out.writeInt(i);
    else out.writeUTF(`text ${i}`);
  }
  const tagged = (input: DataInputStream) =>
    input.readByte() === 0 ? input.readInt() : input.readUTF();
  const read = await all(readRecords(pieces(out.toBytes(), 7), tagged));
  expect(read).toHaveLength(1000);
  expect(read.slice(-2)).toEqual([998, 'text 999']);
});

test('a frame that lies about its own length is no reason to wait for more', async () => {
  const frame = (input: DataInputStream) => {
    const inner = new (input.constructor as typeof DataInputStream)(input.readFully(2));
    return inner.readInt();
  };
  const { failure } = await partly(readRecords(pieces(new Uint8Array(100), 10), frame));
  expect(failure).toBeInstanceOf(EOFException);
});

test('refuses a function that reads nothing', async () => {
  await expect(all(readRecords(bytes, () => 1))).rejects.toThrow('at least a byte');
});

test('refuses a lying count before it gathers bytes for it', async () => {
  let given = 0;
  async function* large(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(0x7f, 0xff, 0xff, 0xff);
    while (given < 100) {
      given += 1;
      yield new Uint8Array(65_536);
    }
    throw new Error('too much was asked for');
  }
  const { failure } = await partly(readRecords(large(), array(int)));
  expect(failure).toMatchObject({ code: 'record-too-long', record: 0 });
  expect(given).toBeLessThan(3);
});

test('reads a record that is longer than many chunks', async () => {
  const numbers = Array.from({ length: 100_000 }, (_, i) => i);
  const out = new DataOutputStream();
  array(int).write(out, numbers);
  array(byte).write(out, [1]);
  const reader = new RecordReader(pieces(out.toBytes(), 1000));
  expect(await reader.read(array(int))).toEqual(numbers);
  expect(await reader.read(array(byte))).toEqual([1]);
});

test.each([
  ['a number', 5],
  ['nothing', undefined],
])('refuses %s as a source', async (_what, source) => {
  await expect(all(readRecords(source as never, price))).rejects.toThrow(TypeError);
});

test('tells who gives texts in place of bytes', async () => {
  const stream = Readable.from(['text']);
  await expect(all(readRecords(stream, price))).rejects.toThrow('set no encoding');
});

describe('DecoderStream', () => {
  test('stands in a pipe', async () => {
    const batches = webStream(333).pipeThrough(new DecoderStream(price));
    expect(await all(batches)).toStrictEqual(prices);
  });

  test('gives the whole records before one that fails', async () => {
    const cut = ReadableStream.from(pieces(bytes.slice(0, -1), 10_000));
    const { read, failure } = await partly(cut.pipeThrough(new DecoderStream(price)));
    expect(read).toStrictEqual(prices.slice(0, -1));
    expect(failure).toBeInstanceOf(DataStreamError);
    expect(failure).toMatchObject({ record: 4999, field: 'close' });
  });

  test('reads no further ahead than it is asked', async () => {
    let given = 0;
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        given += 1;
        controller.enqueue(bytes.slice(0, 100_000));
      },
    });
    const reader = source.pipeThrough(new DecoderStream(price)).getReader();
    await reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(given).toBeLessThan(6);
    await reader.cancel();
  });
});

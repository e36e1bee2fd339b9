import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import {
  type ByteSink,
  byte,
  DataOutputStream,
  DecoderStream,
  EncoderStream,
  int,
  RecordWriter,
  readRecords,
  record,
  utf,
  writeRecords,
} from '../src/index.ts';
import { allOf } from './all-of.ts';
import { hex } from './hex.ts';

const entry = record({ id: int, name: utf });
const entries = Array.from({ length: 20_000 }, (_, i) => ({ id: i, name: `name ${i}` }));

const bytes = ((): Uint8Array => {
  const out = new DataOutputStream();
  for (const each of entries) entry.write(out, each);
  return out.toBytes();
})();

async function* later<T>(values: Iterable<T>): AsyncGenerator<T> {
  for (const value of values) {
    await Promise.resolve();
    yield value;
  }
}

/** A sink of each kind, and the chunks that it got. */
const sinks: Readonly<Record<string, (chunks: Uint8Array[]) => ByteSink>> = {
  'a function': (chunks) => (chunk) => void chunks.push(chunk),
  'a function that takes its time': (chunks) => async (chunk) => {
    await Promise.resolve();
    chunks.push(chunk);
  },
  'a web stream': (chunks) => new WritableStream({ write: (chunk) => void chunks.push(chunk) }),
  'a Node stream': (chunks) =>
    new Writable({
      highWaterMark: 1,
      write: (chunk, _encoding, done) => {
        chunks.push(chunk);
        setImmediate(done);
      },
    }),
};

describe.each(Object.entries(sinks))('%s', (_what, sinkOf) => {
  test('gets what a DataOutputStream writes', async () => {
    const chunks: Uint8Array[] = [];
    expect(await writeRecords(sinkOf(chunks), entry, entries)).toBe(entries.length);
    expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0);
    expect(chunks.length).toBeGreaterThan(3);
  });

  test('gets records that come later', async () => {
    const chunks: Uint8Array[] = [];
    await writeRecords(sinkOf(chunks), entry, later(entries));
    expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0);
  });
});

test('no chunk is given before the one before was taken', async () => {
  let isBusy = false;
  const sink = async (): Promise<void> => {
    expect(isBusy).toBe(false);
    isBusy = true;
    await new Promise((resolve) => setImmediate(resolve));
    isBusy = false;
  };
  await writeRecords(sink, entry, entries);
  let taken = 0;
  let asked = 0;
  const slow = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => {
      taken += 1;
      expect(asked - taken).toBeLessThan(2);
      setImmediate(done);
    },
  });
  const write = slow.write.bind(slow) as (chunk: Uint8Array) => boolean;
  Object.assign(slow, {
    write: (chunk: Uint8Array) => {
      asked += 1;
      return write(chunk);
    },
  });
  await writeRecords(slow, entry, entries);
  expect(taken).toBeGreaterThan(3);
});

test('a header may come first', async () => {
  const chunks: Uint8Array[] = [];
  const writer = new RecordWriter((chunk) => void chunks.push(chunk));
  await writer.write(byte, 7);
  expect(await writer.writeAll(entry, entries.slice(0, 1))).toBe(1);
  expect(writer.size).toBe(13);
  await writer.flush();
  await writer.write(byte, 8);
  await writer.close();
  await writer.close();
  expect(hex(Buffer.concat(chunks))).toBe('070000000000066e616d65203008');
});

describe('a record that is refused', () => {
  const bad = [...entries.slice(0, 10), { id: 1, name: 5 as unknown as string }];

  test('tells its number and field, and the sink is given up', async () => {
    let reason: unknown;
    const sink = new WritableStream({
      abort: (why) => {
        reason = why;
      },
    });
    const writing = writeRecords(sink, entry, bad);
    await expect(writing).rejects.toThrow('record 10, field name: a string is due');
    expect(reason).toBeInstanceOf(TypeError);
  });

  test('leaves nothing of itself, and writing may go on', async () => {
    const chunks: Uint8Array[] = [];
    const writer = new RecordWriter((chunk) => void chunks.push(chunk));
    await expect(writer.writeAll(entry, bad)).rejects.toThrow('record 10');
    await writer.writeAll(entry, entries.slice(10));
    await writer.close();
    expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0);
  });
});

test('left before it was closed, a writer gives the sink up', async () => {
  const endings: string[] = [];
  const sink = new WritableStream({
    close: () => void endings.push('close'),
    abort: () => void endings.push('abort'),
  });
  await (async () => {
    await using writer = new RecordWriter(sink);
    await writer.write(int, 1);
  })();
  expect(endings).toEqual(['abort']);
});

test.each<[string, () => ByteSink]>([
  [
    'a function',
    () => () => {
      throw new Error('full');
    },
  ],
  [
    'a web stream',
    () =>
      new WritableStream({
        write: () => {
          throw new Error('full');
        },
      }),
  ],
  [
    'a Node stream',
    () => new Writable({ write: (_chunk, _encoding, done) => done(new Error('full')) }),
  ],
])('the error of %s reaches the writer', async (_what, sink) => {
  await expect(writeRecords(sink(), entry, entries)).rejects.toThrow('full');
  await expect(writeRecords(sink(), entry, entries.slice(0, 1))).rejects.toThrow('full');
});

test('a Node stream that is closed from outside ends writing', async () => {
  const stream = new Writable({ highWaterMark: 1, write: () => {} });
  setImmediate(() => stream.destroy());
  await expect(writeRecords(stream, entry, entries)).rejects.toThrow('was closed before');
});

test('refuses what is no sink', () => {
  expect(() => new RecordWriter(5 as never)).toThrow(TypeError);
});

test('checked, refuses what Java would cut', async () => {
  const small = record({ n: byte });
  const sink = (): void => {};
  expect(await writeRecords(sink, small, [{ n: 300 }])).toBe(1);
  const checked = writeRecords(sink, small, [{ n: 1 }, { n: 300 }], { checked: true });
  await expect(checked).rejects.toThrow('record 1, field n: an integer from -128 to 255');
});

describe('EncoderStream', () => {
  test('makes the bytes that DecoderStream reads', async () => {
    const batches = readRecords(bytes, entry);
    const encoded = ReadableStream.from(batches).pipeThrough(new EncoderStream(entry));
    const decoded = encoded.pipeThrough(new DecoderStream(entry));
    expect((await allOf(decoded)).flat()).toStrictEqual(entries);
  });

  test('holds nothing back', async () => {
    const encoder = new EncoderStream(entry);
    const writer = encoder.writable.getWriter();
    const reader = encoder.readable.getReader();
    writer.write(entries.slice(0, 1)).catch(() => {});
    const { value } = await reader.read();
    expect(hex(value ?? new Uint8Array())).toBe('0000000000066e616d652030');
  });

  test('tells which record was refused', async () => {
    const bad = ReadableStream.from([entries.slice(0, 3), [{ id: 'x' as never, name: '' }]]);
    const encoded = bad.pipeThrough(new EncoderStream(entry));
    await expect(allOf(encoded)).rejects.toThrow('record 3, field id: an integer');
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { int, readRecords, record, utf, writeRecords } from '../src/index.ts';
import { fileSink, fileSource } from '../src/node.ts';
import { allOf } from './all-of.ts';

const entry = record({ id: int, name: utf });
const entries = Array.from({ length: 50_000 }, (_, i) => ({ id: i, name: `name ${i}` }));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'data-stream-'));
  path = join(folder, 'entries.bin');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each([{ gzip: false }, { gzip: true }])('gzip $gzip', (options) => {
  test('a file gives back what it was given, and stands alone in its folder', async () => {
    await writeRecords(fileSink(path, options), entry, entries);
    expect(readdirSync(folder)).toEqual(['entries.bin']);
    expect(readFileSync(path)[0] === 0x1f).toBe(options.gzip);
    const batches = await allOf(readRecords(fileSource(path, options), entry));
    expect(batches.flat()).toStrictEqual(entries);
    expect(batches.length).toBeGreaterThan(3);
  });

  test('a failure leaves the file that was there', async () => {
    writeFileSync(path, 'before');
    const bad = [...entries, { id: 'x' as unknown as number, name: '' }];
    await expect(writeRecords(fileSink(path, options), entry, bad)).rejects.toThrow('record 50000');
    expect(readdirSync(folder)).toEqual(['entries.bin']);
    expect(readFileSync(path, 'utf8')).toBe('before');
  });

  test('an empty file is made of no records, and read as none', async () => {
    await writeRecords(fileSink(path, options), entry, []);
    expect(await allOf(readRecords(fileSource(path, options), entry))).toEqual([]);
  });

  test('a file that is not there says so', async () => {
    const reading = allOf(readRecords(fileSource(join(folder, 'none'), options), entry));
    await expect(reading).rejects.toMatchObject({ code: 'ENOENT' });
    const sink = fileSink(join(folder, 'none/entries.bin'), options);
    await expect(writeRecords(sink, entry, entries)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

test('reading may stop early', async () => {
  writeFileSync(path, gzipSync(Buffer.alloc(1_000_000)));
  for (const gzip of [true, false]) {
    for await (const batch of readRecords(fileSource(path, { gzip }), int)) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
  }
});

test('what is not gzip says so', async () => {
  writeFileSync(path, 'plain');
  const reading = allOf(readRecords(fileSource(path, { gzip: true }), entry));
  await expect(reading).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
});

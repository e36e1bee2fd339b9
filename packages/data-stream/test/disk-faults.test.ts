import * as files from 'node:fs/promises';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { int, readRecords, record, utf, writeRecords } from '../src/index.ts';
import { fileSink, fileSource } from '../src/node.ts';

/** The step, counted from 0, at which the disk fails; none while it is undefined. */
let failsAt: number | undefined;
let steps: string[];
let folder: string;

vi.mock('node:fs/promises', { spy: true });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'disk-faults-'));
  const { open, rename } = await vi.importActual<typeof files>('node:fs/promises');
  vi.mocked(files.open).mockImplementation(async (...args) => {
    step('open');
    const file = await open(...args);
    for (const name of ['writeFile', 'read', 'sync', 'close'] as const) {
      const real = file[name].bind(file) as (...given: unknown[]) => unknown;
      file[name] = (async (...given: unknown[]) => {
        step(name);
        return real(...given);
      }) as never;
    }
    return file;
  });
  vi.mocked(files.rename).mockImplementation(async (...args) => {
    step('rename');
    await rename(...args);
  });
});

afterEach(() => rm(folder, { recursive: true }));

function step(name: string): void {
  steps.push(name);
  if (steps.length - 1 !== failsAt) return;
  throw Object.assign(new Error(`ENOSPC: no space left on device, ${name}`), { code: 'ENOSPC' });
}

/** Runs work with no fault, and then with one at each of its steps in turn. */
async function atEachStep(
  work: () => Promise<void>,
  check: () => Promise<void>,
): Promise<string[]> {
  [failsAt, steps] = [undefined, []];
  await work();
  const all = steps;
  for (failsAt = 0; failsAt < all.length; failsAt++) {
    steps = [];
    await expect(work(), `at ${all[failsAt]}, step ${failsAt}`).rejects.toMatchObject({
      code: 'ENOSPC',
    });
    await check();
  }
  failsAt = undefined;
  return all;
}

const line = record({ id: int, text: utf });
const lines = Array.from({ length: 5000 }, (_, id) => ({ id, text: 'x'.repeat(id % 50) }));

test.each([false, true])(
  'a file is whole or the old one, wherever the disk fails; gzip: %s',
  async (gzip) => {
    const path = join(folder, 'lines.bin');
    const write = async () => {
      await writeFile(path, 'the old one');
      await writeRecords(fileSink(path, { gzip }), line, lines);
    };
    const steps = await atEachStep(write, async () => {
      expect(await readFile(path, 'utf8')).toBe('the old one');
      expect(await readdir(folder)).toEqual(['lines.bin']);
    });
    expect(steps).toEqual([
      'open',
      ...steps.filter((name) => name === 'writeFile'),
      'sync',
      'close',
      'rename',
    ]);
  },
);

test('reading fails with the disk, after what came before', async () => {
  const path = join(folder, 'lines.bin');
  await writeRecords(fileSink(path), line, [...lines, ...lines, ...lines]);
  let read: (typeof lines)[number][] = [];
  await atEachStep(
    async () => {
      read = [];
      for await (const some of readRecords(fileSource(path), line)) read.push(...some);
    },
    async () => expect(read).toStrictEqual([...lines, ...lines, ...lines].slice(0, read.length)),
  );
});

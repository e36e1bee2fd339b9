import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DatabaseFile } from '../src/database-file.ts';

let folder: string;
let file: DatabaseFile;
let breaks: boolean;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replica-set-file-'));
  breaks = false;
  file = new DatabaseFile(join(folder, 'member.sqlite'), {
    durable: false,
    beforeSync() {
      if (breaks) throw new Error('no space left on device');
    },
  });
});

afterEach(() => {
  file.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, value = '') =>
  file.writeAtomically(() =>
    file.statement('insert into facts (name, value) values (?, ?)').run(name, value),
  );

const names = () =>
  file
    .statement('select name from facts order by name')
    .all()
    .map(({ name }) => name);

test('a group that another caller fails to write is not told as written', async () => {
  write('a');
  const waiting = file.flushed();
  breaks = true;
  expect(() => file.flushNow()).toThrow(expect.objectContaining({ code: 14031 }));
  breaks = false;
  write('b');
  const later = file.flushed();
  await expect(waiting).rejects.toMatchObject({ code: 14031 });
  await later;
  expect(names()).toEqual(['b']);
});

test('a group that is lost is no concern of those who come later', async () => {
  write('a');
  breaks = true;
  await expect(file.flushed()).rejects.toMatchObject({ code: 14031 });
  await file.flushed();
  expect(names()).toEqual([]);
});

test('when SQLite itself has no room, a group is kept as far as it was told, and writes go on later', async () => {
  const failures: string[] = [];
  const failed = () => {
    failures.push('failed');
  };
  file.watch({ committed: () => {}, failed });
  file.statement('pragma max_page_count = 40').get();
  write('a');
  const waiting = file.flushed();
  const fill = () => {
    for (let i = 0; i < 100; i++) write(`large ${i}`, 'x'.repeat(4000));
  };
  expect(fill).toThrow(expect.objectContaining({ code: 14031 }));
  await waiting.catch(() => {});
  file.statement('pragma max_page_count = 4000').get();
  write('b');
  await file.flushed();
  expect(names()).toContain('b');
  expect(names().includes('a')).toBe(failures.length === 0);
});

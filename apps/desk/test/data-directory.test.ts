import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataDirectory, makeDataDirectory } from '../src/data-directory.ts';
import { claimDirectory } from '../src/database/claim.ts';
import { randomPassword, readDeskFile, writeDeskFile } from '../src/database/desk-file.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-data-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  { given: '/srv/desk', xdg: '/home/x', path: '/srv/desk' },
  { given: undefined, xdg: '/home/x', path: '/home/x/holdfast' },
  { given: undefined, xdg: 'relative', path: join(homedir(), '.local/share/holdfast') },
  { given: undefined, xdg: '', path: join(homedir(), '.local/share/holdfast') },
])('with --data $given and XDG_DATA_HOME "$xdg" keeps its files in $path', (given) => {
  expect(dataDirectory(given.given, { XDG_DATA_HOME: given.xdg })).toBe(given.path);
});

test('makes a directory that only its owner may enter', () => {
  const path = join(folder, 'deep/desk');
  makeDataDirectory(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('says what to do when a file is in the way', () => {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  expect(() => makeDataDirectory(path)).toThrow(
    expect.objectContaining({
      code: 'data',
      message: `the data directory ${path} cannot be used: this is a file, not a folder`,
      mend: 'Choose another with --data DIR.',
    }),
  );
  expect(readDeskFile(path)).toBeNull();
});

test('takes an empty directory, and leaves one alone that others use', () => {
  const path = join(folder, 'shared');
  mkdirSync(path);
  chmodSync(path, 0o755);
  writeFileSync(join(path, 'notes.txt'), '');
  expect(() => makeDataDirectory(path)).toThrow('it holds files, and others may enter it');
  expect(statSync(path).mode & 0o777).toBe(0o755);
  rmSync(join(path, 'notes.txt'));
  makeDataDirectory(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  writeFileSync(join(path, 'desk.json'), '');
  makeDataDirectory(path);
});

test.skipIf(!existsSync('/proc'))('ends where no directory can be made', () => {
  const main = join(import.meta.dirname, '../src/main.ts');
  const words = [main, 'start', '--data', '/proc/none/desk'];
  const { status, stderr } = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    timeout: 9000,
  });
  expect(status).toBe(3);
  expect(stderr).toContain('there is no such file or folder');
});

test('refuses an empty --data, which would be the directory of the moment', () => {
  expect(() => dataDirectory('')).toThrow('--data names no directory');
});

test('keeps address and credential where only the owner can read them', () => {
  expect(readDeskFile(folder)).toBeNull();
  const content = {
    schema: 1,
    port: 27_117,
    user: 'desk',
    password: randomPassword(),
    pid: 1,
    database: 'holdfast',
  } as const;
  writeDeskFile(folder, { ...content, port: 1 });
  writeDeskFile(folder, content);
  expect(readDeskFile(folder)).toEqual(content);
  expect(statSync(join(folder, 'desk.json')).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['desk.json']);
});

test.each(['', '{', '{"schema":1}', '{"schema":2,"port":1,"user":"a","password":"b","pid":1}'])(
  'refuses a desk.json that says %j',
  (text) => {
    writeFileSync(join(folder, 'desk.json'), text);
    expect(() => readDeskFile(folder)).toThrow(expect.objectContaining({ code: 'data' }));
  },
);

test('is claimed by one at a time', () => {
  const claim = claimDirectory(folder);
  expect(claim).not.toBeNull();
  expect(claimDirectory(folder)).toBeNull();
  claim?.release();
  const next = claimDirectory(folder);
  expect(next).not.toBeNull();
  next?.release();
});

test('is claimed by one process at a time, and free once that process is killed', async () => {
  const door = join(import.meta.dirname, '../src/database/claim.ts');
  const program = `
    const { claimDirectory } = await import(${JSON.stringify(door)});
    console.log(claimDirectory(${JSON.stringify(folder)}) === null ? 'taken' : 'mine');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
  const [said] = await once(child.stdout, 'data');
  expect(`${said}`).toBe('mine\n');
  expect(claimDirectory(folder)).toBeNull();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const claim = claimDirectory(folder);
  expect(claim).not.toBeNull();
  claim?.release();
});

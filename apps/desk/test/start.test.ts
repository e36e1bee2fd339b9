import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DeskState, PortfolioReport, Settings } from '../src/api.ts';
import { runCommandLine } from '../src/command/program.ts';
import { connect } from '../src/database/connection.ts';
import type { StatusReport } from '../src/status-report.ts';
import { capturedTerminal } from './captured-terminal.ts';
import { ask, DeskProcess } from './desk-process.ts';

let folder = '';
let processes: DeskProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-start-'));
  processes = [];
});
afterEach(async () => {
  for (const each of processes) each.kill('SIGKILL');
  await Promise.all(processes.map((each) => each.ended()));
  rmSync(folder, { recursive: true, force: true });
});

function holdfast(...words: readonly string[]): DeskProcess {
  const started = new DeskProcess(words);
  processes.push(started);
  return started;
}

const start = (...words: readonly string[]) => holdfast('start', '--data', folder, ...words);

test('opens with the demo’s portfolio and closes in order at Ctrl-C, even while a page listens', async () => {
  const desk = start('--demo', '--port', '0');
  const url = await desk.url();
  expect(desk.printed).toBe(`${url}\n`);
  expect(desk.said).not.toMatch(/"pid":.*"pid":/);
  expect(statSync(join(folder, 'desk.json')).mode & 0o777).toBe(0o600);

  expect((await fetch(new URL('/readyz', url))).status).toBe(200);
  const state = await ask<DeskState>(url, '/api/state');
  expect(state.banner).toContain('made-up posts');
  expect(state.holdings.map(({ symbol, weight }) => ({ symbol, weight }))).toEqual([
    { symbol: 'MSFT', weight: 0.3 },
    { symbol: 'AAPL', weight: 0.5 },
    { symbol: 'KO', weight: 0.2 },
  ]);
  const portfolio = await ask<PortfolioReport>(url, '/api/portfolio');
  expect(portfolio.dailyVolatility).toBeCloseTo(0.018015325483739, 14);

  const status = holdfast('status', '--json', '--data', folder);
  expect(await status.ended()).toBe(0);
  expect(JSON.parse(status.printed)).toMatchObject({ database: 'holdfast_demo' });
  const locks = holdfast('lock', 'ls', '--json', '--data', folder);
  expect(await locks.ended()).toBe(0);
  expect(JSON.parse(locks.printed)).toMatchObject({ schema: 'holdfast.locks/1' });

  const events = await fetch(new URL('/api/events', url));
  desk.kill('SIGINT');
  expect(await desk.ended()).toBe(0);
  await events.body?.cancel().catch(() => undefined);
  expect(desk.said).toContain(`Everything is kept in ${folder}`);

  const gone = holdfast('status', '--data', folder);
  expect(await gone.ended()).toBe(5);
  expect(gone.said).toContain(`no desk runs on ${folder}`);
});

test('a second desk joins the first and takes over when it is killed', async () => {
  const first = start('--port', '0');
  const firstUrl = await first.url();
  const second = start('--port', '0');
  const secondUrl = await second.url();
  const kind = async (url: string) => (await ask<StatusReport>(url, '/api/status')).database.kind;
  expect([await kind(firstUrl), await kind(secondUrl)]).toEqual(['own', 'joined']);

  await ask<Settings>(firstUrl, '/api/settings', 'PUT', { columns: 40 });
  const settings = async () => (await ask<DeskState>(secondUrl, '/api/state')).settings;
  expect(await settings()).toEqual({ columns: 40 });

  first.kill('SIGKILL');
  expect(await first.ended()).toBe('SIGKILL');
  await vi.waitFor(async () => expect(await settings()).toEqual({ columns: 40 }), {
    timeout: 10_000,
  });
  await vi.waitFor(async () => expect(await kind(secondUrl)).toBe('own'), { timeout: 10_000 });

  second.kill('SIGTERM');
  expect(await second.ended()).toBe(0);
  const third = start('--port', '0');
  expect((await ask<DeskState>(await third.url(), '/api/state')).settings).toEqual({ columns: 40 });
});

test('names the port that is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const address = other.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const desk = start('--port', port);
  expect(await desk.ended()).toBe(5);
  expect(desk.printed).toBe('');
  expect(desk.said).toContain(`port ${port} is taken by another program`);
  expect(desk.said).toContain('--port');
  other.close();
});

test.each([
  { words: ['start', '--host', '0.0.0.0'], code: 2, says: 'it has no password yet' },
  { words: ['start', '--port', '99999'], code: 2, says: 'A port is a number from 0 to 65535.' },
  { words: ['start', '--mongo-uri', 'http://x'], code: 2, says: '--mongo-uri cannot be read' },
  { words: ['mongo', '--members', '2'], code: 2, says: '1, 3, 5 or 7 members' },
  { words: ['status', '--data', '/nowhere'], code: 5, says: 'no desk runs on /nowhere' },
  { words: ['lock', 'ls', '--data', '/nowhere'], code: 5, says: 'Start one: holdfast start' },
])('$words ends with $code', async ({ words, code, says }) => {
  const terminal = capturedTerminal();
  expect(await runCommandLine(words, terminal)).toBe(code);
  expect(terminal.printed).toBe('');
  expect(terminal.said).toContain(says);
});

test('hides the password of a database that does not answer', async () => {
  const connecting = connect('mongodb://me:secret@127.0.0.1:1/', 50);
  await expect(connecting).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('mongodb://me:(hidden)@127.0.0.1:1/'),
  });
  await expect(connecting).rejects.not.toMatchObject({
    message: expect.stringContaining('secret'),
  });
});

test('runs a replica set that a desk can use, until Ctrl-C', async () => {
  const set = holdfast('mongo', '--members', '3', '--port', '0');
  const uri = await set.url();
  expect(uri).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+,127\.0\.0\.1:\d+,127\.0\.0\.1:\d+\//);
  const desk = holdfast('start', '--port', '0', '--mongo-uri', uri);
  const state = await ask<DeskState>(await desk.url(), '/api/state');
  expect(state).toMatchObject({ banner: null, holdings: [], unread: 0 });
  desk.kill('SIGINT');
  expect(await desk.ended()).toBe(0);
  set.kill('SIGINT');
  expect(await set.ended()).toBe(0);
});

test('a set tells scripts its address and members in a line of JSON', async () => {
  const set = holdfast('mongo', '--port', '0', '--data', folder, '--json');
  await vi.waitFor(() => expect(set.printed).toContain('\n'), { timeout: 20_000 });
  const { schema, uri, members } = JSON.parse(set.printed);
  expect(schema).toBe('holdfast.set/1');
  expect(members.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2]);
  for (const { port } of members) expect(uri).toContain(`127.0.0.1:${port}`);
  const second = holdfast('mongo', '--port', '0', '--data', folder, '--json');
  expect(await second.ended()).toBe(5);
  expect(second.printed).toBe('');
  expect(second.said).toContain('is in use by another process');
  const { port } = members[0];
  const third = holdfast('mongo', '--port', String(port), '--json');
  expect(await third.ended()).toBe(5);
  expect(third.said).toContain('is taken by another program');
  set.kill('SIGINT');
  expect(await set.ended()).toBe(0);
  expect(set.printed.split('\n')).toHaveLength(2);
  writeFileSync(join(folder, 'member-1.sqlite'), 'this is no database'.repeat(100));
  const fourth = holdfast('mongo', '--port', '0', '--data', folder, '--json');
  expect(await fourth.ended()).toBe(3);
  expect(fourth.said).toContain('member-1.sqlite is damaged');
});

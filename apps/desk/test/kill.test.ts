/**
 * The promise of the whole desk: what was sent is stored once or lies inside a reported gap, and a
 * verdict that was confirmed is there, also when the desk is killed in the middle of its work.
 *
 * The stream server is a StreamSimulator in this process. The desk, a process of its own, is told
 * of it by HOLDFAST_STREAM_SERVER: `{"url": …, "auth": {consumerKey, consumerSecret, token,
 * tokenSecret}}`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamSimulator } from '@holdfast/post-stream/simulator';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JudgementReply, QueueReply, UndoReply, Verdict } from '../src/api.ts';
import { joinDatabase } from '../src/database/joined-database.ts';
import type { StatusReport } from '../src/status-report.ts';
import { type Store, storeOf } from '../src/store/store.ts';
import { ask, DeskProcess } from './desk-process.ts';

let folder = '';
let simulator: StreamSimulator;
let processes: DeskProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-kill-'));
  simulator = await StreamSimulator.start({ seed: 7 });
  processes = [];
});
afterEach(async () => {
  for (const each of processes) each.kill('SIGKILL');
  await Promise.all(processes.map((each) => each.ended()));
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

function startDesk(): DeskProcess {
  const { url, auth } = simulator;
  const desk = new DeskProcess(['start', '--demo', '--data', folder, '--port', '0'], {
    HOLDFAST_STREAM_SERVER: JSON.stringify({ url, auth }),
  });
  processes.push(desk);
  return desk;
}

const until = (check: () => Promise<void> | void) =>
  vi.waitFor(check, { timeout: 20_000, interval: 20 });
const connected = () => until(() => expect(simulator.connections).toBe(1));
const storedAt = async (url: string) =>
  (await ask<StatusReport>(url, '/api/status')).sources[0]?.stored ?? 0;

async function judge(url: string, postId: string, verdict: Verdict): Promise<void> {
  await ask<JudgementReply>(url, '/api/judgements', 'POST', { postId, verdict });
}

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const { client, database } = await joinDatabase(folder);
  try {
    return await work(storeOf(client.db(database ?? '')));
  } finally {
    await client.close();
  }
}

/** Posts that were sent, are not stored, and lie in no gap. */
async function lostPosts(): Promise<readonly string[]> {
  return withStore(async ({ posts, gaps }) => {
    const stored = new Set((await posts.find().toArray()).map(({ _id }) => _id));
    const reported = await gaps.find().toArray();
    const made = simulator.produced.filter(({ kind, wanted }) => kind === 'post' && wanted);
    return made
      .filter(({ id }) => !stored.has(`x:${id}`))
      .filter(({ at }) => !reported.some(({ from, to }) => Number(from) <= at && at <= Number(to)))
      .map(({ id }) => id);
  });
}

test('nothing that was sent is lost or doubled, and no verdict, when the desk is killed mid-stream', async () => {
  const first = startDesk();
  const url = await first.url();
  await connected();
  simulator.pace(400);
  await until(async () => expect(await storedAt(url)).toBeGreaterThan(100));

  const { posts } = await ask<QueueReply>(url, '/api/queue?limit=5');
  const [one, two, three, four, five] = posts.map(({ id }) => id);
  const judged = { [one ?? '']: 'keep', [two ?? '']: 'skip', [three ?? '']: 'keep' } as const;
  for (const [id, verdict] of Object.entries(judged)) await judge(url, id, verdict);
  await judge(url, four ?? '', 'keep');
  expect((await ask<UndoReply>(url, '/api/judgements/undo', 'POST', {})).postId).toBe(four);
  await judge(url, five ?? '', 'skip');

  first.kill('SIGKILL');
  expect(await first.ended()).toBe('SIGKILL');
  await until(() => expect(simulator.connections).toBe(0));

  const second = startDesk();
  const again = await second.url();
  await connected();
  const before = await storedAt(again);
  await until(async () => expect(await storedAt(again)).toBeGreaterThan(before + 100));
  simulator.pace(0);
  await until(async () => expect(await lostPosts()).toEqual([]));
  expect(simulator.counts.sent).toBeGreaterThan(200);
  const { sources } = await ask<StatusReport>(again, '/api/status');
  expect(sources[0]?.gaps.map(({ reason }) => reason)).toContain('cursor');
  expect(sources[0]?.duplicates).toBe(0);
  await withStore(async (store) => {
    const verdicts = await store.judgements.find({ kind: 'verdict', undoneBy: null }).toArray();
    const found = verdicts.map((row) => [row.postId, row.kind === 'verdict' ? row.verdict : '']);
    expect(Object.fromEntries(found)).toEqual({ ...judged, [five ?? '']: 'skip' });
    const unread = await store.posts.find({ _id: { $in: posts.map(({ id }) => id) } }).toArray();
    const queued = unread.filter((post) => post.queued).map(({ _id }) => _id);
    expect(queued).toEqual([four]);
  });

  second.kill('SIGINT');
  expect(await second.ended()).toBe(0);
});

test('a second desk takes the stream over when the first is killed', async () => {
  const first = startDesk();
  const firstUrl = await first.url();
  await connected();
  const second = startDesk();
  const url = await second.url();
  simulator.pace(200);
  await until(async () => expect(await storedAt(firstUrl)).toBeGreaterThan(50));
  first.kill('SIGKILL');
  await first.ended();
  await until(() => expect(simulator.connections).toBe(0));
  await connected();
  const before = await storedAt(url);
  await until(async () => expect(await storedAt(url)).toBeGreaterThan(before + 50));
  simulator.pace(0);

  const { sources, database } = await ask<StatusReport>(url, '/api/status');
  expect(database.kind).toBe('own');
  expect(Number(sources[0]?.lockToken)).toBeGreaterThan(1);
  await until(async () => expect(await lostPosts()).toEqual([]));
  second.kill('SIGINT');
  expect(await second.ended()).toBe(0);
});

test('rides out a stream that breaks off, stalls its bytes, and says what may be missing', async () => {
  const desk = startDesk();
  const url = await desk.url();
  await connected();
  simulator.split([1, 2, 3, 700, 5]);
  simulator.pace(300);
  for (const times of [1, 2, 3]) {
    const before = await storedAt(url);
    await until(async () => expect(await storedAt(url)).toBeGreaterThan(before + 40));
    simulator.cut();
    await until(async () => {
      const { sources } = await ask<StatusReport>(url, '/api/status');
      expect(sources[0]?.gaps.length).toBeGreaterThanOrEqual(times);
    });
    await connected();
  }
  simulator.pace(0);
  await until(async () => expect(await lostPosts()).toEqual([]));
});

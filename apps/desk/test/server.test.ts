import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeskState, QueueReply } from '../src/api.ts';
import type { Desk, DeskEvent } from '../src/desk.ts';
import { DeskError } from '../src/desk-error.ts';
import { allowedHosts, listen } from '../src/http/listen.ts';
import { createServer } from '../src/http/server.ts';
import { openLog } from '../src/log.ts';

const state: DeskState = {
  banner: null,
  holdings: [],
  learner: { trusted: false, note: '' },
  stream: {
    source: 'x',
    status: 'ingesting',
    note: '',
    received: 1,
    stored: 1,
    lastPostAt: null,
  },
  unread: 3,
  settings: { columns: 25 },
};
const queue: QueueReply = { posts: [], unread: 3 };
const page = { host: '127.0.0.1:4780', 'sec-fetch-site': 'same-origin' };

let folder = '';
let listeners: ((event: DeskEvent) => void)[] = [];
let asked: unknown[] = [];
let app = createServer({ ...fixture(), page: '/nowhere' });

function fixture() {
  const desk: Desk = {
    state: async () => state,
    queue: async (limit) => {
      asked.push(limit);
      return queue;
    },
    portfolio: async () => {
      throw new DeskError('data', 'there are no prices', 'Import some.');
    },
    judge: async (request) => ({ ...request, unread: 2 }),
    undo: async () => {
      throw new Error('the disk is on fire');
    },
    saveSettings: async (settings) => {
      if (settings.columns === 60) throw Object.assign(new Error('broken pipe'), { code: 'EPIPE' });
      return settings;
    },
    status: async () => {
      throw new DeskError('unreachable', 'the database is away');
    },
    isReady: async () => false,
    onEvent: (listener) => {
      listeners.push(listener);
      return () => {
        listeners = listeners.filter((each) => each !== listener);
      };
    },
  };
  return { desk, hosts: allowedHosts('127.0.0.1'), log: openLog(new PassThrough()) };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-page-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>desk</title>');
  listeners = [];
  asked = [];
  app = createServer({ ...fixture(), page: folder });
});

afterEach(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

test('answers with the state and with headers that keep others out', async () => {
  const reply = await app.inject({ url: '/api/state', headers: page });
  expect(reply.json()).toEqual(state);
  expect(reply.headers['content-security-policy']).toBe(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  );
  expect(reply.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
});

test('serves the page with the same headers', async () => {
  const reply = await app.inject({ url: '/', headers: page });
  expect(reply.body).toContain('<title>desk</title>');
  expect(reply.headers['content-security-policy']).toContain("default-src 'none'");
});

test('says how to build a page that is missing', async () => {
  const bare = createServer({ ...fixture(), page: join(folder, 'nowhere') });
  const reply = await bare.inject({ url: '/', headers: page });
  expect(reply.statusCode).toBe(503);
  expect(reply.body).toContain('npm run build');
  await bare.close();
});

test.each([
  { url: '/api/queue', limit: 50 },
  { url: '/api/queue?limit=7', limit: 7 },
])('asks the queue of $url for $limit posts', async ({ url, limit }) => {
  expect((await app.inject({ url, headers: page })).json()).toEqual(queue);
  expect(asked).toEqual([limit]);
});

const judgement = { postId: 'x:1', verdict: 'keep' };

test.each([
  { url: '/api/judgements', method: 'POST', body: judgement, answer: { ...judgement, unread: 2 } },
  { url: '/api/settings', method: 'PUT', body: { columns: 12 }, answer: { columns: 12 } },
] as const)('takes what $method $url sends', async ({ url, method, body, answer }) => {
  const reply = await app.inject({ url, method, headers: page, payload: body });
  expect(reply.statusCode).toBe(200);
  expect(reply.json()).toEqual(answer);
});

test.each([
  { url: '/api/judgements', method: 'POST', body: { ...judgement, verdict: 'maybe' } },
  { url: '/api/judgements', method: 'POST', body: { ...judgement, more: 1 } },
  { url: '/api/judgements', method: 'POST', body: { ...judgement, postId: { $ne: '' } } },
  { url: '/api/judgements/undo', method: 'POST', body: { all: true } },
  { url: '/api/settings', method: 'PUT', body: { columns: 11 } },
  { url: '/api/settings', method: 'PUT', body: { columns: 61 } },
  { url: '/api/settings', method: 'PUT', body: { columns: '25' } },
  { url: '/api/queue?limit=0', method: 'GET', body: undefined },
  { url: '/api/queue?limit=1001', method: 'GET', body: undefined },
  { url: '/api/queue?limit=x', method: 'GET', body: undefined },
] as const)('refuses $method $url with $body', async ({ url, method, body }) => {
  const payload = body === undefined ? {} : { payload: body };
  const reply = await app.inject({ url, method, headers: page, ...payload });
  expect(reply.statusCode).toBe(400);
  expect(reply.json()).toHaveProperty('error');
});

test.each([
  { url: '/api/portfolio', method: 'GET', status: 404, error: 'there are no prices' },
  { url: '/api/status', method: 'GET', status: 503, error: 'the database is away' },
  { url: '/api/judgements/undo', method: 'POST', status: 500, error: 'The desk could not answer.' },
  { url: '/api/nothing', method: 'GET', status: 404, error: 'There is nothing at /api/nothing.' },
] as const)('answers $status for $url', async ({ url, method, status, error }) => {
  const payload = method === 'POST' ? { payload: {} } : {};
  const reply = await app.inject({ url, method, headers: page, ...payload });
  expect(reply.statusCode).toBe(status);
  expect(reply.json()).toMatchObject({ error });
});

test('says that the database is away, not that something is broken', async () => {
  const payload = { columns: 60 };
  const reply = await app.inject({ url: '/api/settings', method: 'PUT', headers: page, payload });
  expect(reply.statusCode).toBe(503);
  expect(reply.json()).toMatchObject({ error: 'The database is away.' });
});

test('refuses a large body, broken JSON, and other sites', async () => {
  const post = (payload: string, headers: Record<string, string>) =>
    app.inject({
      url: '/api/judgements',
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      payload,
    });
  expect((await post(JSON.stringify({ x: 'y'.repeat(70_000) }), page)).statusCode).toBe(413);
  expect((await post('{', page)).statusCode).toBe(400);
  expect((await post('{}', { host: 'evil.example' })).statusCode).toBe(403);
});

test('is alive before it is ready', async () => {
  expect((await app.inject({ url: '/healthz', headers: page })).statusCode).toBe(200);
  expect((await app.inject({ url: '/readyz', headers: page })).statusCode).toBe(503);
});

test('sends events as they happen and closes while a page listens', async () => {
  const url = await listen(app, '127.0.0.1', 0);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  const seen = async (what: string) => {
    while (!text.includes(what)) {
      text += await new Promise<string>((resolve) =>
        socket.once('data', (part) => resolve(`${part}`)),
      );
    }
  };
  socket.write(`GET /api/events HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`);
  await seen('event: stream\n');
  expect(text).toContain('HTTP/1.1 200');
  expect(text).toContain('content-security-policy');
  expect(text).toContain('event: queue\ndata: {"unread":3,"arrived":0}\n\n');

  for (const listener of listeners) listener({ name: 'settings', data: { columns: 40 } });
  await seen('event: settings\ndata: {"columns":40}\n\n');

  const ended = new Promise((resolve) => socket.once('close', resolve));
  await app.close();
  await ended;
  expect(listeners).toEqual([]);
});

test('refuses an event stream to another site', async () => {
  const headers = { ...page, 'sec-fetch-site': 'cross-site' };
  expect((await app.inject({ url: '/api/events', headers })).statusCode).toBe(403);
});

test('names the port that is taken', async () => {
  const url = await listen(app, '127.0.0.1', 0);
  const port = Number(new URL(url).port);
  const second = createServer({ ...fixture(), page: folder });
  await expect(listen(second, '127.0.0.1', port)).rejects.toMatchObject({
    code: 'unreachable',
    message: `port ${port} is taken by another program`,
  });
  await second.close();
});

test.each(['0.0.0.0', '::', '192.168.1.2', 'desk.example'])('does not listen on %s', (host) => {
  expect(() => allowedHosts(host)).toThrow(DeskError);
});

import http from 'node:http';
import zlib from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { oauth1Header } from '../src/index.ts';
import { percentEncode } from '../src/oauth1.ts';
import { inventedAuth, type SimulatorOptions, StreamSimulator } from '../src/simulator/index.ts';
import { until } from './test-clock.ts';

type Field = readonly [string, string];

async function simulate(options: SimulatorOptions = {}): Promise<StreamSimulator> {
  const simulator = await StreamSimulator.start(options);
  onTestFinished(() => simulator.stop());
  return simulator;
}

/** What a client of another make would send; the header is signed unless given. */
async function ask(
  simulator: StreamSimulator,
  fields: readonly Field[] = [['track', 'ipad,iphone']],
  headers: Readonly<Record<string, string>> = {},
): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const request = http.request(simulator.url, {
    method: 'POST',
    agent: false,
    headers: {
      Authorization: signed(simulator, fields),
      'Content-Type': 'application/x-www-form-urlencoded',
      ...headers,
    },
  });
  request.on('error', reject).on('response', resolve);
  request.end(fields.map((field) => field.map(percentEncode).join('=')).join('&'));
  return promise;
}

function signed(
  simulator: StreamSimulator,
  parameters: readonly Field[],
  more: Partial<Parameters<typeof oauth1Header>[0]> = {},
): string {
  return oauth1Header({
    method: 'POST',
    url: simulator.url,
    parameters,
    credentials: inventedAuth,
    ...more,
  });
}

async function bodyOf(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    // A cut body: what came is what is asked for.
  }
  return Buffer.concat(chunks);
}

const track: Field = ['track', 'ipad'];

test.each<[string, (simulator: StreamSimulator) => string | undefined]>([
  ['no header', () => ''],
  ['a header that cannot be read', () => 'OAuth oauth_nonce="%"'],
  [
    'a wrong secret',
    (simulator) =>
      signed(simulator, [track], { credentials: { ...inventedAuth, consumerSecret: 'x' } }),
  ],
  ['another body', (simulator) => signed(simulator, [['track', 'ipod']])],
  ['another url', (simulator) => signed(simulator, [track], { url: `${simulator.url}?a=b` })],
  ['another method', (simulator) => signed(simulator, [track], { method: 'GET' })],
  [
    'an old timestamp',
    (simulator) => signed(simulator, [track], { timestamp: Math.floor(Date.now() / 1000) - 301 }),
  ],
  [
    'an unknown token',
    (simulator) => signed(simulator, [track], { credentials: { ...inventedAuth, token: 'x' } }),
  ],
])('refuses %s with 401', async (_what, header) => {
  const simulator = await simulate();
  const response = await ask(simulator, [track], { Authorization: header(simulator) ?? '' });
  response.resume();
  expect(response.statusCode).toBe(401);
  expect(simulator.connections).toBe(0);
});

test('refuses a nonce that was used', async () => {
  const simulator = await simulate();
  const headers = { Authorization: signed(simulator, [track]) };
  const statuses: (number | undefined)[] = [];
  for (let i = 0; i < 2; i++) {
    const response = await ask(simulator, [track], headers);
    statuses.push(response.statusCode);
    response.destroy();
  }
  expect(statuses).toStrictEqual([200, 401]);
});

test.each([
  ['406 without anything to track', [], 406],
  ['413 with 401 terms', [['track', Array(401).fill('a').join()] as const], 413],
])('answers %s', async (_what, fields, status) => {
  const simulator = await simulate();
  const response = await ask(simulator, fields);
  response.resume();
  expect(response.statusCode).toBe(status);
});

test('answers 404 elsewhere', async () => {
  const simulator = await simulate();
  expect((await fetch(`${simulator.origin}/elsewhere`)).status).toBe(404);
});

test('sends JSON lines of what is tracked', async () => {
  const simulator = await simulate();
  const response = await ask(simulator, [['track', 'ipad,coca cola']]);
  expect(response.headers['content-encoding']).toBeUndefined();
  await simulator.produce(400);
  simulator.end();
  const lines = (await bodyOf(response)).toString().split('\r\n');
  expect(lines.pop()).toBe('');
  const posts = lines.map((line) => JSON.parse(line)).filter((message) => 'id_str' in message);
  expect(posts.map(({ id_str }) => id_str)).toStrictEqual(simulator.sent.map(({ id }) => id));
  expect(posts.length).toBeGreaterThan(10);
  for (const post of posts) expect(JSON.stringify(post)).toMatch(/ipad|coca.*cola/is);
  const unwanted = simulator.produced.filter(({ wanted }) => !wanted);
  expect(unwanted.length).toBeGreaterThan(100);
});

test('follows users too', async () => {
  const simulator = await simulate();
  const everything = await ask(simulator, [['track', 'iphone,xbox']]);
  await simulator.produce(50);
  simulator.end();
  const [line = ''] = (await bodyOf(everything)).toString().split('\r\n');
  const user: string = JSON.parse(line).user.id_str;
  const response = await ask(simulator, [['follow', user]]);
  await simulator.produce(400);
  simulator.end();
  const users = (await bodyOf(response)).toString().match(/"user":\{"id":\d+,"id_str":"\d+"/g);
  expect(users?.some((each) => each.includes(user))).toBe(true);
});

test('compresses each message so that it can be read at once', async () => {
  const simulator = await simulate();
  const response = await ask(simulator, undefined, { 'Accept-Encoding': 'br, gzip' });
  expect(response.headers['content-encoding']).toBe('gzip');
  const gunzip = response.pipe(zlib.createGunzip());
  let text = '';
  gunzip.on('data', (chunk) => {
    text += chunk;
  });
  for (let i = 0; i < 5; i++) {
    simulator.sendLine(`line ${i}`);
    await until(() => text.endsWith(`line ${i}\r\n`));
  }
  response.destroy();
});

test('gives lengths in bytes when asked', async () => {
  const simulator = await simulate();
  const response = await ask(simulator, [track, ['delimited', 'length']]);
  simulator.sendLine('é');
  simulator.end();
  expect((await bodyOf(response)).toString()).toBe('4\r\né\r\n');
});

test('sends blank lines on an idle connection', async () => {
  const simulator = await simulate({ keepAlive: 1 });
  const response = await ask(simulator);
  let text = '';
  response.on('data', (chunk) => {
    text += chunk;
  });
  await until(() => text.length >= 4);
  expect(text.slice(0, 4)).toBe('\r\n\r\n');
  response.destroy();
});

test.each([0, 1, 100, 1234])('cuts the connection after %d bytes', async (bytes) => {
  const simulator = await simulate();
  simulator.cutAfter(bytes);
  const response = await ask(simulator);
  const body = bodyOf(response);
  await simulator.produce(30);
  expect(await body).toHaveLength(bytes);
});

test('counts a post as sent once its first byte is out, and others as missed', async () => {
  const told: string[] = [];
  const simulator = await simulate({ onSent: ({ id }) => told.push(id) });
  const response = await ask(simulator, [['track', 'iphone,ipad,xbox']]);
  simulator.cutAfter(5000);
  const body = bodyOf(response);
  await simulator.produce(100);
  await body;
  await until(() => simulator.connections === 0);
  await simulator.produce(10);
  const { produced, sent } = simulator;
  const wanted = produced.filter((each) => each.kind === 'post' && each.wanted);
  const begun = wanted.filter((each) => each.sent);
  expect(sent.map(({ id }) => id)).toStrictEqual(begun.map(({ id }) => id));
  expect(told).toStrictEqual(sent.map(({ id }) => id));
  expect(simulator.counts).toStrictEqual({
    produced: 110,
    sent: sent.length,
    missed: wanted.length - sent.length,
  });
  expect(sent.length).toBeGreaterThan(1);
  expect(simulator.counts.missed).toBeGreaterThan(10);
});

test('tells another process what it sent', async () => {
  const simulator = await simulate();
  const response = await ask(simulator);
  await simulator.produce(60);
  simulator.end();
  await bodyOf(response);
  const get = async (path: string) => (await fetch(simulator.origin + path)).json();
  expect(await get('/sent')).toStrictEqual({ sent: simulator.sent });
  expect(await get('/sent?after=3')).toStrictEqual({ sent: simulator.sent.slice(3) });
  expect(await get('/produced?after=58')).toStrictEqual({ produced: simulator.produced.slice(58) });
  expect(await get('/status')).toStrictEqual({ connections: 0, ...simulator.counts });
});

test('remembers no more than it is told to', async () => {
  const simulator = await simulate({ remember: 20 });
  await simulator.produce(100);
  expect(simulator.produced.length).toBeLessThanOrEqual(25);
  expect(simulator.produced.at(-1)?.n).toBe(100);
  expect(simulator.counts.produced).toBe(100);
});

test('keeps a pace, and rests', async () => {
  const simulator = await simulate({ postsPerSecond: 2000 });
  await until(() => simulator.counts.produced >= 20);
  simulator.pace(0);
  const { produced } = simulator.counts;
  await new Promise(setImmediate);
  expect(simulator.counts.produced).toBe(produced);
});

test('gives up on a client that does not read', async () => {
  const simulator = await simulate();
  const response = await ask(simulator, [['track', 'iphone,ipad,xbox,coke,$aapl,windows,azure']]);
  simulator.stall();
  await simulator.produce(20_000);
  simulator.resume();
  const lines = (await bodyOf(response)).toString().trimEnd().split('\r\n');
  expect(lines.length).toBeLessThan(10);
  expect(lines.at(-1)).toContain('"disconnect":{"code":4');
});

import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import zlib from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  openStream,
  type StreamMessage,
  StreamStoppedError,
  type TwitterV11Options,
  twitterV11,
} from '../src/index.ts';
import { inventedAuth, type SimulatorOptions, StreamSimulator } from '../src/simulator/index.ts';
import { SeededRandom } from '../src/simulator/seeded-random.ts';
import { serve } from './bare-server.ts';
import { TestClock, until } from './test-clock.ts';

const track = ['iphone', 'ipad', 'ipod', '$aapl'];

async function simulate(options: SimulatorOptions = {}): Promise<StreamSimulator> {
  const simulator = await StreamSimulator.start(options);
  onTestFinished(() => simulator.stop());
  return simulator;
}

function sourceOf({ url }: { url: string }, options: Partial<TwitterV11Options> = {}) {
  return twitterV11({ url, track, auth: inventedAuth, ...options });
}

/** The messages up to the first for which `last` holds, that one included. */
async function collect(
  stream: AsyncIterable<StreamMessage>,
  last: (message: StreamMessage) => boolean,
): Promise<StreamMessage[]> {
  const messages: StreamMessage[] = [];
  for await (const message of stream) {
    messages.push(message);
    if (last(message)) break;
  }
  return messages;
}

const isReconnecting = ({ kind }: StreamMessage): boolean => kind === 'reconnecting';
const idsOf = (messages: readonly StreamMessage[]): string[] =>
  messages.flatMap((message) => (message.kind === 'post' ? [message.post.id] : []));
const kindsOf = (messages: readonly StreamMessage[]): string[] => messages.map(({ kind }) => kind);

const line = (n: number): string => `{"n":${n},"text":"é☃😀 ${'abc '.repeat(50)}"}\r\n`;
const manyLines = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, n) => line(n)).join(''));

test('brings every post that the simulator sent, in order', async () => {
  const simulator = await simulate();
  const stream = openStream(sourceOf(simulator));
  const first = await stream.next();
  expect(first.value).toMatchObject({ kind: 'connected' });
  await simulator.produce(300);
  simulator.end();
  const messages = await collect(stream, isReconnecting);
  expect(idsOf(messages)).toStrictEqual(simulator.sent.map(({ id }) => id));
  expect(idsOf(messages).length).toBeGreaterThan(50);
  expect(kindsOf(messages)).toContain('delete');
});

test.each(['gzip', 'deflate', 'br', 'identity'])(
  'reads a body in %s, cut anywhere, and keeps all that came whole',
  async (encoding) => {
    const plain = manyLines(40);
    const whole =
      encoding === 'gzip'
        ? zlib.gzipSync(plain)
        : encoding === 'deflate'
          ? zlib.deflateSync(plain)
          : encoding === 'br'
            ? zlib.brotliCompressSync(plain)
            : plain;
    const headers = encoding === 'identity' ? {} : { 'Content-Encoding': encoding };
    let accepted: string | undefined;
    let cut = 0;
    await using server = await serve((response, request) => {
      accepted = request.headers['accept-encoding'];
      response.writeHead(200, headers);
      response.write(whole.subarray(0, cut), () => response.socket?.destroy());
    });
    for (cut of [whole.length, whole.length - 1, Math.floor(whole.length / 2)]) {
      const messages = await collect(openStream(sourceOf(server)), isReconnecting);
      const texts = messages.flatMap((each) => (each.kind === 'unknown' ? [each.text] : []));
      const due = plain.toString().split('\r\n').slice(0, texts.length);
      expect(texts).toStrictEqual(due);
      if (cut === whole.length) expect(texts).toHaveLength(40);
      expect(messages.at(-1)).toMatchObject({ failure: { cause: 'dropped' }, delay: 0 });
    }
    expect(accepted).toBe('gzip, deflate, br');
  },
);

test('takes bytes that are no gzip for a lost connection', async () => {
  await using server = await serve((response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip' }).write('not gzip');
  });
  const messages = await collect(openStream(sourceOf(server)), isReconnecting);
  expect(kindsOf(messages)).toStrictEqual(['connected', 'reconnecting']);
});

test('will not read an encoding that it did not ask for', async () => {
  await using server = await serve((response) => {
    response.writeHead(200, { 'Content-Encoding': 'zebra' }).write('stripes');
  });
  const [message] = await collect(openStream(sourceOf(server)), () => true);
  expect(message).toMatchObject({ failure: { cause: 'network', code: 'UNACCEPTABLE_ENCODING' } });
});

test('puts messages together from pieces of any size', async () => {
  const simulator = await simulate();
  simulator.split([1, 7, 2, 300]);
  const stream = openStream(sourceOf(simulator));
  await stream.next();
  await simulator.produce(20);
  simulator.end();
  const messages = await collect(stream, isReconnecting);
  expect(idsOf(messages)).toStrictEqual(simulator.sent.map(({ id }) => id));
});

test('tolerates what it does not know, and says so', async () => {
  const simulator = await simulate();
  const stream = openStream(sourceOf(simulator));
  await stream.next();
  for (const odd of ['rubbish', '', '{"friends":[]}', '{"a":"\n"}']) simulator.sendLine(odd);
  simulator.sendLine(JSON.stringify({ warning: { code: 'FALLING_BEHIND', message: 'hurry' } }));
  simulator.end();
  expect(await collect(stream, isReconnecting)).toMatchObject([
    { kind: 'unknown', text: 'rubbish' },
    { kind: 'unknown', text: '{"friends":[]}' },
    { kind: 'unknown', text: '{"a":"\n"}' },
    { kind: 'warning', code: 'FALLING_BEHIND' },
    { kind: 'reconnecting' },
  ]);
});

test('reports a message that is too long as a gap and goes on', async () => {
  const simulator = await simulate();
  const stream = openStream(sourceOf(simulator));
  await stream.next();
  simulator.sendLine(`{"a":"${'x'.repeat(2 ** 21)}"}`);
  simulator.sendLine('{"b":1}');
  simulator.end();
  const messages = await collect(stream, isReconnecting);
  expect(messages).toMatchObject([
    { kind: 'gap', reason: 'oversized' },
    { kind: 'unknown', text: '{"b":1}' },
    { kind: 'reconnecting' },
  ]);
});

describe('a lost connection', () => {
  test('is made again at once, and the gap between is reported', async () => {
    const clock = new TestClock();
    const simulator = await simulate({ now: clock.now });
    const stream = openStream(sourceOf(simulator), { clock });
    const from = clock.now();
    await stream.next();
    await simulator.produce(30);
    simulator.end();
    const before = idsOf(await collectUntil(stream, isReconnecting));
    await simulator.produce(30);
    const [connected, gap] = [await next(stream), await next(stream)];
    expect(connected.kind).toBe('connected');
    expect(gap).toMatchObject({ kind: 'gap', reason: 'dropped', lastId: before.at(-1) });
    if (gap.kind !== 'gap') return;
    expect(gap.from.getTime()).toBeGreaterThanOrEqual(from);
    const missed = simulator.produced.filter(({ sent, wanted }) => wanted && !sent);
    expect(missed.length).toBeGreaterThan(0);
    for (const { at } of missed) {
      expect(at).toBeGreaterThanOrEqual(gap.from.getTime());
      expect(at).toBeLessThanOrEqual(gap.to.getTime());
    }
    expect(clock.slept).toStrictEqual([]);
  });

  test('is not made again in a tight loop while no message comes', async () => {
    const clock = new TestClock();
    let connections = 0;
    await using server = await serve((response) => {
      connections += 1;
      response.writeHead(200).end();
    });
    await collect(openStream(sourceOf(server), { clock }), () => connections === 6);
    expect(clock.slept).toStrictEqual([250, 500, 750, 1000]);
  });

  test('costs no more than the first one after a message came', async () => {
    const clock = new TestClock();
    const simulator = await simulate({ now: clock.now });
    const stream = openStream(sourceOf(simulator), { clock });
    for (let i = 0; i < 2; i++) {
      simulator.refuse({ status: 503 });
      await collectUntil(stream, ({ kind }) => kind === 'connected');
      await simulator.produce(30);
      simulator.end();
      await collectUntil(stream, isReconnecting);
    }
    expect(clock.slept).toStrictEqual([5000, 5000]);
    await stream.return();
  });

  test('is taken for lost when nothing comes for the time of three keep-alives', async () => {
    const clock = new TestClock();
    const simulator = await simulate({ now: clock.now });
    const stream = openStream(sourceOf(simulator), { clock });
    await stream.next();
    simulator.stall();
    const silent = next(stream);
    await until(() => clock.watches === 1);
    clock.expire();
    expect(await silent).toMatchObject({ failure: { cause: 'stalled' }, delay: 0 });
    await until(() => simulator.connections === 0);
    simulator.resume();
    expect(await next(stream)).toMatchObject({ kind: 'connected' });
    expect(await next(stream)).toMatchObject({ kind: 'gap', reason: 'stalled' });
    await stream.return();
  });

  test('is a network error when there is nobody', async () => {
    const clock = new TestClock();
    const simulator = await simulate();
    const source = sourceOf(simulator);
    await simulator.stop();
    const messages = await collect(openStream(source, { clock }), () => clock.slept.length === 3);
    expect(messages[0]).toMatchObject({ failure: { cause: 'network', code: 'ECONNREFUSED' } });
    expect(clock.slept).toStrictEqual([250, 500, 750]);
  });

  test('is a network error when no answer comes', async () => {
    const clock = new TestClock();
    let requests = 0;
    await using server = await serve(() => {
      requests += 1;
    });
    const stream = openStream(sourceOf(server), { clock });
    const silent = next(stream);
    await until(() => requests === 1);
    clock.expire();
    expect(await silent).toMatchObject({ failure: { cause: 'network', code: 'ETIMEDOUT' } });
    await stream.return();
  });
});

describe('a refusal', () => {
  test.each([
    ['420', { status: 420 }, 60_000],
    ['429 with Retry-After', { status: 429, headers: { 'Retry-After': '7' } }, 7000],
    ['503', { status: 503 }, 5000],
    ['503 with Retry-After', { status: 503, headers: { 'retry-after': '120' } }, 120_000],
    ['a useless Retry-After', { status: 429, headers: { 'retry-after': '0' } }, 60_000],
  ])('by %s is waited out', async (_what, refusal, wait) => {
    const clock = new TestClock();
    const simulator = await simulate({ now: clock.now });
    simulator.refuse(refusal);
    const stream = openStream(sourceOf(simulator), { clock });
    const messages = await collect(stream, ({ kind }) => kind === 'connected');
    expect(messages).toMatchObject([
      { kind: 'reconnecting', delay: wait, failure: { cause: 'http', status: refusal.status } },
      { kind: 'connected' },
    ]);
    expect(clock.slept).toStrictEqual([wait]);
  });

  test.each([
    ['x-rate-limit-reset', (now: number) => String(Math.ceil(now / 1000) + 100)],
    ['retry-after', (now: number) => new Date(now + 100_000).toUTCString()],
  ])('by 429 is waited out until the time that %s names', async (header, value) => {
    const clock = new TestClock();
    const simulator = await simulate({ now: clock.now });
    simulator.refuse({ status: 429, headers: { [header]: value(clock.now()) } });
    const stream = openStream(sourceOf(simulator), { clock });
    await collect(stream, ({ kind }) => kind === 'connected');
    expect(clock.slept).toHaveLength(1);
    expect(clock.slept[0]).toBeGreaterThan(90_000);
    expect(clock.slept[0]).toBeLessThanOrEqual(101_000);
  });

  test('for good ends the iteration with an error that says what to mend', async () => {
    const simulator = await simulate();
    const auth = { ...inventedAuth, tokenSecret: 'a wrong secret' };
    const stream = openStream(sourceOf(simulator, { auth }));
    const refusal: unknown = await stream.next().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StreamStoppedError);
    expect(refusal).toMatchObject({ code: 'refused', status: 401 });
    expect(String(refusal)).toContain('check the four credentials');
  });

  test.each([6, 7])('by disconnect code %d ends it too, after the gap', async (code) => {
    const simulator = await simulate();
    const stream = openStream(sourceOf(simulator));
    await stream.next();
    simulator.disconnect(code);
    expect(await next(stream)).toMatchObject({ kind: 'disconnect', code });
    expect(await next(stream)).toMatchObject({ kind: 'gap', reason: 'disconnect' });
    await expect(stream.next()).rejects.toMatchObject({
      code: 'disconnected',
      disconnectCode: code,
    });
  });
});

describe('a second connection of the same credentials', () => {
  test('ends the first, which does not fight back', async () => {
    const clock = new TestClock();
    const simulator = await simulate({ now: clock.now });
    const first = openStream(sourceOf(simulator), { clock });
    await first.next();
    const second = openStream(sourceOf(simulator));
    await second.next();
    expect(await next(first)).toMatchObject({ kind: 'disconnect', code: 2 });
    expect(await next(first)).toMatchObject({ kind: 'reconnecting', delay: 60_000 });
    await Promise.all([first.return(), second.return()]);
  });

  test.each([
    ['status' as const, { cause: 'http', status: 420 }],
    ['text' as const, { cause: 'connection-limit' }],
  ])('waits a minute when it is refused by %s', async (secondConnection, failure) => {
    const simulator = await simulate({ secondConnection });
    const first = openStream(sourceOf(simulator));
    await first.next();
    const second = await collect(openStream(sourceOf(simulator)), isReconnecting);
    expect(second.at(-1)).toMatchObject({ delay: 60_000, failure });
    await first.return();
  });
});

test('reports what a limit holds back, and counts anew on each connection', async () => {
  const simulator = await simulate();
  const stream = openStream(sourceOf(simulator));
  const missed: (number | undefined)[] = [];
  for (const totals of [[5, 5, 12], [3]]) {
    await collectUntil(stream, ({ kind }) => kind === 'connected');
    for (const total of totals) simulator.sendLine(`{"limit":{"track":${total}}}`);
    simulator.end();
    for (const message of await collectUntil(stream, isReconnecting)) {
      if (message.kind === 'gap' && message.reason === 'limit') missed.push(message.missed);
    }
  }
  expect(missed).toStrictEqual([5, 7, 3]);
  await stream.return();
});

test('reports the time since the cursor as a gap', async () => {
  const simulator = await simulate();
  const cursor = { id: '17', createdAt: new Date(Date.now() - 60_000) };
  const messages = await collect(
    openStream(sourceOf(simulator), { cursor }),
    ({ kind }) => kind === 'gap',
  );
  expect(messages).toMatchObject([
    { kind: 'connected' },
    { kind: 'gap', reason: 'cursor', from: cursor.createdAt, lastId: '17' },
  ]);
});

describe('a slow reader', () => {
  test('slows the service down, and is not taken for a stall', async () => {
    const clock = new TestClock();
    const block = manyLines(2000);
    const offered = 256 * 1024 * 1024;
    let written = 0;
    let blocked = 0;
    const pour = (response: ServerResponse): void => {
      while (written < offered) {
        written += block.length;
        if (!response.write(block)) {
          blocked += 1;
          response.once('drain', () => {
            blocked -= 1;
            pour(response);
          });
          return;
        }
      }
    };
    await using server = await serve((response) => pour(response.writeHead(200)));
    const stream = openStream(sourceOf(server), { clock });
    await stream.next();
    await stream.next();
    const before = process.memoryUsage().arrayBuffers;
    for (let idle = 0; idle < 2000; idle = blocked === 1 ? idle + 1 : 0) await turn();
    expect(written).toBeLessThan(offered / 8);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    expect(clock.watches).toBe(0);
    const stopped = written;
    while (written === stopped) await stream.next();
    await stream.return();
  });

  test.each(['gzip', 'identity'])(
    'has all that came in %s before the connection was cut while it was busy',
    async (encoding) => {
      const random = new SeededRandom(1);
      const lines = Array.from({ length: 800 }, (_, n) => {
        const noise = Array.from({ length: 40 }, () => random.next().toString(36).slice(2));
        return `{"n":${n},"noise":"${noise.join('')}"}\r\n`;
      });
      const plain = Buffer.from(lines.join(''));
      // More than the decoder takes at once, and little enough to be under way as a whole.
      const body = (encoding === 'gzip' ? zlib.gzipSync(plain) : plain).subarray(0, 200_000);
      const whole = zlib.gunzipSync(encoding === 'gzip' ? body : zlib.gzipSync(body), {
        finishFlush: zlib.constants.Z_SYNC_FLUSH,
      });
      let closed = false;
      await using server = await serve((response) => {
        response.writeHead(200, { 'Content-Encoding': encoding });
        response.on('close', () => {
          closed = true;
        });
        response.write(body, () => response.socket?.destroy());
      });
      const texts: string[] = [];
      for await (const message of openStream(sourceOf(server))) {
        if (message.kind === 'reconnecting') break;
        if (message.kind !== 'unknown') continue;
        texts.push(message.text);
        if (texts.length > 1) continue;
        await until(() => closed);
        for (let i = 0; i < 100; i++) await turn();
      }
      expect(texts.length).toBeGreaterThan(300);
      expect(texts).toStrictEqual(whole.toString().split('\r\n').slice(0, -1));
    },
  );
});

describe('the end', () => {
  test('comes at once, without an error, when the signal aborts', async () => {
    const simulator = await simulate();
    for (const moment of ['while waiting for a message', 'with a message in hand']) {
      const stop = new AbortController();
      const stream = openStream(sourceOf(simulator), { signal: stop.signal });
      await stream.next();
      if (moment === 'with a message in hand') {
        await simulator.produce(40);
        await stream.next();
      }
      const pending = stream.next();
      stop.abort();
      let last = await pending;
      if (last.done !== true) last = await stream.next();
      expect(last).toStrictEqual({ done: true, value: undefined });
      await until(() => simulator.connections === 0);
    }
  });

  test('comes at once while it waits to reconnect', async () => {
    const simulator = await simulate();
    simulator.refuse({ status: 420 });
    const stop = new AbortController();
    const stream = openStream(sourceOf(simulator), { signal: stop.signal });
    expect(await next(stream)).toMatchObject({ delay: 60_000 });
    const pending = stream.next();
    await turn();
    stop.abort();
    expect(await pending).toStrictEqual({ done: true, value: undefined });
  });

  test('is there from the start when the signal was aborted before', async () => {
    const simulator = await simulate();
    const stream = openStream(sourceOf(simulator), { signal: AbortSignal.abort() });
    expect(await stream.next()).toStrictEqual({ done: true, value: undefined });
    expect(simulator.connections).toBe(0);
  });

  test('leaves no socket, timer or listener behind', async () => {
    const simulator = await simulate();
    const clock = new TestClock();
    const sockets = openSockets();
    const stop = new AbortController();
    for (let i = 0; i < 5; i++) {
      const stream = openStream(sourceOf(simulator), { signal: stop.signal, clock });
      await stream.next();
      await simulator.produce(20);
      await stream.next();
      await stream.return();
    }
    await until(() => openSockets() === sockets);
    expect(clock.watches).toBe(0);
    expect(getEventListeners(stop.signal, 'abort')).toStrictEqual([]);
  });

  test('comes with an exception in the loop, and closes the connection', async () => {
    const simulator = await simulate();
    const run = async (): Promise<void> => {
      for await (const message of openStream(sourceOf(simulator))) {
        if (message.kind === 'connected') await simulator.produce(20);
        if (message.kind === 'post') throw new RangeError('mine');
      }
    };
    await expect(run()).rejects.toThrow('mine');
    await until(() => simulator.connections === 0);
  });
});

describe('secrets', () => {
  const secrets = Object.values(inventedAuth);

  test('are in no message, error or inspection', async () => {
    const simulator = await simulate();
    const source = sourceOf(simulator);
    simulator.refuse({ status: 503 });
    simulator.refuse({ status: 403 });
    const seen: unknown[] = [source, JSON.stringify(source)];
    try {
      for await (const message of openStream(source, { clock: new TestClock() }))
        seen.push(message);
    } catch (error) {
      seen.push(error, String(error));
    }
    const text = inspect(seen, { depth: Infinity, showHidden: true });
    expect(text).toContain('403');
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toContain('oauth_signature');
  });
});

describe('refuses', () => {
  test.each<[string, Partial<TwitterV11Options>]>([
    ['nothing to listen to', { track: [] }],
    ['a blank term', { track: [' '] }],
    ['a comma in a term', { track: ['a,b'] }],
    ['a missing secret', { auth: { ...inventedAuth, tokenSecret: '' } }],
    ['a line break in a header', { userAgent: 'a\nb' }],
    ['another protocol', { url: 'ftp://example.org/' }],
    ['a password in the url', { url: 'http://:secret@example.org/' }],
  ])('%s', (_what, options) => {
    expect(() => sourceOf({ url: 'http://example.org/' }, options)).toThrow(TypeError);
  });

  test.each<[string, Partial<TwitterV11Options>]>([
    ['401 terms', { track: Array<string>(401).fill('a') }],
    ['5001 users', { follow: Array<string>(5001).fill('1') }],
    ['no patience', { stallTimeout: 0 }],
    ['more patience than a timer has', { stallTimeout: 2 ** 31 }],
  ])('%s', (_what, options) => {
    expect(() => sourceOf({ url: 'http://example.org/' }, options)).toThrow(RangeError);
  });

  test('what is no source', () => {
    expect(() => openStream(undefined as never)).toThrow('twitterV11');
  });
});

async function next(stream: AsyncGenerator<StreamMessage, void>): Promise<StreamMessage> {
  const { value } = await stream.next();
  if (value === undefined) throw new Error('the stream has ended');
  return value;
}

/** As `collect`, but leaves the stream open. */
async function collectUntil(
  stream: AsyncGenerator<StreamMessage, void>,
  last: (message: StreamMessage) => boolean,
): Promise<StreamMessage[]> {
  const messages: StreamMessage[] = [];
  do messages.push(await next(stream));
  while (!last(messages.at(-1) as StreamMessage));
  return messages;
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

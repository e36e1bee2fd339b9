import { PassThrough } from 'node:stream';
import { LockerRoom } from '@holdfast/locker-room';
import type { Post, StreamMessage } from '@holdfast/post-stream';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Ingestor, type OpenSource } from '../src/ingest/ingestor.ts';
import { openLog } from '../src/log.ts';
import { demoPortfolio } from '../src/portfolio/demo-portfolio.ts';
import { termMatcher } from '../src/posts/term.ts';
import { readSourceStatus } from '../src/store/source-status.ts';
import type { Store } from '../src/store/store.ts';
import { demoRanking, openStoreHouse, type StoreHouse, start } from './store-house.ts';

let house: StoreHouse;
let store: Store;
let lockers: LockerRoom;

beforeAll(async () => {
  house = await openStoreHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  store = await house.fresh();
  lockers = new LockerRoom({
    client: house.client,
    database: store.db.databaseName,
    collection: 'locks',
  });
});

/** A source whose messages the test sends one by one. */
class Wire {
  readonly opened: Parameters<OpenSource>[0][] = [];
  #queue: StreamMessage[] = [];
  #wake: () => void = () => undefined;

  send(...messages: StreamMessage[]): void {
    this.#queue.push(...messages);
    this.#wake();
  }

  readonly open: OpenSource = (options) => {
    this.opened.push(options);
    return this.#read(options.signal);
  };

  async *#read(signal: AbortSignal): AsyncGenerator<StreamMessage> {
    while (!signal.aborted) {
      const next = this.#queue.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}

const said = (id: number, text = 'my iPhone'): StreamMessage => ({
  kind: 'post',
  post: made(id, text),
});
const made = (id: number, text: string): Post => ({
  id: String(id),
  author: { name: 'Ann Example', handle: 'ann' },
  text,
  lang: 'en',
  createdAt: new Date(start.getTime() + id * 1000),
  raw: {},
});
const withdrawn = (id: number): StreamMessage => ({ kind: 'delete', id: String(id) });

function ingestor(wire: Wire, room = lockers): Ingestor {
  return new Ingestor({
    source: 'x',
    open: wire.open,
    store,
    lockers: room,
    log: openLog(new PassThrough(), { HOLDFAST_LOG: 'fatal' }),
    match: termMatcher(demoPortfolio),
    ranking: () => demoRanking,
    onChange: () => undefined,
    onStored: () => undefined,
  });
}

const texts = async () => {
  const posts = await store.posts.find().sort({ _id: 1 }).toArray();
  return posts.map(({ _id, text }) => `${_id} ${text ?? '(deleted)'}`);
};
const counts = async () => {
  const { received, stored, duplicates, deleted } = await readSourceStatus(store, lockers, 'x', {
    status: 'ingesting',
    note: '',
  });
  return { received, stored, duplicates, deleted };
};
const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

test('stores each post once, with what it speaks of and its score', async () => {
  const wire = new Wire();
  const reader = ingestor(wire);
  reader.start();
  wire.send(said(1), said(2, 'a Coke and $MSFT'), said(1), said(3, 'hello'));
  await until(async () => expect((await counts()).received).toBe(4));
  wire.send(said(2), said(4));
  await until(async () => expect((await counts()).received).toBe(6));
  await reader.stop();

  expect(await counts()).toEqual({ received: 6, stored: 4, duplicates: 2, deleted: 0 });
  const two = await store.posts.findOne({ _id: 'x:2' });
  expect(two).toMatchObject({
    source: 'x',
    author: { name: 'Ann Example', handle: 'ann' },
    queued: true,
    verdict: null,
    symbols: [
      { symbol: 'MSFT', term: '$MSFT' },
      { symbol: 'KO', term: 'coke' },
    ],
    ranking: demoRanking.version,
    fence: 1,
  });
  expect(wire.opened).toHaveLength(1);
  expect(wire.opened[0]?.cursor).toBeUndefined();
});

test('the text of a deleted post is gone, whichever came first', async () => {
  const wire = new Wire();
  const reader = ingestor(wire);
  reader.start();
  wire.send(said(1), said(2), withdrawn(3));
  await until(async () => expect((await counts()).received).toBe(2));
  wire.send(withdrawn(1), said(3), said(4), withdrawn(4), withdrawn(5), said(5));
  await until(async () => expect((await counts()).received).toBe(5));
  await reader.stop();

  expect(await texts()).toEqual([
    'x:1 (deleted)',
    'x:2 my iPhone',
    'x:3 (deleted)',
    'x:4 (deleted)',
    'x:5 (deleted)',
  ]);
  expect(await store.posts.countDocuments({ queued: true })).toBe(1);
  expect(await store.posts.countDocuments({ author: { $exists: true } })).toBe(1);
  expect(await counts()).toEqual({ received: 5, stored: 2, duplicates: 1, deleted: 4 });
});

test('a post withheld everywhere is deleted; one withheld elsewhere stays', async () => {
  const wire = new Wire();
  const reader = ingestor(wire);
  reader.start();
  const withheld = (id: string, countries: string[]): StreamMessage => ({
    kind: 'withheld',
    id,
    userId: '7',
    countries,
  });
  wire.send(said(1), said(2), withheld('1', ['XX']), withheld('2', ['DE']), said(3));
  await until(async () => expect((await counts()).received).toBe(3));
  await reader.stop();
  expect(await texts()).toEqual(['x:1 (deleted)', 'x:2 my iPhone', 'x:3 my iPhone']);
});

test('writes what has arrived before it stops, and goes on where it stopped', async () => {
  const first = new Wire();
  const reader = ingestor(first);
  reader.start();
  await until(async () => expect(first.opened).toHaveLength(1));
  first.send(said(1), said(2));
  await until(async () => expect((await counts()).received).toBe(2));
  await reader.stop();
  expect((await lockers.status('ingest:x')).locked).toBe(false);

  const second = new Wire();
  const next = ingestor(second);
  next.start();
  const gap = {
    kind: 'gap',
    from: new Date(start.getTime() + 2000),
    to: new Date(start.getTime() + 9000),
    reason: 'cursor',
  } as const;
  second.send(gap, said(9));
  await until(async () => expect((await counts()).received).toBe(3));
  await next.stop();
  expect(second.opened[0]?.cursor).toEqual({
    id: '2',
    createdAt: new Date(start.getTime() + 2000),
  });
  expect(await store.gaps.find().toArray()).toMatchObject([
    { source: 'x', from: gap.from, to: gap.to, reason: 'cursor', missed: null },
  ]);
});

test('counts what a killed holder stored and did not count', async () => {
  const first = new Wire();
  const reader = ingestor(first);
  reader.start();
  first.send(said(1), said(2));
  await until(async () => expect((await counts()).received).toBe(2));
  await reader.stop();
  const cursor = await store.cursors.findOne({ _id: 'x' });
  const receivedAt = new Date((cursor?.at.getTime() ?? 0) + 1);
  const known = await store.posts.findOne({ _id: 'x:2' });
  if (known !== null) await store.posts.insertOne({ ...known, _id: 'x:3', receivedAt });

  const second = new Wire();
  const next = ingestor(second);
  next.start();
  second.send(said(3), said(4));
  await until(async () => expect((await counts()).received).toBe(5));
  await next.stop();
  expect(await counts()).toEqual({ received: 5, stored: 4, duplicates: 1, deleted: 0 });
  expect(second.opened[0]?.cursor?.id).toBe('2');
});

test('one reads while the other stands by and takes over with a higher token', async () => {
  const [first, second] = [new Wire(), new Wire()];
  const holder = ingestor(first);
  const standby = ingestor(
    second,
    new LockerRoom({
      client: house.client,
      database: store.db.databaseName,
      collection: 'locks',
    }),
  );
  holder.start();
  await until(async () => expect(first.opened).toHaveLength(1));
  standby.start();
  await until(async () => expect(standby.state.status).toBe('standby'));
  first.send(said(1));
  await until(async () => expect((await counts()).received).toBe(1));
  expect(second.opened).toHaveLength(0);

  await holder.stop();
  second.send(said(2));
  await until(async () => expect((await counts()).received).toBe(2));
  expect((await store.posts.findOne({ _id: 'x:1' }))?.fence).toBe(1);
  expect((await store.posts.findOne({ _id: 'x:2' }))?.fence).toBe(2);
  await standby.stop();
});

test('a holder whose lock went to another writes no more', async () => {
  const [first, second] = [new Wire(), new Wire()];
  const paused = ingestor(first);
  paused.start();
  first.send(said(1));
  await until(async () => expect((await counts()).received).toBe(1));
  // As after a long pause: the lease has ended, and somebody else was granted the lock.
  await store.db.collection('locks').updateOne({}, { $set: { holders: [] } });
  const other = ingestor(second);
  other.start();
  second.send(said(2));
  await until(async () => expect((await counts()).received).toBe(2));
  first.send(said(3));
  await until(async () => expect(paused.state.status).toBe('standby'));
  expect(await texts()).toEqual(['x:1 my iPhone', 'x:2 my iPhone']);

  // What it could not write is not forgotten: it writes it when it is its turn again.
  await other.stop();
  await until(async () => expect(await texts()).toContain('x:3 my iPhone'));
  await paused.stop();
});

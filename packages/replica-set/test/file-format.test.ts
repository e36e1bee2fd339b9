import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeDocument } from '../src/bson-encoder.ts';
import { Catalog } from '../src/catalog.ts';
import { DatabaseFile } from '../src/database-file.ts';
import { ReplicaSet } from '../src/index.ts';
import { readMembership } from '../src/membership.ts';
import { ReplicaLog } from '../src/replica-log.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replica-set-format-'));
  path = join(folder, 'member-0.sqlite');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A stopped set of one with `count` documents of a kilobyte. */
async function makeSet(count: number): Promise<void> {
  const rs = await ReplicaSet.start({ dataDir: folder });
  const client = new MongoClient(rs.uri);
  const text = 'x'.repeat(1000);
  await client
    .db('db')
    .collection('things')
    .insertMany(Array.from({ length: count }, (_, n) => ({ n, text })));
  await client.close();
  await rs.stop();
}

function change(sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

test.each<{ what: string; code: string; says: string; make: () => Promise<void> }>([
  {
    what: 'garbage',
    code: 'data-damaged',
    says: 'is damaged',
    make: async () => writeFileSync(path, 'this is no database'.repeat(1000)),
  },
  {
    what: 'a file that was cut off',
    code: 'data-damaged',
    says: 'is damaged',
    async make() {
      await makeSet(200);
      truncateSync(path, statSync(path).size / 2);
    },
  },
  {
    what: 'an empty file with a WAL',
    code: 'data-damaged',
    says: 'is empty',
    async make() {
      writeFileSync(path, '');
      writeFileSync(`${path}-wal`, 'something');
    },
  },
  {
    what: 'a database of another program',
    code: 'data-damaged',
    says: 'another program',
    make: async () => change('create table people (name text); insert into people values (1)'),
  },
  {
    what: 'a newer format',
    code: 'data-newer',
    says: 'has format 99',
    async make() {
      await makeSet(1);
      change('pragma user_version = 99');
    },
  },
  {
    what: 'a directory',
    code: 'data-unreadable',
    says: 'is not a file',
    make: async () => mkdirSync(path),
  },
])('$what is refused by name and left as it is', async ({ code, says, make }) => {
  await make();
  const isFile = statSync(path).isFile();
  const before = isFile ? readFileSync(path) : undefined;
  const message = expect.stringContaining(says);
  await expect(ReplicaSet.start({ dataDir: folder })).rejects.toMatchObject({ code, message });
  await expect(ReplicaSet.start({ dataDir: folder })).rejects.toThrow(path);
  if (before !== undefined) expect(readFileSync(path).equals(before)).toBe(true);
});

/** How many bytes a number of SQLite's takes: all but the last have the highest bit set. */
function varintBytes(bytes: Buffer, at: number): number {
  let count = 1;
  while ((bytes[at + count - 1] ?? 0) >= 0x80) count += 1;
  return count;
}

test('damage that is met later stops the member with a message', async () => {
  await makeSet(2000);
  const bytes = readFileSync(path);
  const pages = Array.from({ length: bytes.length / 4096 }, (_, page) => page * 4096);
  // Leaves of a table (13) whose first row has a number of five bytes or more: documents.
  const leaves = pages.filter((at) => {
    if (bytes[at] !== 13) return false;
    const cell = at + bytes.readUInt16BE(at + 8);
    const row = cell + varintBytes(bytes, cell);
    return varintBytes(bytes, row) >= 5;
  });
  const middle = leaves[leaves.length >> 1] ?? 0;
  writeFileSync(path, bytes.fill(0xee, middle, middle + 100));
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  const rs = await ReplicaSet.start({ dataDir: folder });
  const client = new MongoClient(rs.uri, { retryReads: false });
  const [member] = rs.members;
  await expect(client.db('db').collection('things').find().toArray()).rejects.toThrow();
  await expect.poll(() => rs.members[0]?.role).toBe('down');
  expect(member?.failure).toBeUndefined();
  expect(rs.members[0]?.failure).toMatchObject({ code: 'data-damaged' });
  expect(rs.members[0]?.failure?.message).toContain(path);
  await expect.poll(() => warnings.map(String)).toContainEqual(expect.stringContaining(path));
  process.off('warning', listen);
  await client.close();
  await rs.stop();
});

test('a file of the first format is brought to this one', () => {
  change(`
    create table facts (name text primary key, value text not null) strict;
    create table collections (id integer primary key autoincrement, namespace text not null,
      uuid blob not null, options blob not null, dropped_at integer) strict;
    create table indexes (id integer primary key autoincrement, collection integer not null,
      spec blob not null, multikey integer not null default 0) strict;
    create table documents (collection integer not null, record integer not null,
      document blob not null, primary key (collection, record)) strict, without rowid;
    create table entries ("index" integer not null, key blob not null, record integer not null,
      primary key ("index", key, record)) strict, without rowid;
    create table log (position integer primary key, term integer not null, seconds integer not null,
      increment integer not null, kind text not null, namespace text not null, payload blob not null,
      undo blob not null, session blob, txn integer, statement integer, result blob) strict;
    create index log_by_session on log (session, txn, statement) where session is not null;
    insert into facts values ('ballot', '{"term":3,"votedFor":0}');
    insert into collections values (7, 'db.things', x'00', x'0500000000', null);
    insert into documents values (7, 1, x'0500000000'), (7, 9, x'0500000000');
    insert into log values (1, 3, 5, 1, 'noop', '', x'0500000000', x'0500000000', null, null, null, null);
    insert into log values (2, 3, 5, 2, 'noop', '', x'0500000000', x'0500000000', x'07', 4, 1, x'0500000000');
  `);
  for (let round = 0; round < 2; round++) {
    const file = new DatabaseFile(path, { durable: false });
    const catalog = new Catalog(file);
    const log = new ReplicaLog(file, catalog);
    const things = catalog.get('db.things');
    expect([things?.count(), things?.get(9)?.record, things?.get(2)]).toEqual([2, 9, undefined]);
    expect(readMembership(file)).toEqual({ stage: 'begun', members: undefined });
    expect(log.resultOf(Uint8Array.of(7), 4, 1)?.result).toEqual(encodeDocument({}));
    expect(log.end).toEqual({ position: 2, term: 3, seconds: 5, increment: 2 });
    expect(log.bytes).toBe(2 * (128 + 10));
    file.close();
  }
});

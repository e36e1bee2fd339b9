import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, type Document, MongoClient } from 'mongodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

let folder: string;
let rs: ReplicaSet;
let client: MongoClient;
let things: Collection<Document>;

const options = { members: 3, logBytes: 64 * 1024, electionTimeoutMS: 2000 };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'replica-set-copy-'));
  await start();
});

afterEach(async () => {
  await client.close();
  await rs.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  rs = await ReplicaSet.start({ ...options, dataDir: folder });
  client = new MongoClient(rs.uri);
  things = client.db('db').collection('things');
}

const fileOf = (index: number) => join(folder, `member-${index}.sqlite`);

function removeFile(index: number): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${fileOf(index)}${end}`, { force: true });
}

/** Inserts documents of a kilobyte. */
async function fill(from: number, count: number): Promise<void> {
  const text = 'x'.repeat(1000);
  const documents = Array.from({ length: count }, (_, i) => ({ _id: from + i, text }));
  await things.insertMany(documents as Document[]);
}

const aSecondary = () => rs.members.find(({ role }) => role === 'secondary')?.index ?? -1;

/** Asks one member alone, be it what it may. */
async function ask(index: number, command: Document, database = 'admin'): Promise<Document> {
  const { host, port } = rs.members[index] ?? { host: '', port: 0 };
  const direct = new MongoClient(`mongodb://${host}:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 3000,
    socketTimeoutMS: 3000,
  });
  try {
    return await direct.db(database).command(command, { readPreference: 'secondaryPreferred' });
  } finally {
    await direct.close();
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  await expect.poll(() => holds().catch(() => false), { timeout: 20_000, interval: 20 }).toBe(true);
}

async function holds(index: number, count: number): Promise<boolean> {
  const { n } = await ask(index, { count: 'things' }, 'db');
  return n === count;
}

test('a member that was away for longer than the log goes back takes a full copy and goes on', async () => {
  const away = aSecondary();
  await fill(0, 10);
  await rs.kill(away);
  await fill(10, 600);
  await rs.restart(away);
  await until(() => holds(away, 610));
  await fill(1000, 10);
  await until(() => holds(away, 620));
  expect(existsSync(`${fileOf(away)}.copy`)).toBe(false);
  // It is a member like any other: the primary can hand over to it, or to its neighbour.
  await rs.stepDown();
  await fill(2000, 1);
  await until(() => holds(away, 621));
});

test('a short absence needs no copy', async () => {
  const away = aSecondary();
  await rs.kill(away);
  await fill(0, 30);
  await rs.restart(away);
  await until(() => holds(away, 30));
  const { name } = (await ask(away, { replSetGetStatus: 1 })).members[away];
  expect(name).toContain(String(rs.members[away]?.port));
});

test('a member that lost its file takes a full copy while others write', async () => {
  await fill(0, 300);
  const lost = aSecondary();
  await rs.kill(lost);
  removeFile(lost);
  await rs.restart(lost);
  for (let i = 0; i < 10; i++) await fill(1000 + i * 10, 10);
  await until(() => holds(lost, 400));
});

test('a member that lost its file has no vote until it has its copy', async () => {
  await fill(0, 50);
  const primary = rs.primary.index;
  const [lost = -1, other = -1] = [0, 1, 2].filter((index) => index !== primary);
  await rs.kill(lost);
  removeFile(lost);
  await rs.kill(other);
  await until(async () => rs.members[primary]?.role === 'secondary');
  await rs.restart(lost);
  await expect(rs.waitForPrimary(options.electionTimeoutMS * 2)).rejects.toMatchObject({
    code: 'no-primary',
  });
  await expect(ask(lost, { count: 'things' }, 'db')).rejects.toMatchObject({ code: 13436 });
  expect(await ask(lost, { hello: 1 })).toMatchObject({
    secondary: false,
    isWritablePrimary: false,
  });
  await rs.restart(other);
  await rs.waitForPrimary();
  await until(() => holds(lost, 50));
});

test('a member killed while it takes its copy begins again', async () => {
  for (let i = 0; i < 4000; i += 200) await fill(i, 200);
  const lost = aSecondary();
  for (let round = 0; round < 3; round++) {
    await rs.kill(lost);
    if (round === 0) removeFile(lost);
    await rs.restart(lost);
    await until(async () => existsSync(`${fileOf(lost)}.copy`) || (await holds(lost, 4000)));
  }
  await until(() => holds(lost, 4000));
});

test('a whole set is stopped and comes back, with one file of three gone, not with two', async () => {
  await fill(0, 50);
  await client.close();
  await rs.stop();
  removeFile(1);
  await start();
  await until(() => holds(1, 50));
  await client.close();
  await rs.stop();
  await expect(ReplicaSet.start({ dataDir: folder })).rejects.toMatchObject({
    code: 'members-changed',
  });
  removeFile(0);
  removeFile(2);
  await expect(ReplicaSet.start({ ...options, dataDir: folder })).rejects.toMatchObject({
    code: 'data-lost',
    message: expect.stringContaining('2 of 3'),
  });
});

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

test('members in processes of their own are killed, restarted and stopped', async () => {
  await using rs = await ReplicaSet.start({ members: 3, processes: true });
  const ids = rs.members.map(({ processId }) => processId);
  expect(new Set([...ids, process.pid]).size).toBe(4);
  const client = new MongoClient(rs.uri);
  const things = client.db('processes').collection('things');
  await things.insertOne({ n: 1 });
  const fallen = rs.primary;
  await rs.kill(fallen);
  expect(isRunning(fallen.processId)).toBe(false);
  expect(rs.members[fallen.index]?.role).toBe('down');
  await rs.waitForPrimary();
  // The driver tries a write once more and then gives up; this writer does not.
  const write = () =>
    things.updateOne({ n: 2 }, { $set: { n: 2 } }, { upsert: true }).then(Boolean, () => false);
  await expect.poll(write, { timeout: 10_000 }).toBe(true);
  await rs.restart(fallen);
  expect(rs.members[fallen.index]?.processId).not.toBe(fallen.processId);
  await rs.stepDown();
  expect(await things.countDocuments({}, { readConcern: { level: 'majority' } })).toBe(2);
  await client.close();
  const last = rs.members.map(({ processId }) => processId);
  await rs.stop();
  expect(last.filter(isRunning)).toEqual([]);
});

test('a process says why it cannot start', async () => {
  await using rs = await ReplicaSet.start({ processes: true });
  await expect(ReplicaSet.start({ processes: true, port: rs.primary.port })).rejects.toMatchObject({
    code: 'port-in-use',
  });
});

test('member processes end with the process that started them', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'replica-set-host-'));
  try {
    const program = join(import.meta.dirname, 'fixtures/process-host.ts');
    const host = spawn(process.execPath, [program, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let ids: number[] = [];
    for await (const line of createInterface({ input: host.stdout })) {
      ids = JSON.parse(line) as number[];
      host.kill('SIGKILL');
      break;
    }
    expect(ids).toHaveLength(3);
    await expect.poll(() => ids.filter(isRunning), { timeout: 10_000 }).toEqual([]);
    await using rs = await ReplicaSet.start({ dataDir, members: 3 });
    expect(rs.primary.role).toBe('primary');
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

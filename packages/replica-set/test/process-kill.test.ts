import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

/** Starts a process that writes without end and prints each number once it is acknowledged. */
async function writeUntilKilled(
  dataDir: string,
  members: number,
  first: number,
  count: number,
): Promise<number> {
  const program = join(import.meta.dirname, 'fixtures/endless-writer.ts');
  const child = spawn(process.execPath, [program, dataDir, String(members), String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = first - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last >= first + count) child.kill('SIGKILL');
  }
  return last;
}

test.each([{ members: 1 }, { members: 3 }])(
  'a set of $members loses nothing it acknowledged when its process is killed',
  async ({ members }) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'replica-set-kill-'));
    try {
      let acknowledged = -1;
      for (let round = 0; round < 3; round++) {
        acknowledged = await writeUntilKilled(dataDir, members, acknowledged + 1, 50);
      }
      await using rs = await ReplicaSet.start({ dataDir, members });
      const client = new MongoClient(rs.uri);
      const found = await client
        .db('kill')
        .collection<{ _id: number }>('things')
        .find()
        .sort({ _id: 1 })
        .toArray();
      await client.close();
      const ids = found.map(({ _id }) => _id);
      // The write that was under way when the process ended may be there or not.
      expect(ids.slice(0, acknowledged + 1)).toEqual(
        Array.from({ length: acknowledged + 1 }, (_, i) => i),
      );
      expect(new Set(ids).size).toBe(ids.length);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
);

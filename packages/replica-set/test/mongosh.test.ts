import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

/** Where the test command puts it. */
const shell = join(
  import.meta.dirname,
  '../../../node_modules/.mongosh/node_modules/mongosh/bin/mongosh.js',
);
const tour = join(import.meta.dirname, 'fixtures/mongosh-tour.js');

describe.skipIf(!existsSync(shell))('mongosh (needs mongosh, which npm test installs)', () => {
  test.each([
    ['without a user', undefined],
    ['with a user', { name: 'ann', password: 'pencil' }],
  ])(
    'lives through a step-down, a kill and a restart, %s',
    { timeout: 60_000 },
    async (_, user) => {
      await using rs = await ReplicaSet.start({ members: 3, ...(user && { user }) });
      await using client = new MongoClient(rs.uri);
      let { primary } = rs;
      const deeds: Record<string, () => Promise<unknown>> = {
        kill: () => {
          ({ primary } = rs);
          return rs.kill(primary);
        },
        restart: () => rs.restart(primary),
      };
      // The shell keeps its settings at home.
      const home = mkdtempSync(join(tmpdir(), 'mongosh-'));
      const options = ['--norc', '--quiet', '--file', tour];
      const child = spawn(process.execPath, [shell, rs.uri, ...options], {
        env: { PATH: process.env.PATH, HOME: home },
        signal: AbortSignal.timeout(45_000),
      });
      let complaint = '';
      child.on('error', ({ message }) => {
        complaint += message;
      });
      child.stderr.on('data', (text) => {
        complaint += text;
      });
      const seen: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        seen.push(line);
        if (!(line in deeds)) continue;
        await deeds[line]?.();
        await client.db('test').collection<{ _id: string }>('signs').insertOne({ _id: line });
      }
      rmSync(home, { recursive: true });
      expect({ seen, complaint }).toEqual({ seen: ['kill', 'restart', 'end'], complaint: '' });
    },
  );
});

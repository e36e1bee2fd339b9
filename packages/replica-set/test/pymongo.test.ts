import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

/** Debian's, whatever other Python stands first in the path. */
const python = '/usr/bin/python3';
const hasPymongo = spawnSync(python, ['-c', 'import pymongo']).status === 0;
const tour = join(import.meta.dirname, 'fixtures/pymongo_tour.py');

describe.skipIf(!hasPymongo)('pymongo (needs python3-pymongo)', () => {
  test.each([
    ['without a user', undefined],
    ['with a user', { name: 'ann', password: 'pencil' }],
  ])('lives through a step-down, a lost reply, a kill and a restart, %s', async (_, user) => {
    await using rs = await ReplicaSet.start({ members: 3, ...(user && { user }) });
    let { primary } = rs;
    const deeds: Record<string, () => Promise<unknown>> = {
      'step down': () => rs.stepDown(1),
      'lose a reply': () => rs.loseReplies(1),
      kill: () => {
        ({ primary } = rs);
        return rs.kill(primary);
      },
      restart: () => rs.restart(primary),
    };
    const child = spawn(python, [tour, rs.uri]);
    let complaint = '';
    child.stderr.on('data', (text) => {
      complaint += text;
    });
    const seen: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      seen.push(line);
      await deeds[line]?.();
      child.stdin.write('done\n');
    }
    expect(complaint).toBe('');
    expect(seen).toEqual(['step down', 'lose a reply', 'kill', 'restart', 'end']);
  });
});

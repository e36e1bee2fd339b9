import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fresh } from '../src/fresh.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import type { Entry } from './reads.ts';

let rs: ReplicaSet;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 3, electionTimeoutMS: 500 });
});

afterAll(() => rs?.stop());

test('a primary that was cut off never gives an old answer for the latest', async () => {
  const old = rs.primary;
  const others = rs.members.filter(({ index }) => index !== old.index);
  const cut = new MongoClient(`mongodb://${old.host}:${old.port}/?directConnection=true`);
  const behind = cut.db('test').collection<Entry>('entries');
  await behind.insertOne({ _id: 'ada', n: 1 }, { writeConcern: { w: 3 } });

  await rs.partition([[old], others]);
  let stale = 0;
  let isWritten = false;
  let isHealed = false;
  const latest = fresh(behind, 'latest');
  const outcomes: ('new' | 'old' | 'old, begun before' | 'refused')[] = [];
  const reader = async (): Promise<void> => {
    while (!isHealed) {
      const begunAfter = isWritten;
      const found = await latest.findOne({ _id: 'ada' }, { maxTimeMS: 300 }).catch(() => undefined);
      if (found === undefined) outcomes.push('refused');
      else if (found?.n === 2) outcomes.push('new');
      else outcomes.push(begunAfter ? 'old' : 'old, begun before');
      if (begunAfter && (await fresh(behind, 'any').findOne())?.n === 1) stale += 1;
    }
  };
  const reading = Promise.all([reader(), reader()]);

  const ahead = await newPrimary(others.map(({ host, port }) => `${host}:${port}`));
  await ahead
    .db('test')
    .collection<Entry>('entries')
    .updateOne({ _id: 'ada' }, { $inc: { n: 1 } });
  isWritten = true;
  await expect.poll(() => stale, { timeout: 5_000 }).toBeGreaterThan(2);
  await rs.heal();
  await expect
    .poll(async () => (await fresh(behind, 'any').findOne())?.n, { timeout: 5_000 })
    .toBe(2);
  isHealed = true;
  await reading;

  expect(outcomes).toContain('refused');
  expect(outcomes).not.toContain('old');
  await Promise.all([cut.close(), ahead.close()]);
});

/** A client of the members that can still elect one. */
async function newPrimary(hosts: readonly string[]): Promise<MongoClient> {
  for (;;) {
    for (const host of hosts) {
      const client = new MongoClient(`mongodb://${host}/?directConnection=true`, safeClientOptions);
      const { isWritablePrimary } = await client.db('admin').command({ hello: 1 });
      if (isWritablePrimary) return client;
      await client.close();
    }
  }
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LockerRoom } from '../src/locker-room.ts';

interface Counter {
  _id: string;
  n: number;
}

let rs: ReplicaSet;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 3 });
});

afterAll(() => rs?.stop());

test('two programs that count under a lock lose no count and share no token', async () => {
  const contender = join(import.meta.dirname, 'contender.ts');
  const run = () => promisify(execFile)(process.execPath, [contender, rs.uri, '15']);
  const outputs = await Promise.all([run(), run()]);
  const tokens = outputs.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
  expect(new Set(tokens).size).toBe(30);

  const client = new MongoClient(rs.uri);
  const counter = await client.db('test').collection<Counter>('counters').findOne();
  await client.close();
  expect(counter?.n).toBe(30);
});

test('step-downs in the middle cost no count, no token and no error', async () => {
  const clients = Array.from({ length: 2 }, () =>
    mongoProxy(new MongoClient(rs.uri, safeClientOptions)),
  );
  const tokens: bigint[] = [];
  let atOnce = 0;
  const contenders = clients.map(async (client) => {
    await using lockers = new LockerRoom({ client });
    const counters = client.db('test').collection<Counter>('step-downs');
    for (let round = 0; round < 10; round++) {
      await lockers.lockAndRelease('step-downs', {}, async ({ token }) => {
        atOnce += 1;
        expect(atOnce).toBe(1);
        tokens.push(token);
        const counter = await counters.findOne({ _id: 'counter' });
        const n = (counter?.n ?? 0) + 1;
        await counters.replaceOne({ _id: 'counter' }, { n }, { upsert: true });
        if (token === 5n || token === 12n) await rs.stepDown(0.1);
        atOnce -= 1;
      });
    }
  });
  await Promise.all(contenders);
  expect(tokens).toEqual(Array.from({ length: 20 }, (_, index) => BigInt(index + 1)));
  const [client] = clients;
  const counter = await client?.db('test').collection<Counter>('step-downs').findOne();
  expect(counter?.n).toBe(20);
  await Promise.all(clients.map((each) => each.close()));
});

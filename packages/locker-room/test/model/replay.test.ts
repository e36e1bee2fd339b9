import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explore, randomWay } from './exploration.ts';
import { LockModel } from './lock-model.ts';
import { type Bounds, inClient, inVersion } from './lock-terms.ts';
import { Replay } from './replay.ts';

let rs: ReplicaSet;
let client: MongoClient;
let db: Db;
let traces = 0;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  client = mongoProxy(new MongoClient(rs.uri, safeClientOptions));
  db = client.db('replay');
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

const replay = (model: LockModel, trace: readonly number[]): Promise<number> =>
  new Replay(model, db, `lock ${++traces}`, () => rs.loseReplies(1)).run(trace);

const few: Bounds = {
  clients: 2,
  rounds: 1,
  tokens: 2,
  pending: 1,
  failOvers: 0, // one member forgets nothing
  lostReplies: 1,
  deaths: 1,
  renewals: 1,
  writes: 1,
  aborts: 1,
  tryLocks: 1,
  streamLosses: 0, // whoever polls is told
};

test('the package does as the model on a shortest way to each kind of state', async () => {
  const model = new LockModel(few);
  const ways = new Map<string, readonly number[]>();
  const kindOf = (state: Uint8Array): string => {
    const version = model.latest(state);
    const clients = [0, 1].map((c) => {
      const result = state[version + inVersion.answer + c] ?? 0;
      return [state[model.client(c) + inClient.phase], result];
    });
    return clients.join();
  };
  explore(model, { mark: kindOf, ways });
  const all = [...ways.values()];
  const prefixes = new Set(all.map((way) => way.slice(0, -1).join()));
  // A way that is the beginning of another is replayed with that one.
  const longest = all.filter((way) => way.length > 0 && !prefixes.has(way.join()));
  let steps = 0;
  for (const way of longest) steps += await replay(model, way);
  console.log(`${longest.length} ways to ${ways.size} kinds of states, ${steps} steps replayed`);
  expect(longest.length).toBeGreaterThan(200);
}, 120_000);

const many: Bounds = {
  ...few,
  clients: 3,
  rounds: 2,
  tokens: 5,
  lostReplies: 3,
  aborts: 2,
  writes: 3,
};

test('the package does as the model on random ways', async () => {
  const model = new LockModel({ ...many, renewals: 2 });
  let steps = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const way = randomWay(model, seed, 60);
    steps += await replay(model, way).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  }
  console.log(`60 random ways, ${steps} steps replayed`);
}, 120_000);

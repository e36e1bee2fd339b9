import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explore, randomWay } from './exploration.ts';
import { inSharedClient, type SharedBounds, SharedModel } from './shared-model.ts';
import { SharedReplay } from './shared-replay.ts';

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

const replay = (model: SharedModel, trace: readonly number[]): Promise<number> =>
  new SharedReplay(model, db, `lock ${++traces}`).run(trace);

const few: SharedBounds = {
  permits: [Infinity, 1, 2],
  rounds: 1,
  deaths: 0,
  losses: 1,
  aborts: 0,
  tryLocks: 1,
  silences: 1,
  lateAnswers: 1,
};

test('the package does as the model on a shortest way to each kind of line', async () => {
  const model = new SharedModel(few);
  const ways = new Map<string, readonly number[]>();
  const { standing, answer } = inSharedClient;
  const kindOf = (state: Uint8Array): string => {
    const clients = [0, 1, 2].map((c) => model.client(c));
    const fields = clients.flatMap((at) => [state[at + standing], (state[at + answer] ?? 0) > 0]);
    return [...fields, ...state.subarray(0, 3)].join();
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

test('the package does as the model on random ways', async () => {
  const faults = { deaths: 1, losses: 2, aborts: 2, tryLocks: 2, silences: 2, lateAnswers: 2 };
  const model = new SharedModel({ permits: [Infinity, Infinity, 1, 2], rounds: 3, ...faults });
  let steps = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const way = randomWay(model, seed, 60);
    steps += await replay(model, way).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  }
  console.log(`60 random ways, ${steps} steps replayed`);
}, 120_000);

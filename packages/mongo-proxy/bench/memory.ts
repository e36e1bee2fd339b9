/** What the proxy keeps after many operations. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';
import { thingsOf } from './rates.ts';

/** This process's memory once so many operations were done, in megabytes, after a collection. */
export interface MemoryMark {
  readonly operations: number;
  readonly heapUsed: number;
  readonly rss: number;
}

const concurrency = 16;
const documents = 1000;

/** Runs as many operations through the proxy as the last of `marks` says, and measures at each. */
export async function measureMemory(
  marks: readonly number[],
  sink: (mark: MemoryMark) => void,
): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await using set = await ReplicaSet.start({ members: 1, processes: true });
  await using client = new MongoClient(set.uri, safeClientOptions);
  const things = thingsOf(mongoProxy(client));
  const group = 0;
  await things.insertMany(
    Array.from({ length: documents }, (_, _id) => ({ _id, n: 0, group, text: '' })),
  );
  let next = 0;
  const operate = async (): Promise<void> => {
    const turn = next++;
    const _id = turn % documents;
    const inserted = documents + Math.floor(turn / 4);
    if (turn % 4 === 0) await things.insertOne({ _id: inserted, n: 0, group: 1, text: '' });
    else if (turn % 4 === 1) await things.updateOne({ _id }, { $inc: { n: 1 } });
    else if (turn % 4 === 2)
      await things
        .find({ _id: { $gte: _id } })
        .limit(3)
        .toArray();
    else await things.deleteOne({ _id: inserted });
  };
  for (const mark of marks) {
    const worker = async (): Promise<void> => {
      while (next < mark) await operate();
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    sink({ operations: mark, heapUsed: heapUsed / 2 ** 20, rss: rss / 2 ** 20 });
  }
}

import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { mongoProxy } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { isForeign } from './deployment.ts';

// The driver itself notices a frozen member after some 40 seconds; this test ends in a tenth.
test.skipIf(isForeign)(
  'operations on a primary that freezes are answered by the next, and take effect once',
  async () => {
    const rs = await ReplicaSet.start({ members: 3, electionTimeoutMS: 500 });
    const client = mongoProxy(new MongoClient(rs.uri, safeClientOptions));
    try {
      const counters = client.db('bank').collection<{ _id: string; n: number }>('counters');
      await counters.insertOne({ _id: 'a', n: 0 });
      const frozen = rs.primary;
      let freezing: Promise<void> | undefined;
      let acknowledged = 0;
      const writer = async (): Promise<void> => {
        for (let i = 0; i < 10; i++) {
          if (acknowledged === 40) freezing ??= rs.freeze(frozen);
          await counters.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
          acknowledged += 1;
          await counters.findOne({ _id: 'a' });
        }
      };
      await Promise.all(Array.from({ length: 10 }, writer));
      await freezing;
      expect(await counters.findOne()).toEqual({ _id: 'a', n: 100 });
      rs.thaw(frozen);
      await expect.poll(() => counters.findOne()).toEqual({ _id: 'a', n: 100 });
    } finally {
      await client.close();
      await rs.stop();
    }
  },
);

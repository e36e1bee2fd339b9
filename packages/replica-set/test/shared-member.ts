/** A member that works for several connections at once. */
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';

const connections = 4;

export interface SharedMember extends AsyncDisposable {
  readonly client: MongoClient;
  /** Opens the connections there can be, so that none waits for its handshake later. */
  connect(): Promise<unknown>;
  /** `ping` and `work`, begun together, in the order in which they end. */
  orderOfEnds(work: Promise<unknown>): Promise<('ping' | 'work')[]>;
}

/** Starts a set of one member, in a thread of its own. */
export async function startSharedMember(): Promise<SharedMember> {
  const set = await ReplicaSet.start({ members: 1 });
  const client = new MongoClient(set.uri, { maxPoolSize: connections });
  const ping = () => client.db('db').command({ ping: 1 });
  return {
    client,
    connect: () => Promise.all(Array.from({ length: connections }, ping)),
    async orderOfEnds(work) {
      const ended: ('ping' | 'work')[] = [];
      await Promise.all([
        work.then(() => ended.push('work')),
        ping().then(() => ended.push('ping')),
      ]);
      return ended;
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await set.stop();
    },
  };
}

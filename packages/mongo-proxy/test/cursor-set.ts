import { type Document, MongoClient, type MongoClientOptions } from 'mongodb';
import { proxyWithClock } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { type Deployment, deploy } from './deployment.ts';

/** A set, a bare client and a protected one on the same connections, and what they send. */
export interface CursorSet {
  readonly rs: Deployment;
  readonly bare: MongoClient;
  readonly client: MongoClient;
  /** Commands as they left, oldest first. */
  readonly sent: Document[];
  /** Lets every `getMore`, or another command, fail from now on. */
  fail(failure: object, command?: string): Promise<void>;
  heal(): Promise<void>;
  /** Happens before each repetition, instead of a wait. */
  meanwhile: () => Promise<void>;
  stop(): Promise<void>;
}

export async function cursorSet(options: MongoClientOptions = {}): Promise<CursorSet> {
  const rs = await deploy({ members: 1 });
  const bare = new MongoClient(rs.uri, {
    ...safeClientOptions,
    monitorCommands: true,
    // A connection that was cut is not waited for.
    minHeartbeatFrequencyMS: 5,
    ...options,
  });
  const sent: Document[] = [];
  bare.on('commandStarted', ({ command }) => sent.push(command));
  const set: CursorSet = {
    rs,
    bare,
    client: proxyWithClock(
      bare,
      {},
      { now: () => 0, random: () => 0, sleep: () => set.meanwhile() },
    ),
    sent,
    meanwhile: async () => {},
    fail: (failure, command = 'getMore') =>
      rs.failCommand({ failCommands: [command], times: 1_000_000, ...failure }),
    heal: () => set.fail({ times: 0 }),
    stop: async () => {
      await bare.close();
      await rs.stop();
    },
  };
  return set;
}

export async function gathered<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of source) found.push(each);
  return found;
}

/**
 * What the tests run against: a set of `@holdfast/replica-set`, or with `MONGODB_URI` in the
 * environment the replica set found there, whose fail points must be enabled
 * (`--setParameter enableTestCommands=1`). There, tests of faults that it cannot be told to have are
 * left out, and its primary steps down where ours would be killed.
 */
import { type CommandFailure, ReplicaSet, type ReplicaSetOptions } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';
import { mongoProxy } from '../src/mongo-proxy.ts';

const uri = process.env.MONGODB_URI;

/** Whether the tests run against a deployment that is not ours. */
export const isForeign: boolean = uri !== undefined;

/** The database of the tests, gone when the deployment stops. */
export const database: string = `mongo_proxy_test_${process.pid}`;

/** A deployment and the faults that every one can be told to have. */
export interface Deployment
  extends Pick<ReplicaSet, 'uri' | 'loseReplies' | 'failCommand' | 'stepDown' | 'stop'> {
  /** Kills the primary where it is ours, else it steps down; what comes back brings it back. */
  losePrimary(): Promise<() => Promise<void>>;
}

/** The set of our own, or the one at `MONGODB_URI`. */
export async function deploy(options: ReplicaSetOptions): Promise<Deployment> {
  if (uri !== undefined) return foreignSet(uri);
  const rs = await ReplicaSet.start(options);
  const losePrimary = async () => {
    const fallen = rs.primary;
    await rs.kill(fallen);
    return () => rs.restart(fallen);
  };
  return Object.assign(rs, { losePrimary });
}

const writes = [
  ...['insert', 'update', 'delete', 'findAndModify', 'bulkWrite', 'commitTransaction'],
  ...['create', 'createIndexes', 'dropIndexes', 'drop', 'dropDatabase', 'renameCollection'],
];

function foreignSet(at: string): Deployment {
  const client = new MongoClient(at);
  const admin = client.db('admin');
  return {
    uri: at,
    /** All but the last before the write is done, the last after it, if it carries a number. */
    async loseReplies(times) {
      const earlier = { failCommands: writes, closeConnection: true };
      await this.failCommand({ ...earlier, times: Math.max(0, times - 1) });
      const mode = times > 0 ? { times: 1 } : 'off';
      await admin.command({ configureFailPoint: 'onPrimaryTransactionalWrite', mode });
    },
    async failCommand({ times = 1, skip, ...data }: CommandFailure) {
      const counted = times > 0 ? { times } : 'off';
      const mode = skip === undefined ? counted : { skip };
      await admin.command({ configureFailPoint: 'failCommand', mode, data });
    },
    async stepDown() {
      await admin
        .command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5, force: true })
        .catch(() => {}); // its connection may be cut
    },
    async losePrimary() {
      await this.stepDown();
      return async () => {};
    },
    async stop() {
      await mongoProxy(client).db(database).dropDatabase();
      await client.close();
    },
  };
}

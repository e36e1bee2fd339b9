/** Causal sessions with majority reads and writes: they read their own writes, and never go back. */
import type { ClientSession } from 'mongodb';
import type { Finding } from '../finding.ts';
import type { Operation } from '../history.ts';
import { insist } from '../insist.ts';
import { databaseOf, majority, type Round, type Workload } from '../workload.ts';

const workload = 'causal';
const stepsPerSession = 25;

interface Walk {
  readonly session: ClientSession;
  readonly key: string;
  steps: number;
  written: number;
  /** What the session knows to have been there: acknowledged, or read. */
  least: number;
}

interface Step {
  _id: string;
  n: number;
}

export function causalSessions(round: Round): Workload {
  const { client, history, dice } = round;
  const collection = databaseOf(round).collection<Step>(workload);
  const walks = new Map<number, Walk>();
  let sessions = 0;

  const walkOf = async (worker: number): Promise<Walk> => {
    const known = walks.get(worker);
    if (known !== undefined && known.steps < stepsPerSession) return known;
    await known?.session.endSession();
    const session = client.startSession({ causalConsistency: true });
    const walk = { session, key: `${worker}-${sessions++}`, steps: 0, written: 0, least: 0 };
    walks.set(worker, walk);
    return walk;
  };

  return {
    name: workload,
    workers: 3,
    promise: 'causal sessions read their own writes and never go back, on secondaries too',

    async prepare() {
      await insist(() => databaseOf(round).createCollection(workload, majority));
    },

    async work(worker) {
      const walk = await walkOf(worker);
      walk.steps += 1;
      const { session, key } = walk;
      const _id = key;
      if (dice.chance(0.4)) {
        walk.written += 1;
        const n = walk.written;
        const write = await history.record(
          { workload, worker, action: 'write', key, value: n },
          async () => {
            const options = { session, upsert: true, ...majority };
            await collection.updateOne({ _id }, { $max: { n } }, options);
          },
        );
        if (write.outcome === 'ok') walk.least = n;
        return;
      }
      const readPreference = dice.pick(['primary', 'secondary', 'secondary', 'nearest'] as const);
      const value = { least: walk.least, most: walk.written };
      const read = await history.record(
        { workload, worker, action: readPreference, key, value },
        async () => {
          const options = {
            session,
            readPreference,
            readConcern: 'majority',
            maxTimeMS: 2000,
          } as const;
          const [found] = await collection.find({ _id }, options).toArray();
          return found?.n ?? 0;
        },
      );
      if (read.outcome === 'ok') walk.least = Math.max(walk.least, Number(read.result));
    },

    judge: () => history.of(workload).flatMap((read) => judgeRead(read, history.of(workload))),

    async close() {
      await Promise.all([...walks.values()].map(({ session }) => session.endSession()));
    },
  };
}

function judgeRead(read: Operation, all: readonly Operation[]): Finding[] {
  if (read.action === 'write' || read.outcome !== 'ok') return [];
  const { least, most } = read.value as { least: number; most: number };
  const seen = Number(read.result);
  if (seen >= least && seen <= most) return [];
  return [
    {
      promise: 'a causal session reads its own writes and never goes back',
      detail: `it read ${seen}, where it knew of ${least} and had written up to ${most}`,
      operations: all.filter(({ key, invoked }) => key === read.key && invoked <= read.invoked),
    },
  ];
}

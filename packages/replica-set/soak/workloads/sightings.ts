/** What is seen stays: majority reads see nothing that is taken back; local ones only what somebody wrote. */
import type { ReadPreferenceMode } from 'mongodb';
import type { Finding } from '../finding.ts';
import type { Operation } from '../history.ts';
import { insist } from '../insist.ts';
import { databaseOf, majority, type Round, type Workload } from '../workload.ts';

const workload = 'sightings';
const concerns = [{ w: 1 }, { w: 1 }, { w: 'majority', wtimeoutMS: 50 }] as const;

interface Sight {
  _id: number;
  /** Follows from `_id`, so that a torn or foreign document shows. */
  check: number;
}

const checkOf = (id: number): number => (id * 7919) % 10_007;

export function sightings(round: Round): Workload {
  const { history, dice } = round;
  const db = databaseOf(round);
  const collection = db.collection<Sight>(workload);
  let next = 1;

  const look = async (level: 'majority' | 'local', mode: ReadPreferenceMode): Promise<number[]> => {
    const found = await collection
      .find({}, { readConcern: level, readPreference: mode, maxTimeMS: 2000 })
      .sort({ _id: -1 })
      .limit(12)
      .toArray();
    // A document that is not as it was written counts as one that nobody wrote.
    return found.map(({ _id, check }) => (check === checkOf(_id) ? _id : -_id));
  };

  return {
    name: workload,
    workers: 5,
    promise:
      'majority reads, on every member, see nothing that is rolled back; local reads only what was written',

    async prepare() {
      await insist(() => db.createCollection(workload, majority));
    },

    async work(worker) {
      if (worker % 5 < 2) {
        const id = next++;
        const writeConcern = dice.pick(concerns);
        const intent = { workload, worker, action: 'write', key: String(id), value: writeConcern };
        await history.record(intent, async () => {
          await collection.insertOne({ _id: id, check: checkOf(id) }, { writeConcern });
        });
        return;
      }
      const level = dice.chance(0.8) ? 'majority' : 'local';
      const mode = dice.pick(['primary', 'primary', 'secondary', 'nearest'] as const);
      await history.record({ workload, worker, action: level, key: mode }, () => look(level, mode));
    },

    judge(contents) {
      const operations = history.of(workload);
      const stored = new Set((contents.get(workload) ?? []).map(({ _id }) => Number(_id)));
      const writes = new Map(
        operations
          .filter(({ action }) => action === 'write')
          .map((each) => [Number(each.key), each]),
      );
      return operations.flatMap((operation) => judgeLook(operation, stored, writes));
    },
  };
}

function judgeLook(
  operation: Operation,
  stored: ReadonlySet<number>,
  writes: ReadonlyMap<number, Operation>,
): Finding[] {
  const { action, outcome, result } = operation;
  if (action === 'write' || outcome !== 'ok') return [];
  const seen = result as number[];
  const isRight = (id: number): boolean => {
    const write = writes.get(id);
    if (action === 'majority') return stored.has(id);
    return (
      write !== undefined && write.outcome !== 'failed' && write.invoked <= operation.completed
    );
  };
  const wrong = seen.filter((id) => !isRight(id));
  if (wrong.length === 0) return [];
  const operations = [operation, ...wrong.flatMap((id) => writes.get(Math.abs(id)) ?? [])];
  const promise =
    action === 'majority'
      ? 'a majority read sees nothing that is rolled back'
      : 'a local read sees only what somebody wrote';
  return [{ promise, detail: `it saw ${wrong.join(', ')}`, operations }];
}

/** Registers: majority writes, compare-and-set, and reads with read concern `linearizable`. */
import type { Finding } from '../finding.ts';
import type { Operation } from '../history.ts';
import { insist } from '../insist.ts';
import { isLinearizable, type RegisterOperation, type RegisterStep } from '../linearizability.ts';
import { databaseOf, majority, type Round, type Workload } from '../workload.ts';

const workload = 'registers';
const groups = 2;
const operationsPerKey = 36;
/** Each operation of unknown outcome doubles what has to be searched. */
const unknownsPerKey = 6;

interface Register {
  _id: string;
  v: number;
}

export function registers(round: Round): Workload {
  const { history, dice } = round;
  const collection = databaseOf(round).collection<Register>(workload);
  const keys = Array.from({ length: groups }, () => ({ generation: 0, used: 0, unknown: 0 }));
  /** What a worker believes to be in its register. */
  const beliefs = new Map<string, number | null>();
  let nextValue = 1;

  const read = async (key: string) => {
    const [found] = await collection
      .find({ _id: key }, { readConcern: 'linearizable', maxTimeMS: 2000 })
      .toArray();
    const value = found?.v ?? null;
    beliefs.set(key, value);
    return value;
  };
  const write = async (key: string, v: number) => {
    await collection.updateOne({ _id: key }, { $set: { v } }, { upsert: true, ...majority });
    beliefs.set(key, v);
    return true;
  };
  const swap = async (key: string, from: number, v: number) => {
    const found = await collection.findOneAndUpdate(
      { _id: key, v: from },
      { $set: { v } },
      majority,
    );
    if (found !== null) beliefs.set(key, v);
    return found !== null;
  };

  return {
    name: workload,
    workers: groups * 4,
    promise: 'majority writes, compare-and-set and linearizable reads behave as one register',

    async prepare() {
      await insist(() => databaseOf(round).createCollection(workload, majority));
    },

    async work(worker) {
      const slot = keys[worker % groups];
      if (slot === undefined) return;
      if (slot.used >= operationsPerKey || slot.unknown >= unknownsPerKey) {
        slot.generation += 1;
        slot.used = 0;
        slot.unknown = 0;
      }
      slot.used += 1;
      const { generation } = slot;
      const key = `${worker % groups}-${generation}`;
      const belief = beliefs.get(key) ?? null;
      const v = nextValue++;
      const action =
        belief === null ? dice.pick(['read', 'write']) : dice.pick(['read', 'write', 'swap']);
      const value = action === 'read' ? undefined : { from: belief, v };
      const { outcome } = await history.record({ workload, worker, action, key, value }, () => {
        if (action === 'read') return read(key);
        return action === 'write' ? write(key, v) : swap(key, belief ?? 0, v);
      });
      if (outcome === 'unknown' && action !== 'read' && slot.generation === generation)
        slot.unknown += 1;
    },

    judge: () => judgeRegisters(history.of(workload)),
  };
}

function judgeRegisters(operations: readonly Operation[]): Finding[] {
  return [...Map.groupBy(operations, ({ key }) => key)].flatMap(([key, each]) => {
    if (isLinearizable(each.flatMap(registerOperationOf))) return [];
    return [
      {
        promise: 'majority writes and linearizable reads behave as one register',
        detail: `no order of the operations on ${key} explains what was answered`,
        operations: each.filter((operation) => registerOperationOf(operation).length > 0),
      },
    ];
  });
}

/** Nothing for an operation that says nothing of the register. */
function registerOperationOf(operation: Operation): RegisterOperation[] {
  const { action, outcome, invoked, result } = operation;
  const { from, v } = (operation.value ?? {}) as { from?: number; v?: number };
  if (outcome === 'failed' || (action === 'read' && outcome === 'unknown')) return [];
  // A swap that found something else changed nothing, and promises nothing of what it found.
  if (action === 'swap' && outcome === 'ok' && result === false) return [];
  const completed = outcome === 'ok' ? operation.completed : Number.POSITIVE_INFINITY;
  const steps: Record<string, RegisterStep> = {
    read: { kind: 'read', value: result },
    write: { kind: 'write', value: v },
    swap: { kind: 'swap', from, value: v },
  };
  const step = steps[action];
  return step === undefined ? [] : [{ step, invoked, completed }];
}

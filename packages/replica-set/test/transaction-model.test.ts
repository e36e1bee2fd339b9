/**
 * Random transactions, interleaved, held against a model of snapshot isolation:
 * each sees the state at its beginning and its own writes; the first of two
 * writers of a document, or of a unique key, wins.
 */

import fc from 'fast-check';
import { type ClientSession, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReplicaSet } from '../src/index.ts';

type Row = { _id: number; u: number; n: number };
type State = ReadonlyMap<number, Row>;

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

let rs: ReplicaSet;
let client: MongoClient;

beforeAll(async () => {
  rs = await ReplicaSet.start();
  client = new MongoClient(rs.uri);
});

afterAll(async () => {
  await client.close();
  await rs.stop();
});

const clients = 3;
const acts = ['insert', 'raise', 'raise', 'raise', 'move', 'move', 'delete'].concat(
  ...['read', 'sorted', 'commit', 'commit', 'commit', 'abort'],
);
const step = fc.record({
  by: fc.nat(clients - 1),
  act: fc.constantFrom(...acts),
  id: fc.nat(3),
  u: fc.nat(5),
});

interface Step {
  readonly by: number;
  readonly act: string;
  readonly id: number;
  readonly u: number;
}

/** One client's transaction as the model has it. */
class ModelTransaction {
  readonly snapshot: State;
  readonly began: number;
  state: Map<number, Row>;
  /** What it has written: `_id`s and unique keys. */
  readonly written: Set<string> = new Set();

  constructor(snapshot: State, began: number) {
    this.snapshot = snapshot;
    this.began = began;
    this.state = new Map(snapshot);
  }
}

const first: readonly Row[] = [0, 1, 2].map((_id) => ({ _id, u: _id, n: 0 }));

class Model {
  committed: State = new Map(first.map((row) => [row._id, row]));
  now = 0;
  /** When each `_id` or unique key was last changed by a commit. */
  readonly changed: Map<string, number> = new Map();
  readonly open: (ModelTransaction | undefined)[] = [];

  begin(by: number): ModelTransaction {
    this.open[by] ??= new ModelTransaction(this.committed, this.now);
    return this.open[by];
  }

  /** The code of the error that a write ends in; 0 when it is done. */
  write(by: number, { act, id, u }: Step): number {
    const own = this.begin(by);
    const before = own.state.get(id);
    if (act !== 'insert' && before === undefined) return 0;
    const after =
      act === 'insert'
        ? { _id: id, u, n: 0 }
        : before && act === 'raise'
          ? { ...before, n: before.n + 1 }
          : before && act === 'move'
            ? { ...before, u }
            : undefined;
    if (before && after && before.u === after.u && before.n === after.n && act === 'move') return 0;
    const touched =
      act === 'insert'
        ? [`id ${id}`, `u ${u}`]
        : [
            `id ${id}`,
            ...(act === 'delete'
              ? [`u ${before?.u}`]
              : act === 'move'
                ? [`u ${before?.u}`, `u ${u}`]
                : []),
          ];
    const conflicts = touched.some(
      (thing) =>
        (this.changed.get(thing) ?? 0) > own.began ||
        this.open.some((other, index) => index !== by && other?.written.has(thing)),
    );
    const taken =
      (act === 'insert' && own.state.has(id)) ||
      (after !== undefined &&
        [...own.state.values()].some((row) => row._id !== id && row.u === after.u));
    if (conflicts || taken) {
      this.open[by] = undefined;
      return conflicts && taken ? -1 : conflicts ? 112 : 11000;
    }
    if (after === undefined) own.state.delete(id);
    else own.state.set(id, after);
    for (const thing of touched) own.written.add(thing);
    return 0;
  }

  commit(by: number): void {
    const own = this.open[by];
    this.open[by] = undefined;
    if (own === undefined || own.written.size === 0) return;
    this.now += 1;
    const next = new Map(this.committed);
    for (const thing of own.written) {
      this.changed.set(thing, this.now);
      if (!thing.startsWith('id ')) continue;
      const id = Number(thing.slice(3));
      const row = own.state.get(id);
      if (row === undefined) next.delete(id);
      else next.set(id, row);
    }
    this.committed = next;
  }
}

const byId = (a: Row, b: Row) => a._id - b._id;

test('interleaved transactions are isolated as the model has it', async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async (steps) => {
      round += 1;
      const rows = client.db('model').collection(`rows${round}`);
      await rows.createIndex({ u: 1 }, { unique: true });
      await rows.insertMany(structuredClone(first) as unknown as Document[]);
      const model = new Model();
      const sessions = Array.from({ length: clients }, () => client.startSession());
      for (const each of steps) {
        await play(model, rows, each, sessions[each.by] as ClientSession);
      }
      for (const [by, session] of sessions.entries()) {
        await play(model, rows, { by, act: 'commit', id: 0, u: 0 }, session);
        await session.endSession();
      }
      const stored = (await rows.find().toArray()) as unknown as Row[];
      expect(stored.sort(byId)).toEqual([...model.committed.values()].sort(byId));
    }),
    { seed, endOnFailure: true, numRuns: 25, interruptAfterTimeLimit: 20_000 },
  );
});

async function play(
  model: Model,
  rows: ReturnType<ReturnType<MongoClient['db']>['collection']>,
  each: Step,
  session: ClientSession,
): Promise<void> {
  const { by, act, id, u } = each;
  const filter = { _id: id } as Document;
  if (act === 'commit' || act === 'abort') {
    if (!session.inTransaction()) return;
    if (act === 'commit') {
      model.commit(by);
      await session.commitTransaction();
    } else {
      model.open[by] = undefined;
      await session.abortTransaction();
    }
    return;
  }
  if (!session.inTransaction()) {
    session.startTransaction();
    // The snapshot is taken here, by a read that finds nothing.
    model.begin(by);
    await rows.findOne({ _id: -1 } as Document, { session });
  }
  if (act === 'read' || act === 'sorted') {
    const { state } = model.begin(by);
    const expected = [...state.values()];
    if (act === 'read') {
      const found = await rows.find({ n: { $gte: 0 } }, { session }).toArray();
      expect((found as unknown as Row[]).sort(byId)).toEqual(expected.sort(byId));
    } else {
      const found = await rows
        .find({ u: { $gte: 1 } }, { session })
        .sort({ u: 1 })
        .toArray();
      expect(found).toEqual(expected.filter((row) => row.u >= 1).sort((a, b) => a.u - b.u));
    }
    return;
  }
  const code = model.write(by, each);
  let met = 0;
  try {
    if (act === 'insert') await rows.insertOne({ _id: id, u, n: 0 } as Document, { session });
    else if (act === 'raise') await rows.updateOne(filter, { $inc: { n: 1 } }, { session });
    else if (act === 'move') await rows.updateOne(filter, { $set: { u } }, { session });
    else await rows.deleteOne(filter, { session });
  } catch (error) {
    met = Number((error as Document).code);
    await session.abortTransaction();
  }
  if (code === -1) expect([112, 11000]).toContain(met);
  else expect(met).toBe(code);
}

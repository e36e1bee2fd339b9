/** What the bench measures: each figure from real sets, by the official driver. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Collection, MongoClient, ObjectId } from 'mongodb';
import { ReplicaSet } from '../src/index.ts';

/** The rounds of one figure, in the unit that its name tells. */
export interface Measurement {
  readonly name: string;
  readonly rounds: readonly number[];
}

type Sink = (measurement: Measurement) => void;

async function inFolder<T>(work: (dataDir: string) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'replica-set-bench-'));
  try {
    return await work(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** From the call of `start` to a primary that takes writes. */
export async function measureStart(rounds: number, sink: Sink): Promise<void> {
  for (const members of [1, 3]) {
    const taken: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await inFolder(async (dataDir) => {
        let rs: ReplicaSet | undefined;
        taken.push(
          await milliseconds(async () => {
            rs = await ReplicaSet.start({ members, dataDir });
          }),
        );
        await rs?.stop();
      });
    }
    sink({ name: `ready, ${membersText(members)} (ms)`, rounds: taken });
  }
}

/** From the order to step down to the driver's next acknowledged write. */
export async function measureStepDown(rounds: number, sink: Sink): Promise<void> {
  await using rs = await ReplicaSet.start({ members: 3 });
  await using client = new MongoClient(rs.uri);
  const things = client.db('bench').collection('things');
  await things.insertOne({});
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // The driver's monitors stream the state of the members once they have had a second's rest.
    await sleep(1000);
    taken.push(
      await milliseconds(async () => {
        const steppedDown = rs.stepDown();
        await sleep(1);
        await things.insertOne({});
        await steppedDown;
      }),
    );
  }
  sink({ name: 'step-down to the next write (ms)', rounds: taken });
}

const concurrency = 16;
const text = 'x'.repeat(250);

async function rate(count: number, work: (n: number) => Promise<unknown>): Promise<number> {
  let begun = 0;
  const worker = async () => {
    while (begun < count) await work(begun++);
  };
  const taken = await milliseconds(() => Promise.all(Array.from({ length: concurrency }, worker)));
  return (count * 1000) / taken;
}

/** Pings and durable majority inserts of some 350 bytes, in turns, at concurrency 16. */
export async function measureInserts(rounds: number, sink: Sink): Promise<void> {
  for (const members of [1, 3]) {
    await inFolder(async (dataDir) => {
      await using rs = await ReplicaSet.start({ members, dataDir });
      await using client = new MongoClient(rs.uri, { maxPoolSize: concurrency });
      const db = client.db('bench');
      const things = db.collection('things');
      const writeConcern = { w: 'majority', journal: true } as const;
      const insert = (n: number) =>
        things.insertOne({ n, text, day: new Date(), price: 1.5 }, { writeConcern });
      const ping = () => db.command({ ping: 1 });
      await rate(1000, insert);
      const inserts: number[] = [];
      const ratios: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const pings = await rate(3000, ping);
        const inserted = await rate(3000, insert);
        inserts.push(inserted);
        ratios.push(inserted / pings);
      }
      const set = membersText(members);
      sink({ name: `durable majority inserts at 16, ${set} (1/s)`, rounds: inserts });
      sink({ name: `the same as a part of the ping rate, ${set}`, rounds: ratios });
    });
  }
}

/** Many documents written to one member, its memory meanwhile, and its next starts. */
export async function measureMany(count: number, sink: Sink): Promise<void> {
  await inFolder(async (dataDir) => {
    const options = { members: 1, dataDir, processes: true };
    await using rs = await ReplicaSet.start(options);
    const { processId } = rs.primary;
    const client = new MongoClient(rs.uri);
    const things = client.db('bench').collection('things');
    await things.createIndex({ user: 1 });
    const taken = await milliseconds(() => insertMany(things, count));
    sink({ name: `${count} documents written, in batches of 1,000 (s)`, rounds: [taken / 1000] });
    sink({ name: "the member's peak memory meanwhile (MB)", rounds: [peakMegabytes(processId)] });
    await client.close();
    await rs.stop();
    const starts: number[] = [];
    for (let round = 0; round < 7; round++) {
      let again: ReplicaSet | undefined;
      const start = async () => {
        again = await ReplicaSet.start(options);
      };
      starts.push(await milliseconds(start));
      await again?.stop();
    }
    sink({ name: `ready with ${count} documents (ms)`, rounds: starts });
  });
}

/** So many in a row, of which the median counts: it takes a few before their way is compiled. */
const rangesARound = 31;

/** Reads and writes among many documents with an index, in turns, and the building of that index. */
export async function measureIndexes(count: number, rounds: number, sink: Sink): Promise<void> {
  await inFolder(async (dataDir) => {
    await using rs = await ReplicaSet.start({ members: 1, dataDir, processes: true });
    await using client = new MongoClient(rs.uri, { maxPoolSize: concurrency });
    const db = client.db('bench');
    const things = db.collection('things');
    await insertMany(things, count);
    const pauses: number[] = [];
    const built = milliseconds(() => things.createIndex({ n: -1 }));
    let over = false;
    void built.finally(() => {
      over = true;
    });
    while (!over) pauses.push(await milliseconds(() => db.command({ ping: 1 })));
    sink({ name: `an index over ${count} documents built (s)`, rounds: [(await built) / 1000] });
    sink({ name: 'the longest ping meanwhile (ms)', rounds: [Math.max(...pauses)] });
    const ids = await things.find({}, { projection: { _id: 1 }, limit: 50_000 }).toArray();
    const any = (): number => Math.floor(Math.random() * count);
    const anyId = () => ids[Math.floor(Math.random() * ids.length)]?._id ?? new ObjectId();
    const finds: number[] = [];
    const updates: number[] = [];
    const ranges: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const byId = await rate(3000, () => things.findOne({ _id: anyId() }));
      const byField = await rate(3000, () => things.findOne({ n: any() }));
      finds.push(byField / byId);
      const inserted = await rate(3000, () => things.insertOne({ n: -1, user: 1, text }));
      const updated = await rate(3000, () => things.updateOne({ n: any() }, { $inc: { user: 1 } }));
      updates.push(updated / inserted);
      const reads: number[] = [];
      for (let read = 0; read < rangesARound; read++) {
        const n = any() % Math.max(1, count - 1000);
        const range = { n: { $gte: n, $lt: n + 1000 } };
        reads.push(
          await milliseconds(() =>
            things.find(range, { sort: { n: 1 }, batchSize: 1001 }).toArray(),
          ),
        );
      }
      ranges.push(medianOf(reads));
    }
    sink({
      name: `find by a field of ${count} documents, as a part of find by _id`,
      rounds: finds,
    });
    sink({ name: 'a range of 1,000 of them, sorted by the index (ms)', rounds: ranges });
    sink({ name: '$inc of one of them, as a part of insert', rounds: updates });
  });
}

/** That of an odd number is one of them. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function insertMany(things: Collection, count: number): Promise<void> {
  let begun = 0;
  const worker = async () => {
    while (begun < count) {
      const from = begun;
      begun += 1000;
      const batch = Array.from({ length: Math.min(1000, count - from) }, (_, i) => ({
        n: from + i,
        user: (from + i) % 5000,
        text,
      }));
      await things.insertMany(batch, { ordered: false });
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

/** As Linux tells it; NaN elsewhere. */
function peakMegabytes(processId: number): number {
  try {
    const status = readFileSync(`/proc/${processId}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

function membersText(members: number): string {
  return members === 1 ? 'one member' : 'three members';
}

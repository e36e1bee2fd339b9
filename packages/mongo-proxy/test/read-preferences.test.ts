import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, MongoClient, type ReadPreferenceMode, type TagSet } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fresh } from '../src/fresh.ts';
import type { Freshness } from '../src/freshness.ts';
import { mongoProxy } from '../src/mongo-proxy.ts';
import { explainRead } from '../src/read-explanation.ts';
import { type Entry, everyRead, watchAnswers } from './reads.ts';

/** Only the first has a vote: it is primary for as long as it lives, and nobody after it. */
const members = [
  { tags: { region: 'east' } },
  { votes: 0, tags: { region: 'west', disk: 'fast' } },
  { votes: 0, tags: { region: 'west', disk: 'slow' } },
] as const;
const laggard = 2;
const lag = 200;

const modes = [
  'primary',
  'primaryPreferred',
  'secondary',
  'secondaryPreferred',
  'nearest',
] as const;
const tagLists: readonly (readonly TagSet[] | undefined)[] = [
  undefined,
  [{ region: 'east' }],
  [{ region: 'west' }],
  [{ disk: 'slow' }],
  [{ disk: 'none' }, { disk: 'fast' }],
  [{ disk: 'none' }, {}],
  [{ disk: 'none' }],
];
const freshnesses: readonly Freshness[] = [
  'any',
  { maxStalenessSeconds: 120 },
  { maxStalenessSeconds: 300 },
];

/** What the specification lets answer, said once more and in another way than the driver does. */
function allowed(
  alive: readonly number[],
  mode: ReadPreferenceMode,
  tags: readonly TagSet[] | undefined,
  freshness: Freshness,
): number[] {
  const bound =
    typeof freshness === 'string' ? Number.POSITIVE_INFINITY : freshness.maxStalenessSeconds;
  const hasTags = (index: number, set: TagSet) => {
    const own: TagSet = members[index]?.tags ?? {};
    return Object.entries(set).every(([tag, value]) => own[tag] === value);
  };
  const choose = (candidates: readonly number[]): number[] => {
    const freshEnough = candidates.filter((index) => index !== laggard || lag <= bound);
    const matching = (tags ?? [{}]).map((set) =>
      freshEnough.filter((index) => hasTags(index, set)),
    );
    return matching.find(({ length }) => length > 0) ?? [];
  };
  const primary = alive.filter((index) => index === 0);
  const secondaries = choose(alive.filter((index) => index !== 0));
  if (mode === 'primary') return primary;
  if (mode === 'primaryPreferred') return primary.length > 0 ? primary : secondaries;
  if (mode === 'secondary') return secondaries;
  if (mode === 'secondaryPreferred') return secondaries.length > 0 ? secondaries : primary;
  return choose(alive);
}

const rows = modes.flatMap((mode) =>
  tagLists.flatMap((tags) => freshnesses.map((freshness) => ({ mode, tags, freshness }))),
);
const legal = rows.filter(
  ({ mode, tags, freshness }) =>
    mode !== 'primary' || (tags === undefined && typeof freshness === 'string'),
);

describe.each([
  { when: 'all are there', dead: [] },
  { when: 'the primary is dead', dead: [0] },
  { when: 'the secondaries are dead', dead: [1, 2] },
])('with a member that lags, when $when', ({ dead }) => {
  const alive = [0, 1, 2].filter((index) => !dead.includes(index));
  let rs: ReplicaSet;
  let client: MongoClient;
  let entries: Collection<Entry>;
  let answered: string[];
  const addressOf = (index: number) => {
    const { host, port } = rs.members[index] ?? { host: '', port: 0 };
    return `${host}:${port}`;
  };

  beforeAll(async () => {
    rs = await ReplicaSet.start({ members });
    client = new MongoClient(rs.uri, {
      heartbeatFrequencyMS: 500,
      localThresholdMS: 5_000,
      serverSelectionTimeoutMS: 100,
      monitorCommands: true,
    });
    answered = watchAnswers(client);
    entries = client.db('test').collection<Entry>('entries');
    await entries.insertOne({ _id: 'ada', n: 1 }, { writeConcern: { w: 3 } });
    // The write after it is as much later, by the log's clock, and one member does not get it.
    await rs.lag(laggard, 600_000);
    await rs.skewClock(0, lag * 1000);
    await client
      .db('test')
      .collection('later')
      .insertOne({}, { writeConcern: { w: 2 } });
    const ages = async (index: number) => {
      const read = fresh(entries, 'any', { tags: [members[index]?.tags ?? {}] }).findOne();
      await read;
      return explainRead(read).stalenessMS ?? -1;
    };
    const limit = { timeout: 8_000 };
    await vi.waitFor(async () => {
      expect(await ages(laggard)).toBeGreaterThan((lag - 2) * 1000);
      expect(await ages(1)).toBeLessThan(3_000);
    }, limit);
    for (const index of dead) await rs.kill(index);
    // The driver waits for ever when it writes to a socket in the moment in which it closes.
    const hurry = () => ({ signal: AbortSignal.timeout(1_000) });
    const known = () =>
      alive.length === 1
        ? fresh(entries, 'any', { readPreference: 'secondary' }).findOne({}, hurry())
        : fresh(entries, 'latest').findOne({}, hurry());
    if (dead.length > 0) {
      const unavailable = { name: 'MongoServerSelectionError' };
      await vi.waitFor(() => expect(known()).rejects.toMatchObject(unavailable), limit);
    }
  });

  afterAll(async () => {
    await client?.close();
    await rs?.stop();
  });

  test.each(legal)('$mode, tags $tags, $freshness', async ({ mode, tags, freshness }) => {
    const reader = fresh(entries, freshness, { readPreference: mode, ...(tags && { tags }) });
    const due = allowed(alive, mode, tags, freshness).map(addressOf);
    const read = reader.findOne({ _id: 'ada' });
    if (due.length === 0) {
      await expect(read).rejects.toMatchObject({ name: 'MongoServerSelectionError' });
      expect(() => explainRead(read)).toThrow('not been answered');
      return;
    }
    await read;
    expect(due).toContain(answered.at(-1));
    const { server, kind, stalenessMS = -1, readPreference } = explainRead(read);
    expect(server).toBe(answered.at(-1));
    expect(kind).toBe(server === addressOf(0) ? 'primary' : 'secondary');
    expect(readPreference.mode).toBe(mode);
    if (server === addressOf(0)) expect(stalenessMS).toBe(0);
    else expect(stalenessMS > 100_000).toBe(server === addressOf(laggard));
  });

  test.each(everyRead)('$verb is explained by who answered it', async ({ begin, answer }) => {
    for (const source of [entries, mongoProxy(client).db('test').collection<Entry>('entries')]) {
      const { read, answer: given } = begin(fresh(source, { maxStalenessSeconds: 300 }));
      expect(() => explainRead(read)).toThrow(TypeError);
      expect(await given).toEqual(answer);
      expect(explainRead(read).server).toBe(answered.at(-1));
    }
  });
});

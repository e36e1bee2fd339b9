/** One round: the workers at work while they and the members are struck, then rest, and judgement. */
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MongoClient } from 'mongodb';
import { LockerRoom } from '../src/index.ts';
import { now } from './clock.ts';
import type { Crew } from './crew.ts';
import type { Diary } from './diary.ts';
import type { Dice } from './dice.ts';
import type { Contents, Evidence } from './evidence.ts';
import { History } from './history.ts';
import { insist } from './insist.ts';
import { readJournal } from './journal.ts';
import { judge } from './judge.ts';
import { type Line, watchLines } from './line-watch.ts';
import type { MemberFaults } from './member-faults.ts';
import { promises } from './promise.ts';
import {
  busyNames,
  type Count,
  calmNames,
  countersName,
  databaseOf,
  historyName,
  locksName,
  type SideName,
  sideNames,
} from './side.ts';
import type { Stage } from './stage.ts';
import type { Tally } from './tally.ts';
import type { Watch } from './watch.ts';
import { playWorkerFaults } from './worker-faults.ts';

/** How much of a round has passed when all are left alone, so that the order of the lines shows. */
const calm = 0.9;
/** Milliseconds within which everybody at rest has to be served. */
const recovery = 30_000;

export interface RoundParts {
  readonly round: number;
  readonly stage: Stage;
  readonly crew: Crew;
  readonly watch: Watch;
  readonly diary: Diary;
  readonly dice: Dice;
  readonly memberFaults: MemberFaults;
  /** How many workers stand still at a time. */
  readonly stops: number;
  readonly tallies: Readonly<Record<SideName, Tally>>;
  /** Whether so much of the round is over. */
  readonly isOver: (share?: number) => boolean;
}

/** Plays a round and judges it; resolves to what was known of it. Rejects on a mistake of the soak's own. */
export async function playRound(parts: RoundParts): Promise<Evidence | undefined> {
  const { round, stage, crew, watch, diary, dice, memberFaults, stops, tallies, isOver } = parts;
  const { client } = stage;
  const began = now();
  const folder = join(stage.folder, `round-${round}`);
  await mkdir(folder);
  watch.begin(round);
  await Promise.all(sideNames.map((side) => prepare(client, databaseOf(round, side))));
  const database = databaseOf(round, 'locker-room');
  await using room = new LockerRoom({ client, database, collection: locksName });
  crew.begin(round, folder);
  const isCalm = (): boolean => isOver(calm);
  const [lines] = await Promise.all([
    watchLines(room, isOver),
    memberFaults.play(isCalm),
    playWorkerFaults({ crew, dice, most: stops, isOver: isCalm }),
  ]);
  const rested = await crew.rest(recovery);
  const history = new History();
  for (const file of await readdir(folder)) {
    history.add(basename(file, '.jsonl'), readJournal(join(folder, file)));
  }
  if (!rested) {
    const waiting = unended(history, diary);
    if (waiting.length === 0) throw new Error('redlock did not come to an end at rest');
    for (const detail of waiting) tallies['locker-room'].find(promises.served, detail);
    return undefined;
  }
  const evidence = await gather(parts, began, history, lines);
  judge(evidence, tallies);
  await Promise.all(
    sideNames.map((side) => insist(() => client.db(databaseOf(round, side)).dropDatabase())),
  );
  return evidence;
}

async function prepare(client: MongoClient, database: string): Promise<void> {
  const db = client.db(database);
  await insist(() => db.createCollection(historyName));
  const counters = [...busyNames, ...calmNames].map((name) => ({ _id: name, n: 0, write: '' }));
  await insist(() => db.collection<Count>(countersName).insertMany(counters));
}

async function gather(
  { round, stage, watch, diary }: RoundParts,
  began: number,
  history: History,
  lines: readonly Line[],
): Promise<Evidence> {
  const changes = await watch.changes(round, recovery);
  if (changes === undefined) throw new Error('the change stream did not come to the end');
  const contents = {
    'locker-room': await contentsOf(stage.client, databaseOf(round, 'locker-room')),
    redlock: await contentsOf(stage.client, databaseOf(round, 'redlock')),
  };
  const wallClock = Date.now() - now();
  return { history, diary: diary.since(began), changes, lines, contents, wallClock };
}

async function contentsOf(client: MongoClient, database: string): Promise<Contents> {
  const db = client.db(database);
  const counters = await db.collection<Count>(countersName).find().toArray();
  const history = await db.collection<{ _id: string }>(historyName).find().toArray();
  return {
    counters: new Map(counters.map(({ _id, n }) => [_id, n])),
    history: new Set(history.map(({ _id }) => _id)),
  };
}

/** What workers that live still ask for, or have not given back. */
function unended({ holds }: History, diary: Diary): string[] {
  return [...holds.values()]
    .filter(({ side, endedAt }) => side === 'locker-room' && endedAt === Infinity)
    .filter(({ worker }) => diary.endOf(worker) === Infinity)
    .map(
      (hold) => `${hold.name}: ${hold.request}, ${JSON.stringify({ ...hold, writes: undefined })}`,
    );
}

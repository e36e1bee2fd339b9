/** One round: workers at work while the nemesis strikes, then rest, and judgement. */
import { setTimeout as pause } from 'node:timers/promises';
import { ReplicaSetError } from '../src/index.ts';
import { compareMembers } from './comparison.ts';
import { Dice } from './dice.ts';
import type { Finding } from './finding.ts';
import type { Nemesis } from './nemesis.ts';
import type { Watch } from './watch.ts';
import { databaseOf, type Round, type Workload } from './workload.ts';
import { insertsName } from './workloads/unique-inserts.ts';

/** Milliseconds within which a set at rest has to do whatever is asked of it. */
const recovery = 30_000;

export interface RoundParts {
  readonly round: Round;
  readonly workloads: readonly Workload[];
  readonly nemesis: Nemesis;
  readonly watch: Watch;
  readonly now: () => number;
  /** Milliseconds of faults. */
  readonly length: number;
  readonly signal: AbortSignal;
  /** Told when writes that are sent again and again are to be given up. */
  readonly giveUp: () => void;
}

/** Plays a round; resolves to what was found. Rejects on a mistake of the soak's own. */
export async function playRound(parts: RoundParts): Promise<Finding[]> {
  const { workloads, round, giveUp } = parts;
  for (const workload of workloads) await workload.prepare();
  const team = new Team(round, workloads);
  try {
    const found = (await strikeUntilEnd(parts, team)) ?? (await awaitProgress(parts, team));
    if (found !== undefined) return [found];
    const stuck = await team.stop(recovery, giveUp);
    if (stuck) return [slow('workers did not come to an end at rest', parts)];
    return await judge(parts);
  } catch (error) {
    return [breakdown(error, parts)];
  } finally {
    giveUp();
    await team.stop(recovery, giveUp);
    for (const workload of workloads) await workload.close?.();
  }
}

/** What an error of the set itself tells; throws any other one. */
function breakdown(error: unknown, parts: RoundParts): Finding {
  const { fallen } = parts.nemesis.patient;
  if (!(error instanceof ReplicaSetError) && fallen.length === 0) throw error;
  if (error instanceof ReplicaSetError && error.code === 'no-primary') {
    return slow(error.message, parts);
  }
  return {
    promise: 'a member runs until it is killed, and starts again',
    detail: `${fallen.length > 0 ? `member ${fallen.join(', ')} ended: ` : ''}${String(error)}`,
    operations: [],
  };
}

/** The workers of all workloads. */
class Team {
  #ended = false;
  readonly #work: Promise<unknown>;

  constructor(round: Round, workloads: readonly Workload[]) {
    this.#work = Promise.all(
      workloads.flatMap((workload) =>
        Array.from({ length: workload.workers }, async (_, worker) => {
          const dice = new Dice(`${round.database} ${workload.name} ${worker}`);
          while (!this.#ended) {
            await workload.work(worker);
            await pause(dice.between(0, 15));
          }
        }),
      ),
    );
    this.#work.catch(() => {});
  }

  /** Rejects as soon as a worker does; never resolves. */
  readonly failed = async (): Promise<never> => {
    await this.#work;
    return new Promise<never>(() => {});
  };

  /** Lets everybody end what they do; true when somebody has not in time. */
  async stop(milliseconds: number, giveUp: () => void): Promise<boolean> {
    this.#ended = true;
    const done = this.#work.then(() => false);
    const late = await Promise.race([done, pause(milliseconds, true, { ref: false })]);
    if (!late) return false;
    giveUp();
    await done;
    return true;
  }
}

async function strikeUntilEnd(
  { nemesis, now, length, signal }: RoundParts,
  team: Team,
): Promise<Finding | undefined> {
  const failed = team.failed();
  const until = now() + length;
  while (now() < until && !signal.aborted) {
    const rest = await Promise.race([nemesis.strike(), failed]);
    const { fallen } = nemesis.patient;
    if (fallen.length > 0) {
      const promise = 'a member runs until it is killed';
      const reason = await nemesis.patient.set.waitForPrimary().catch(String);
      return { promise, detail: `member ${fallen.join(', ')} ended: ${reason}`, operations: [] };
    }
    await Promise.race([pause(rest), failed]);
  }
  await Promise.race([nemesis.rest(), failed]);
  return undefined;
}

/** At rest every workload has to get something done again. */
async function awaitProgress(parts: RoundParts, team: Team): Promise<Finding | undefined> {
  const { round, workloads, now } = parts;
  const since = now();
  const failed = team.failed();
  let waiting = workloads.map(({ name }) => name);
  while (waiting.length > 0) {
    if (now() - since > recovery) return slow(`no success of ${waiting.join(', ')} at rest`, parts);
    await Promise.race([pause(30), failed]);
    const lucky = new Set(
      round.history.operations
        .filter(({ outcome, completed }) => outcome === 'ok' && completed > since)
        .map(({ workload }) => workload),
    );
    waiting = waiting.filter((name) => !lucky.has(name));
  }
  return undefined;
}

function slow(detail: string, { nemesis, round }: RoundParts): Finding {
  const roles = nemesis.patient.set.members.map(({ role }) => role).join(', ');
  return {
    promise: `a set that is whole again goes on within ${recovery / 1000} s`,
    detail: `${detail}; members: ${roles}`,
    operations: round.history.operations.slice(-10),
  };
}

async function judge(parts: RoundParts): Promise<Finding[]> {
  const { round, workloads, nemesis, watch } = parts;
  const { members } = nemesis.patient.set;
  const mark = await markEnd(round, members.length);
  if (mark === undefined) return [slow('not every member took the last write', parts)];
  const { contents, findings } = await compareMembers(members, round.database);
  const told = await watch.reaches(round.database, mark, recovery);
  const wrong = round.history.wrong.slice(0, 5).map((operation) => ({
    promise: 'a client sees no error but those of the faults',
    detail: operation.error ?? '',
    operations: [operation],
  }));
  return [
    ...wrong,
    ...findings,
    ...workloads.flatMap((workload) => workload.judge(contents)),
    ...(told
      ? watch.judge(round, contents)
      : [slow('the change stream did not come to the end', parts)]),
  ];
}

/** Writes a document that every member takes; resolves to its `n`, or nothing if they do not. */
async function markEnd(round: Round, members: number): Promise<number | undefined> {
  const writeConcern = { w: members, wtimeoutMS: recovery / 3 };
  for (let n = -1; n >= -3; n--) {
    try {
      await databaseOf(round).collection(insertsName).insertOne({ n }, { writeConcern });
      return n;
    } catch {
      await pause(200);
    }
  }
  return undefined;
}

/** One lock that ten want all the time. */
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Contestant } from './contestant.ts';
import { messageOf } from './message.ts';
import { quantile } from './quantile.ts';

/** What ten waiters saw, round by round; all times in milliseconds. */
export interface Contended {
  readonly name: string;
  readonly arrangement: Arrangement;
  /** How many grants were to another worker than the one before. */
  readonly handOffs: readonly number[];
  /** From the call that releases to such a grant. */
  readonly p50: readonly number[];
  readonly p99: readonly number[];
  /** Most grants in a row to one worker. */
  readonly longestRun: readonly number[];
  readonly maxWait: readonly number[];
  /** From the first question to the last release. */
  readonly total: readonly number[];
}

/** One hold of the lock, on the machine's monotonic clock, which all its processes share. */
export interface Turn {
  readonly asked: number;
  readonly granted: number;
  readonly released: number;
}

/** What a process of waiters is told. */
export interface Orders {
  readonly workers: number;
  readonly turns: number;
  readonly lock: string;
}

type Arrangement = 'ten processes' | 'one process';

const workers = 10;
const turnsOfEach = 30;

/** Measures everybody in turns, from the first to the last and then back. */
export async function measureContended(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Contended[]> {
  const all: Contended[] = [];
  const lockers = contestants.filter(({ client }) => client !== 'two majority writes');
  for (const arrangement of ['ten processes', 'one process'] as const) {
    const figures = lockers.map((contestant) => ({
      contestant,
      figure: {
        ...{ name: contestant.name, arrangement },
        ...{ handOffs: [] as number[], p50: [] as number[], p99: [] as number[] },
        ...{ longestRun: [] as number[], maxWait: [] as number[], total: [] as number[] },
      },
    }));
    for (let round = 0; round < rounds; round++) {
      for (const { contestant, figure } of round % 2 === 0 ? figures : figures.toReversed()) {
        const perProcess = arrangement === 'ten processes' ? 1 : workers;
        const orders = { workers: perProcess, turns: turnsOfEach, lock: `hot-${round}` };
        const history = await contend(contestant, workers / perProcess, orders);
        const { handOffs, longestRun, maxWait, total } = judge(contestant.name, history);
        figure.handOffs.push(handOffs.length);
        figure.p50.push(quantile(handOffs, 0.5));
        figure.p99.push(quantile(handOffs, 0.99));
        figure.longestRun.push(longestRun);
        figure.maxWait.push(maxWait);
        figure.total.push(total);
      }
    }
    all.push(...figures.map(({ figure }) => figure));
  }
  return all;
}

/** The turns of each worker. */
type History = readonly (readonly Turn[])[];

/** Runs processes of waiters that are connected and warm before the first of them asks. */
async function contend(
  { client, url }: Contestant,
  processes: number,
  orders: Orders,
): Promise<History> {
  const program = join(import.meta.dirname, 'contender.ts');
  const children = Array.from({ length: processes }, () => fork(program, [client, url]));
  try {
    await Promise.all(children.map(messageOf));
    // So that all stand in line from the first turn to the last.
    await answersOf(children, orders);
    return ((await answersOf(children, 'go')) as History[]).flat();
  } finally {
    // A client's own leave may take half a minute, and would share the machine with the next.
    const running = children.filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    const exits = running.map((child) => once(child, 'exit'));
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(exits);
  }
}

/** What processes say next, having been told the same. */
function answersOf(children: readonly ChildProcess[], told: Serializable): Promise<unknown[]> {
  const answers = children.map(messageOf);
  for (const child of children) child.send(told);
  return Promise.all(answers);
}

interface Verdict {
  readonly handOffs: readonly number[];
  readonly longestRun: number;
  readonly maxWait: number;
  readonly total: number;
}

function judge(name: string, history: History): Verdict {
  const turns = history
    .flatMap((own, worker) => own.map((turn) => ({ ...turn, worker })))
    .toSorted((a, b) => a.granted - b.granted);
  const handOffs: number[] = [];
  let run = 1;
  let longestRun = 1;
  for (const [at, turn] of turns.entries()) {
    const before = turns[at - 1];
    if (before === undefined) continue;
    if (turn.granted < before.released) throw new Error(`${name}: two held the lock at a time`);
    run = turn.worker === before.worker ? run + 1 : 1;
    longestRun = Math.max(longestRun, run);
    if (run === 1) handOffs.push(turn.granted - before.released);
  }
  const asked = Math.min(...turns.map((turn) => turn.asked));
  const released = Math.max(...turns.map((turn) => turn.released));
  const maxWait = Math.max(...turns.map((turn) => turn.granted - turn.asked));
  return { handOffs, longestRun, maxWait, total: released - asked };
}

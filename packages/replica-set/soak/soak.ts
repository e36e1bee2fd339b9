/** A whole soak: a set, its clients, and round after round until the time is up or something is found. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { ReplicaSet } from '../src/index.ts';
import { Dice } from './dice.ts';
import type { Finding } from './finding.ts';
import { History, type Outcome } from './history.ts';
import { insist } from './insist.ts';
import { Nemesis } from './nemesis.ts';
import { playRound } from './round-play.ts';
import { Watch } from './watch.ts';
import type { Round, Workload } from './workload.ts';
import { causalSessions } from './workloads/causal-sessions.ts';
import { numberedWrites } from './workloads/numbered-writes.ts';
import { registers } from './workloads/registers.ts';
import { sightings } from './workloads/sightings.ts';
import { hasTransactions, transactions } from './workloads/transactions.ts';
import { uniqueInserts } from './workloads/unique-inserts.ts';

export interface SoakOptions {
  readonly seed: string;
  readonly minutes: number;
  readonly members: number;
  readonly roundSeconds: number;
  readonly signal: AbortSignal;
  /** Told of each round that has ended. */
  readonly onRound: (report: SoakReport) => void;
}

export interface SoakReport {
  readonly seed: string;
  readonly members: number;
  readonly minutes: number;
  readonly rounds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly operations: Readonly<Record<string, Readonly<Record<Outcome, number>>>>;
  /** Of the change stream. */
  readonly events: number;
  readonly resumed: number;
  /** What was looked at. */
  readonly promises: readonly string[];
  /** What ought to have been covered, and was not. */
  readonly gaps: readonly string[];
  readonly findings: readonly Finding[];
  /** Where history and data lie, when there is a finding. */
  readonly folder: string | undefined;
}

const electionTimeoutMS = 250;

const always = [
  'all members hold the same documents at the end, and their indexes agree with them',
  'the change stream tells of each committed change once and in order, and of no other',
  'a set that is whole again goes on, and no client sees an error that no fault explains',
];

/** Soaks until the time is up, `signal` is aborted, or something is found. Rejects on a mistake of its own. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { seed, members, minutes, roundSeconds, signal, onRound } = options;
  const folder = await mkdtemp(join(tmpdir(), 'replica-set-soak-'));
  const set = await ReplicaSet.start({
    members,
    processes: true,
    dataDir: folder,
    electionTimeoutMS,
    port: await freePorts(members),
  });
  const began = performance.now();
  const now = (): number => performance.now() - began;
  const end = minutes * 60_000;
  const client = clientOf(set, false);
  const retryingClient = clientOf(set, true);
  const countingClient = clientOf(set, false);
  const watch = new Watch(client);
  const nemesis = new Nemesis(set, new Dice(`${seed} nemesis`), now);
  const counts = new Counts();
  let findings: Finding[] = [];
  let rounds = 0;
  let folderIsKept = false;
  const report = (): SoakReport => ({
    seed,
    members,
    minutes: Math.round(now() / 600) / 100,
    rounds,
    faults: Object.fromEntries(nemesis.counts),
    operations: counts.byWorkload,
    events: watch.total,
    resumed: watch.resumed,
    promises: [...counts.promises, ...always],
    gaps: counts.gaps(nemesis.total, watch.total),
    findings,
    folder: folderIsKept ? folder : undefined,
  });
  try {
    // A client whose first connection fails stays closed.
    for (const each of [client, retryingClient, countingClient]) await each.connect();
    await watch.start();
    while (now() < end && !signal.aborted && findings.length === 0) {
      rounds += 1;
      const history = new History(now);
      let over = false;
      const round: Round = {
        number: rounds,
        client,
        retryingClient,
        countingClient,
        database: `soak-${rounds}`,
        history,
        dice: new Dice(`${seed} round ${rounds}`),
        over: () => over,
      };
      const workloads = await workloadsOf(round);
      const length = Math.min(roundSeconds * 1000, end - now());
      const giveUp = () => {
        over = true;
      };
      findings = await playRound({ round, workloads, nemesis, watch, now, length, signal, giveUp });
      counts.add(history, workloads);
      if (findings.length > 0) {
        folderIsKept = true;
        await keep(folder, history, nemesis, findings);
      } else {
        await insist(() => client.db(round.database).dropDatabase());
      }
      onRound(report());
    }
    return report();
  } catch (error) {
    folderIsKept = true;
    throw error;
  } finally {
    await watch.close();
    await Promise.all([client, retryingClient, countingClient].map((each) => each.close()));
    await set.stop();
    if (!folderIsKept) await rm(folder, { recursive: true, force: true });
  }
}

async function workloadsOf(round: Round): Promise<Workload[]> {
  const makers = [uniqueInserts, numberedWrites, registers, sightings, causalSessions];
  if (await hasTransactions(round)) makers.push(transactions);
  return makers.map((make) => make(round));
}

function clientOf(set: ReplicaSet, retries: boolean): MongoClient {
  return new MongoClient(set.uri, {
    retryWrites: retries,
    retryReads: retries,
    serverSelectionTimeoutMS: 3000,
    connectTimeoutMS: 2000,
    socketTimeoutMS: 3000,
    heartbeatFrequencyMS: 500,
    writeConcern: { w: 'majority' },
  });
}

/** Operations by workload and outcome, added up over rounds. */
class Counts {
  readonly byWorkload: Record<string, Record<Outcome, number>> = {};
  readonly promises: Set<string> = new Set();

  add({ operations }: History, workloads: readonly Workload[]): void {
    for (const { name, promise } of workloads) {
      this.promises.add(promise);
      this.byWorkload[name] ??= { ok: 0, failed: 0, unknown: 0 };
    }
    for (const { workload, outcome } of operations) {
      const counts = this.byWorkload[workload];
      if (counts !== undefined) counts[outcome] += 1;
    }
  }

  gaps(faults: number, events: number): string[] {
    const idle = Object.entries(this.byWorkload).filter(([, { ok }]) => ok === 0);
    return [
      ...(faults === 0 ? ['no fault was made'] : []),
      ...(events === 0 ? ['the change stream told of nothing'] : []),
      ...(Object.keys(this.byWorkload).length === 0 ? ['no round was played'] : []),
      ...idle.map(([name]) => `no operation of ${name} was acknowledged`),
    ];
  }
}

async function keep(
  folder: string,
  history: History,
  { diary }: Nemesis,
  findings: readonly Finding[],
): Promise<void> {
  const lines = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).join('\n');
  await writeFile(join(folder, 'history.jsonl'), lines(history.operations));
  await writeFile(join(folder, 'faults.jsonl'), lines(diary));
  await writeFile(join(folder, 'findings.jsonl'), lines(findings));
}

/**
 * The first of as many free ports in a row. They lie below those that the system
 * gives to outgoing connections: one of these might take a killed member's port.
 */
async function freePorts(count: number): Promise<number> {
  for (let first = 12_000 + (process.pid % 900) * 20; ; first += count) {
    if (first + count > 32_000) throw new RangeError(`no ${count} free ports in a row`);
    const free = await Promise.all(Array.from({ length: count }, (_, at) => isFree(first + at)));
    if (free.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A whole soak: members, workers, and round after round until the time is up or something is found. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { now } from './clock.ts';
import { brokenBy, type Control } from './control.ts';
import { Crew } from './crew.ts';
import { Diary } from './diary.ts';
import { Dice } from './dice.ts';
import type { Evidence } from './evidence.ts';
import { MemberFaults, strikes } from './member-faults.ts';
import { promises } from './promise.ts';
import { playRound } from './round-play.ts';
import { type SideName, sideNames } from './side.ts';
import { Stage } from './stage.ts';
import { type Finding, Tally } from './tally.ts';
import { Watch } from './watch.ts';

export interface SoakOptions {
  readonly seed: string;
  readonly minutes: number;
  readonly roundSeconds: number;
  /** In place of the right way to use a lock. */
  readonly control?: Control | undefined;
  readonly signal: AbortSignal;
  /** Told of each round that has ended. */
  readonly onRound: (report: SoakReport) => void;
}

export interface SoakReport {
  readonly seed: string;
  readonly control: Control | undefined;
  readonly minutes: number;
  readonly rounds: number;
  /** By kind. They may be added up over runs, and so may the counts of the sides. */
  readonly faults: Readonly<Record<string, number>>;
  readonly sides: Readonly<Partial<Record<SideName, Readonly<Record<string, number>>>>>;
  readonly findings: readonly Finding[];
  /** What ought to have been covered, and was not. */
  readonly gaps: readonly string[];
  /** Where history and data lie, when there is a finding. */
  readonly folder: string | undefined;
}

const workers = 9;
/** How many of them stand still at a time. */
const stops = 6;

/** What has to be above zero at the end. */
const due = [
  'pauses of holders',
  'pauses within a write',
  'grants',
  'writes acknowledged',
  '  refused: superseded',
  'places in line compared',
  'holds without pause, stall or fault',
];

/** Soaks until the time is up, `signal` is aborted, or something is found. Rejects on a mistake of its own. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { seed, minutes, roundSeconds, control, signal, onRound } = options;
  const began = now();
  const end = began + minutes * 60_000;
  const diary = new Diary();
  const tallies = { 'locker-room': new Tally(), redlock: new Tally() };
  await using stage = await Stage.open();
  const { set, redis, client } = stage;
  const redisUrl = redis?.url;
  await using crew = new Crew({ uri: set.uri, redisUrl, seed, control }, diary);
  await using watch = await Watch.open(client);
  await Promise.all(Array.from({ length: workers }, () => crew.hire()));
  const memberFaults = new MemberFaults(stage, new Dice(`${seed} members`), diary);
  const dice = new Dice(`${seed} workers`);
  const parts = { stage, crew, watch, diary, dice, memberFaults, stops, tallies };

  for (let rounds = 1; ; rounds++) {
    const since = now();
    const length = Math.min(end - since, roundSeconds * 1000);
    const isOver = (share = 1): boolean =>
      signal.aborted || crew.failure !== undefined || now() > since + share * length;
    const evidence = await playRound({ ...parts, round: rounds, isOver });
    if (crew.failure !== undefined) {
      tallies['locker-room'].find(promises.quiet, crew.failure.message);
    }
    const findings = sideNames.flatMap((side) => tallies[side].findings);
    stage.isKept = findings.length > 0 && control === undefined;
    if (stage.isKept) await keep(stage.folder, findings, evidence);
    const sides = sideNames.filter((side) => side === 'locker-room' || redis !== undefined);
    const faults = countsOf(diary);
    const report: SoakReport = {
      ...{ seed, control, rounds, faults, findings },
      minutes: Math.round((now() - began) / 600) / 100,
      sides: Object.fromEntries(sides.map((side) => [side, tallies[side].counts])),
      gaps: gapsOf(faults, tallies['locker-room'].counts),
      folder: stage.isKept ? stage.folder : undefined,
    };
    onRound(report);
    const hasFound = control === undefined ? findings.length > 0 : isCaught(report);
    if (now() > end || signal.aborted || hasFound) return report;
  }
}

function gapsOf(
  faults: Readonly<Record<string, number>>,
  counts: Readonly<Record<string, number>>,
): string[] {
  return [
    ...due.filter((name) => !((counts[name] ?? 0) > 0)),
    ...Object.keys(faults).filter((name) => faults[name] === 0),
  ];
}

function countsOf({ pauses, kills, shifts, faults, failOvers }: Diary): Record<string, number> {
  const kinds = Object.keys(strikes).map((kind): [string, number] => {
    return [kind, faults.filter(({ name }) => name === kind).length];
  });
  return {
    ...{ pauses: pauses.length, 'workers killed': kills.length },
    ...{ 'clocks of workers shifted': shifts.length, 'fail-overs': failOvers },
    ...Object.fromEntries(kinds),
  };
}

async function keep(
  folder: string,
  findings: readonly Finding[],
  evidence: Evidence | undefined,
): Promise<void> {
  const lines = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).join('\n');
  await writeFile(join(folder, 'findings.jsonl'), lines(findings));
  if (evidence === undefined) return;
  await writeFile(join(folder, 'changes.jsonl'), lines(evidence.changes));
  await writeFile(join(folder, 'lines.jsonl'), lines(evidence.lines));
  await writeFile(join(folder, 'diary.json'), JSON.stringify(evidence.diary));
}

/** Whether the checker found what the control does wrong. */
export function isCaught({ control, findings }: SoakReport): boolean {
  return control !== undefined && findings.some(({ promise }) => promise === brokenBy[control]);
}

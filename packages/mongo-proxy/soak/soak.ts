/** A whole soak: one part after the other, each on a set of its own. */
import { playCursor } from './cursor.ts';
import { playKills } from './kills.ts';
import { playReplies } from './replies.ts';
import { Stage } from './stage.ts';
import type { Finding } from './tally.ts';
import { verbNames } from './verbs.ts';
import { writerVerbs } from './writers.ts';

export const partNames = ['kills', 'replies', 'cursor'] as const;
export type PartName = (typeof partNames)[number];

/** A wrong way of living through failures, which the soak has to catch. */
export const controls = { naive: 'replies', skip: 'cursor' } as const;
export type Control = keyof typeof controls;

export interface SoakOptions {
  readonly seed: string;
  /** For all parts together; each takes the same share. */
  readonly minutes: number;
  readonly parts: readonly PartName[];
  /** In place of the proxy. */
  readonly control?: Control | undefined;
  /** Only these of the writes, by the names that `everyVerb` has. */
  readonly verbs?: readonly string[] | undefined;
  /** How many documents a cursor runs over. */
  readonly documents: number;
  /** How many writes are judged at a time, in the part `replies`; 240 unless told otherwise. */
  readonly pageLength?: number;
  readonly signal: AbortSignal;
}

export interface PartReport {
  readonly minutes: number;
  /** May be added up over runs. */
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** What ought to have been covered, and was not. */
  readonly gaps: readonly string[];
  /** What the part itself failed with. */
  readonly failure: string | undefined;
}

export interface SoakReport {
  readonly seed: string;
  readonly control: Control | undefined;
  readonly parts: Readonly<Partial<Record<PartName, PartReport>>>;
}

/** Every write that can be chosen. */
export const everyVerb: readonly string[] = [...new Set([...writerVerbs, ...verbNames])];

/** What has to be above zero at a part's end. */
const due: Readonly<Record<PartName, readonly string[]>> = {
  kills: ['proxy kills', 'proxy acknowledged', 'bare kills', 'bare acknowledged'],
  replies: ['operations', 'acknowledged', 'lost replies'],
  cursor: ['reads', 'documents', 'cuts', 'changes meanwhile'],
};

/** Soaks until the time is up or `signal` is aborted. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { seed, control, signal } = options;
  const parts: Partial<Record<PartName, PartReport>> = {};
  for (const name of options.parts) {
    if (!signal.aborted) parts[name] = await playPart(name, options);
  }
  return { seed, control, parts };
}

async function playPart(name: PartName, options: SoakOptions): Promise<PartReport> {
  const minutes = options.minutes / options.parts.length;
  const electionTimeoutMS = electionTimeouts[name](options);
  const seed = `${options.seed} ${name}`;
  await using stage = await Stage.open({ ...options, minutes, electionTimeoutMS, seed });
  let failure: string | undefined;
  try {
    await players[name](stage, options);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const { counts, findings } = stage.tally;
  return {
    minutes: Math.round(stage.elapsed / 600) / 100,
    counts,
    findings,
    gaps: due[name].filter((count) => !((counts[count] ?? 0) > 0)),
    failure,
  };
}

/** Short where kills are to follow each other; longer where what is armed on a primary is to last, and reads are. */
const electionTimeouts: Readonly<Record<PartName, (options: SoakOptions) => number>> = {
  kills: () => 250,
  replies: () => 500,
  cursor: ({ documents }) => Math.max(500, documents / 500),
};

const players: Readonly<Record<PartName, (stage: Stage, options: SoakOptions) => Promise<void>>> = {
  kills: (stage, { verbs }) => playKills(stage, chosen(writerVerbs, verbs)),
  replies: (stage, { verbs, control, pageLength = 2_000 }) =>
    playReplies(stage, { verbs: chosen(verbNames, verbs), naive: control === 'naive', pageLength }),
  cursor: (stage, { documents, control }) =>
    playCursor(stage, { documents, skipping: control === 'skip' }),
};

function chosen(all: readonly string[], wanted: readonly string[] | undefined): readonly string[] {
  const some = all.filter((verb) => wanted?.includes(verb) ?? true);
  return some.length > 0 ? some : all;
}

/** Whether the checker found what the control does wrong. */
export function isCaught({ parts }: SoakReport): boolean {
  const count = (name: PartName, label: string) => parts[name]?.counts[label] ?? 0;
  return count('replies', 'applied twice or more') + count('cursor', 'wrong reads') > 0;
}

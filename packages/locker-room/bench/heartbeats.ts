/** What it costs to hold locks. */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Keeping, startSet } from './contestant.ts';
import { messageOf } from './message.ts';

/** Processor time in percent of one core, window by window; NaN where it is not Linux that tells. */
export interface Heartbeats {
  readonly locks: number;
  readonly holder: readonly number[];
  readonly server: readonly number[];
}

const locks = 10_000;
/** Milliseconds: the length of a lease, in which each lock is renewed three times. */
const window = 30_000;
const millisecondsOfTick = 10;

/** A process that holds many locks with the default lease, on a set of one member. */
export async function measureHeartbeats(keeping: Keeping, rounds: number): Promise<Heartbeats> {
  await using set = await startSet(keeping, 1);
  const program = join(import.meta.dirname, 'holder.ts');
  const holder = fork(program, [set.url, `${locks}`]);
  const used = () => [processorTime(holder.pid), processorTime(set.primaryProcessId)] as const;
  try {
    await messageOf(holder);
    const percents = { holder: [] as number[], server: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      const begun = performance.now();
      const [holderBefore, serverBefore] = used();
      await sleep(window);
      const [holderAfter, serverAfter] = used();
      const passed = performance.now() - begun;
      percents.holder.push((100 * (holderAfter - holderBefore)) / passed);
      percents.server.push((100 * (serverAfter - serverBefore)) / passed);
    }
    const counted = messageOf(holder);
    holder.send('count');
    const lost = await counted;
    if (lost !== 0) throw new Error(`${lost} of ${locks} locks were lost`);
    return { locks, ...percents };
  } finally {
    holder.kill();
  }
}

/** Milliseconds that a process has had of any processor, as Linux tells it. */
function processorTime(processId = Number.NaN): number {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * millisecondsOfTick;
  } catch {
    return Number.NaN;
  }
}

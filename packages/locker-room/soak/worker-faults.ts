/** What is done to the workers: they are stopped for longer than their leases, killed, and told wrong times. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Crew } from './crew.ts';
import type { Dice } from './dice.ts';
import { leases } from './side.ts';

export interface WorkerFaultOptions {
  readonly crew: Crew;
  readonly dice: Dice;
  /** How many may stand still at a time. */
  readonly most: number;
  readonly isOver: () => boolean;
}

/** Stops, kills and misinforms workers until it is over; leaves all of them running. */
export async function playWorkerFaults(options: WorkerFaultOptions): Promise<void> {
  const stoppers = Array.from({ length: options.most }, () => stopWorkers(options));
  await Promise.all([...stoppers, killWorkers(options), shiftClocks(options)]);
}

async function stopWorkers({ crew, dice, isOver }: WorkerFaultOptions): Promise<void> {
  while (!isOver()) {
    // Mostly one that holds a lock: a pause of others shows little.
    const some = dice.chance(0.9) ? crew.holding : crew.running;
    if (some.length > 0) await crew.stop(dice.pick(some), lengthOfStop(dice));
    await pause(dice.between(10, 60));
  }
}

/** Mostly a little longer than a lease, now and then longer than a place in line is kept. */
function lengthOfStop(dice: Dice): number {
  if (dice.chance(0.01)) return dice.between(2_000, 6_000);
  return Math.ceil(Math.max(...leases) * (1.02 + dice.next() * 0.4));
}

async function killWorkers({ crew, dice, isOver }: WorkerFaultOptions): Promise<void> {
  for (;;) {
    await restFor(dice.between(2_000, 8_000), isOver);
    if (isOver()) return;
    await crew.replace(dice.pick(crew.all));
  }
}

async function shiftClocks({ crew, dice, isOver }: WorkerFaultOptions): Promise<void> {
  for (;;) {
    await restFor(dice.between(500, 3_000), isOver);
    if (isOver()) return;
    // Redlock goes on extending a lock that is gone for as long as its clock was set back.
    crew.shift(dice.pick(crew.all), dice.pick([500, -500, 2_000, -2_000, 3_600_000]));
  }
}

async function restFor(milliseconds: number, isOver: () => boolean): Promise<void> {
  const until = performance.now() + milliseconds;
  while (performance.now() < until && !isOver()) await pause(100);
}

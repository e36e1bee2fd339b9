/** Locks that nobody else wants. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from './contestant.ts';
import { connect, type LockClient } from './lock-client.ts';
import { quantile } from './quantile.ts';

/** Lock and release at a concurrency, round by round. */
export interface Uncontended {
  readonly name: string;
  readonly concurrency: number;
  /** Name of the figures of two bare writes on the same set. */
  readonly bare?: string;
  /** Pairs a second. */
  readonly rates: readonly number[];
  /** Milliseconds of a pair. */
  readonly p50: readonly number[];
  readonly p99: readonly number[];
}

/** Milliseconds of one slice, and how often a round goes through everybody and back. */
const slice = 100;
const turns = 4;
const warmUps = 2;
const names = 1000;

/**
 * Measures everybody in turns, at each concurrency.
 *
 * A round goes through everybody from the first to the last and back, so that what slows the
 * machine meanwhile weighs on all alike.
 */
export async function measureUncontended(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Uncontended[]> {
  const all: Uncontended[] = [];
  const clients = await Promise.all(contestants.map(({ client, url }) => connect(client, url)));
  for (const concurrency of [1, 16]) {
    const figures = contestants.map(({ name, bare }) => ({
      ...{ name, concurrency, ...(bare !== undefined && { bare }) },
      ...{ rates: [] as number[], p50: [] as number[], p99: [] as number[] },
    }));
    for (let round = -warmUps; round < rounds; round++) {
      const taken = clients.map((client) => ({ client, milliseconds: 0, times: [] as number[] }));
      for (let turn = 0; turn < turns; turn++) {
        for (const each of [...taken, ...taken.toReversed()]) {
          each.milliseconds += await runSlice(each.client, concurrency, each.times);
          await sleep(5); // what it left to be done is not the next one's
        }
      }
      if (round < 0) continue;
      taken.forEach(({ milliseconds, times }, at) => {
        figures[at]?.rates.push((times.length * 1000) / milliseconds);
        figures[at]?.p50.push(quantile(times, 0.5));
        figures[at]?.p99.push(quantile(times, 0.99));
      });
    }
    all.push(...figures);
  }
  await Promise.all(clients.map((client) => client.close()));
  return all;
}

let next = 0;

/** Locks and releases for the time of a slice; adds each pair's time to `times`, returns all of it. */
async function runSlice(client: LockClient, concurrency: number, times: number[]): Promise<number> {
  const begun = performance.now();
  const worker = async (): Promise<void> => {
    for (let at = performance.now(); at - begun < slice; ) {
      const release = await client.lock(`lock-${next++ % names}`);
      await release();
      const now = performance.now();
      times.push(now - at);
      at = now;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return performance.now() - begun;
}

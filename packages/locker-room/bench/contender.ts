/** A process of waiters: `contender.ts CLIENT URL`; says when it is warm, takes its orders, and waits with the others for the start. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Orders, Turn } from './contended.ts';
import { connect, type LockClientName } from './lock-client.ts';

/** Milliseconds. */
const hold = 1;
/** As many locks before all else, or as many as fit into so many milliseconds. */
const warmUp = { pairs: 300, milliseconds: 2000 };
const warmTurns = 5;

const [name, url = ''] = process.argv.slice(2);
const client = await connect(name as LockClientName, url);

const own = randomUUID();
const warmUntil = now() + warmUp.milliseconds;
for (let pair = 0; pair < warmUp.pairs && now() < warmUntil; pair++) {
  await (await client.lock(own))();
}
process.send?.('warm');
const [{ workers, turns, lock }] = (await once(process, 'message')) as [Orders];
const all = (name: string, count: number): Promise<Turn[][]> =>
  Promise.all(Array.from({ length: workers }, () => work(name, count)));
// Standing in line is to be warm, too.
await all(`${lock}-before`, warmTurns);
process.send?.('ready');
await once(process, 'message');
process.send?.(await all(lock, turns));

async function work(lock: string, turns: number): Promise<Turn[]> {
  const taken: Turn[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const asked = now();
    const release = await client.lock(lock);
    const granted = now();
    await sleep(hold);
    const released = now();
    await release();
    taken.push({ asked, granted, released });
  }
  return taken;
}

/** Milliseconds of the machine's monotonic clock, which all processes share. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

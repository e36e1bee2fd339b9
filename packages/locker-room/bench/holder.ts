/** A process that holds many locks: `holder.ts URI COUNT`; tells how many it lost when asked. */
import { once } from 'node:events';
import { LockerRoom } from '../src/index.ts';

const [uri = '', count = ''] = process.argv.slice(2);
const lockers = new LockerRoom({ uri });
let next = 0;
let lost = 0;

async function take(): Promise<void> {
  while (next < Number(count)) {
    const lock = await lockers.lock(`held-${next++}`);
    lock.signal.addEventListener('abort', () => {
      lost += 1;
    });
  }
}

await Promise.all(Array.from({ length: 16 }, take));
process.send?.('held');
await once(process, 'message');
process.send?.(lost);

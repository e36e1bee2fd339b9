/** A contestant on Node, as `PeerProcess` wants it: the name of its work, and a file of its data. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { npmWorks } from './npm-works.ts';
import { ownWorks } from './own-works.ts';

const [name = '', file = ''] = process.argv.slice(2);
const work = { ...ownWorks, ...npmWorks }[name];
if (work === undefined) throw new Error(`no such work: ${name}`);
const once = work(new Uint8Array(readFileSync(file)));
const never = Symbol('what no work gives');

console.log(process.version);
for await (const order of createInterface({ input: process.stdin })) {
  const least = BigInt(order) * 1_000_000n;
  // What the last one left is not the next one's to clear away. Only what is young: a full
  // collection forgets what the compiler has learned as well.
  globalThis.gc?.({ type: 'minor' });
  let result: unknown;
  let times = 0n;
  let took = 0n;
  const began = process.hrtime.bigint();
  while (times === 0n || took < least) {
    result = await once();
    times += 1n;
    took = process.hrtime.bigint() - began;
  }
  // It is looked at, so that none of the work can be left out.
  if (result === never) throw new Error('this cannot be');
  console.log(String(took / times));
}

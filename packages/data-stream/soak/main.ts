/** The command: `npm run soak -- data-stream`. */
import { parseArgs } from 'node:util';
import {
  compareBlocks,
  compareEndings,
  compareWhatJavaReads,
  compareWhatJavaWrites,
  Jdk,
} from '../test/differential.ts';

const usage = `npm run soak -- data-stream [options]

  --values N   how many each way (10000000)
  --seed S     decides which (a new one)

Holds data-stream against the JDK's own streams: values that Java writes and this
package reads and writes again, values that it writes and Java reads and writes again,
both to the byte; odd and malformed inputs, which must end in the same value or
exception with as many bytes left; and the blocks of object streams. Needs a JDK.

Exit codes: 0 all alike, 1 a difference, 2 usage, 3 no JDK.`;

const exitCode = { passed: 0, finding: 1, usage: 2, failed: 3 } as const;

/** Values a round: what fits in memory as text as well. */
const roundSize = 250_000;

function soak(values: number, seed: number): void {
  using jdk = new Jdk();
  const began = performance.now();
  const endings = new Map<string, number>();
  let done = 0;
  for (let round = 0; done < values; round++) {
    const count = Math.min(roundSize, values - done);
    const roundSeed = (seed + round * 7919) | 0;
    compareWhatJavaWrites(jdk, roundSeed, count);
    compareWhatJavaReads(jdk, roundSeed, count);
    for (const [ending, times] of compareEndings(jdk, roundSeed, count)) {
      endings.set(ending, (endings.get(ending) ?? 0) + times);
    }
    compareBlocks(jdk, roundSeed, Math.ceil(count / 10));
    done += count;
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.error(`${done} values each way after ${seconds} s`);
  }
  console.log(`seed ${seed}: all alike.
  ${done} values written by Java, read here and written again to the byte
  ${done} values written here, read by Java and written again to the byte
  ${done} odd inputs that ended alike, with as many bytes left:
${[...endings].map(([ending, times]) => `    ${times} ${ending}`).join('\n')}
  a tenth as many values in the blocks of object streams`);
}

try {
  const { values } = parseArgs({
    options: {
      values: { type: 'string', default: '10000000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      help: { type: 'boolean', default: false },
    },
  });
  const [count, seed] = [Number(values.values), Number(values.seed)];
  if (values.help) console.log(usage);
  else if (!(Number.isSafeInteger(count) && count > 0 && Number.isSafeInteger(seed))) {
    console.error(`values and seed are whole numbers\n\n${usage}`);
    process.exitCode = exitCode.usage;
  } else if (!Jdk.isThere()) {
    console.error('there is no JDK here: javac and java are not on the path');
    process.exitCode = exitCode.failed;
  } else {
    console.error(`seed ${seed}`);
    soak(count, seed);
  }
} catch (error) {
  const isUsage =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE');
  console.error(isUsage ? `${error.message}\n\n${usage}` : error);
  process.exitCode = isUsage ? exitCode.usage : exitCode.finding;
}

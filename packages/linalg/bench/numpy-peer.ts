import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Contender } from './contender.ts';

/** What NumPy is to do: see numpy-peer.py. */
type NumPyTask = Readonly<Record<string, string | number>>;

/** A Python process that times NumPy on one thread. */
export interface NumPyPeer {
  contender(task: NumPyTask): Contender;
  stop(): void;
}

/**
 * Starts Python with NumPy, OpenBLAS using the kernels of a processor type, or those it chooses.
 *
 * @throws {Error} when there is no Python with NumPy
 */
export async function startNumPy(name: string, coreType: string | undefined): Promise<NumPyPeer> {
  const program = process.env.PYTHON ?? '/usr/bin/python3';
  const child = spawn(program, [join(import.meta.dirname, 'numpy-peer.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      OPENBLAS_NUM_THREADS: '1',
      ...(coreType === undefined ? {} : { OPENBLAS_CORETYPE: coreType }),
    },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<never>((_, reject) => {
    const what = `${program} with NumPy: on Debian, apt-get install python3-numpy libopenblas0-pthread`;
    child.on('error', (cause) => reject(new Error(`this bench needs ${what}`, { cause })));
    child.on('exit', (code) =>
      reject(new Error(`NumPy ended (${code}); this bench needs ${what}`)),
    );
  });
  ended.catch(() => {});

  const ask = async (task: NumPyTask, repeats: number): Promise<number> => {
    child.stdin.write(`${JSON.stringify({ ...task, repeats })}\n`);
    const answer = await Promise.race([lines.next(), ended]);
    return Number(answer.value) * 1000;
  };
  await ask({ kind: 'gemv', n: 2 }, 1);
  return {
    contender: (task) => ({ name, time: (repeats) => ask(task, repeats) }),
    stop: () => child.kill(),
  };
}

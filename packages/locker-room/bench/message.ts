import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The next message of a child process; rejects when it ends before. */
export async function messageOf(child: ChildProcess): Promise<unknown> {
  const done = new AbortController();
  const ended = async (): Promise<never> => {
    const [code, signal] = await once(child, 'exit', { signal: done.signal });
    throw new Error(`${child.spawnargs.slice(1).join(' ')} ended with ${code ?? signal}`);
  };
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal: done.signal }),
      ended(),
    ]);
    return message;
  } finally {
    done.abort();
  }
}

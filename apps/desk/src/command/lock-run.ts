import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Lock } from '@holdfast/locker-room';

/** Milliseconds a command has to end by itself once its lock is lost. */
const lastWords = 5_000;

/** How a command ended that ran under a lock. */
export interface Ended {
  /** The command's own code; 128 and the signal's number when a signal ended it, as shells say it. */
  readonly code: number;
  /** Whether the lock was lost while it ran, so that it was told to end. */
  readonly wasLost: boolean;
}

/**
 * Runs a command while the lock is held, with its token in `HOLDFAST_TOKEN`.
 *
 * When the lock is lost the command gets SIGTERM, and SIGKILL five seconds later. A SIGTERM to this
 * process is passed on to it; Ctrl-C reaches it from the terminal by itself.
 */
export async function runUnder(lock: Lock, words: readonly string[]): Promise<Ended> {
  const [program = '', ...args] = words;
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, HOLDFAST_LOCK: lock.name, HOLDFAST_TOKEN: String(lock.token) },
  });
  let killing: NodeJS.Timeout | undefined;
  const lost = (): void => {
    child.kill('SIGTERM');
    killing = setTimeout(() => child.kill('SIGKILL'), lastWords);
  };
  const passOn = (): void => void child.kill('SIGTERM');
  lock.signal.addEventListener('abort', lost, { once: true });
  process.on('SIGTERM', passOn);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return { code: code ?? 128 + signalNumber(signal), wasLost: lock.signal.aborted };
  } finally {
    clearTimeout(killing);
    lock.signal.removeEventListener('abort', lost);
    process.off('SIGTERM', passOn);
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}

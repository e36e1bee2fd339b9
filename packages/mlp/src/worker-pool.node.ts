import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { MlpError } from './mlp-error.ts';

/** Where jobs are done. */
export interface WorkerOptions {
  /** How many threads; as many as there are cores if not given. Results do not depend on it. */
  readonly workers?: number;
  /** Ends the work; what has been asked for then rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Called as jobs are done, in any order. */
  readonly onDone?: (done: number, of: number) => void;
}

/** One of several trainings failed; the others were given up. `cause` is a copy of what it threw. */
export class StudyError extends MlpError {
  override readonly name = 'StudyError';
  readonly code = 'study';
  /** The place of the training among the seeds or folds, from 0. */
  readonly training: number;

  constructor(training: number, cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    super(`training ${training} failed: ${detail}`, { cause });
    this.training = training;
  }
}

interface Answer {
  readonly index: number;
  readonly result?: unknown;
  readonly error?: unknown;
}

/**
 * Does each job by the default export of a module, in threads; results are in the order of the jobs.
 *
 * @throws {StudyError} when a job throws; the others are then given up
 */
export async function inWorkers<Job, Result>(
  module: URL,
  jobs: readonly Job[],
  { workers = availableParallelism(), signal, onDone }: WorkerOptions = {},
): Promise<Result[]> {
  if (!(Number.isSafeInteger(workers) && workers >= 1)) {
    throw new RangeError(`workers must be a whole number above 0, not ${workers}`);
  }
  signal?.throwIfAborted();
  const results = new Array<Result>(jobs.length);
  const pool: Worker[] = [];
  let [next, done] = [0, 0];
  try {
    await new Promise<void>((resolve, reject) => {
      if (jobs.length === 0) resolve();
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      for (let w = 0; w < Math.min(workers, jobs.length); w++) {
        const worker = new Worker(new URL('./study-worker.node.ts', import.meta.url), {
          workerData: module.href,
        });
        pool.push(worker);
        const give = () => {
          if (next === jobs.length) return;
          worker.postMessage({ index: next, job: jobs[next] });
          next++;
        };
        worker.on('error', reject);
        worker.on('message', ({ index, result, error }: Answer) => {
          if (error !== undefined) {
            reject(new StudyError(index, error));
            return;
          }
          results[index] = result as Result;
          done++;
          onDone?.(done, jobs.length);
          if (done === jobs.length) resolve();
          else give();
        });
        give();
      }
    });
  } finally {
    await Promise.all(pool.map((worker) => worker.terminate()));
  }
  return results;
}

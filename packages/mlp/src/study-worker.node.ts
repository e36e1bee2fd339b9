/** A thread that does jobs by the module it is told of. */
import { parentPort, workerData } from 'node:worker_threads';
import { receivedJob } from './studies.node.ts';

const { default: work } = (await import(workerData as string)) as {
  default: (job: unknown) => unknown;
};

parentPort?.on('message', ({ index, job }: { readonly index: number; readonly job: object }) => {
  void answer(index, job);
});

async function answer(index: number, job: object): Promise<void> {
  try {
    parentPort?.postMessage({ index, result: await work(receivedJob(job)) });
  } catch (error) {
    parentPort?.postMessage({ index, error: error ?? new Error('the job threw nothing') });
  }
}

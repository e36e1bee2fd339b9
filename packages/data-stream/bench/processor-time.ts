import { readdirSync, readFileSync } from 'node:fs';

/**
 * The milliseconds that processors have worked for a process that rests, all of its threads
 * together.
 *
 * By Linux's scheduler, to the nanosecond: what Java itself can tell of its process counts in
 * steps of ten milliseconds.
 */
export function processorTime(processId: number): number {
  const folder = `/proc/${processId}/task`;
  const nanoseconds = readdirSync(folder).map((thread) => {
    const [ran] = readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ');
    return Number(ran);
  });
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

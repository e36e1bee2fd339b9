/** Units of time. */
import { ServerError } from '../../server-error.ts';

const milliseconds: ReadonlyMap<string, number> = new Map([
  ['year', Number.NaN],
  ['quarter', Number.NaN],
  ['month', Number.NaN],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
  ['millisecond', 1],
]);

/** The length of a unit in milliseconds, NaN for those that differ in length; throws 9 for what is no unit. */
export function parseTimeUnit(unit: string): number {
  const length = milliseconds.get(unit);
  if (length !== undefined) return length;
  throw new ServerError(9, `unknown time unit value: ${unit}`);
}

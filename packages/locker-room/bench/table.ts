/** The bench's figures as tables for people, in Markdown. */
import type { Contended } from './contended.ts';
import type { Keeping } from './contestant.ts';
import type { Heartbeats } from './heartbeats.ts';
import { medianOf } from './quantile.ts';
import type { Uncontended } from './uncontended.ts';

const places: Readonly<Record<Keeping, string>> = {
  memory: 'Kept in memory',
  disk: 'Kept on disk',
};

/** Medians of the rounds; of the ratio also the least and the greatest. */
export function uncontendedTable(keeping: Keeping, figures: readonly Uncontended[]): string[] {
  return [
    `| ${places[keeping]} | at a time | 1/s | p50 (ms) | p99 (ms) | time, as a multiple of the two writes' |`,
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...figures.map((each) => {
      const { name, concurrency, rates, p50, p99 } = each;
      const speed = [medianOf(rates).toFixed(0), text(p50), text(p99)];
      return row([name, `${concurrency}`, ...speed, timesBare(each, figures)]);
    }),
  ];
}

function timesBare({ bare, concurrency, rates }: Uncontended, all: readonly Uncontended[]): string {
  const writes = all.find((each) => each.name === bare && each.concurrency === concurrency);
  if (writes === undefined) return '';
  return textWithRange(rates.map((rate, round) => (writes.rates[round] ?? Number.NaN) / rate));
}

/** Medians of the rounds; of the longest run the greatest. */
export function contendedTable(keeping: Keeping, figures: readonly Contended[]): string[] {
  return [
    `| ${places[keeping]} | ten waiters in | hand-offs | p50 (ms) | p99 (ms) | longest run | longest wait (ms) | all in all (ms) |`,
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...figures.map(({ name, arrangement, handOffs, p50, p99, longestRun, maxWait, total }) =>
      row([
        ...[name, arrangement, medianOf(handOffs).toFixed(0), text(p50), text(p99)],
        ...[`${Math.max(...longestRun)}`, text(maxWait), text(total)],
      ]),
    ),
  ];
}

/** Medians of the windows, the least and the greatest. */
export function heartbeatsTable(keeping: Keeping, figures: readonly Heartbeats[]): string[] {
  return [
    `| ${places[keeping]}, one member | holder (% of a core) | server (% of a core) |`,
    '| --- | ---: | ---: |',
    ...figures.map(({ locks, holder, server }) =>
      row([`${locks} locks held`, textWithRange(holder), textWithRange(server)]),
    ),
  ];
}

function textWithRange(values: readonly number[]): string {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  return `${medianOf(values).toFixed(2)} (${least.toFixed(2)} to ${greatest.toFixed(2)})`;
}

function text(values: readonly number[]): string {
  const median = medianOf(values);
  return median.toFixed(median < 10 ? 2 : 0);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

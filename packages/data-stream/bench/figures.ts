import { median, type Rounds } from './contest.ts';

/** What was measured of one thing, and how it is shown. */
export interface Figures {
  readonly title: string;
  readonly unit: 'ns a record' | 'ns a text' | 'GB/s';
  /** The records or bytes of a round. */
  readonly per: number;
  /** The contestant that the others are compared with. */
  readonly base: string;
  readonly rounds: Rounds;
}

/** A table: a row a contestant, with its median and how many times as fast as the base it is. */
export function tableOf({ title, unit, per, base, rounds }: Figures): string[] {
  const baseline = rounds.get(base);
  const rows = [...rounds].map(([name, times]) => {
    const middle = median(times);
    const value =
      unit === 'GB/s' ? (per / middle / 1e6).toFixed(1) : ((middle * 1e6) / per).toFixed(0);
    const ratio = baseline === undefined ? '' : `${(median(baseline) / middle).toFixed(2)}×`;
    return `| ${name} | ${value} | ${ratio} |`;
  });
  return [`**${title}.**`, '', `| | ${unit} | speed |`, '| --- | ---: | ---: |', ...rows];
}

/** A table of several tables that have the same contestants: a row each, with nanoseconds. */
export function gridOf(all: readonly Figures[]): string[] {
  const names = [...(all[0]?.rounds.keys() ?? [])];
  const rows = all.map(({ title, per, base, rounds }) => {
    const baseline = median(rounds.get(base) ?? []);
    const cells = names.map((name) => {
      const middle = median(rounds.get(name) ?? []);
      const ratio = name === base ? '' : ` (${(baseline / middle).toFixed(2)}×)`;
      return `${((middle * 1e6) / per).toFixed(0)}${ratio}`;
    });
    return `| ${title} | ${cells.join(' | ')} |`;
  });
  const head = `| ${all[0]?.unit ?? ''} | ${names.join(' | ')} |`;
  return [head, `| --- |${' ---: |'.repeat(names.length)}`, ...rows];
}

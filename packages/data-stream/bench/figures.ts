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

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataOutputStream } from '../src/index.ts';
import type { Figures } from './figures.ts';
import { holdSides, type Peers, type Sides } from './sides.ts';
import { trade, tradesOf } from './trade.ts';

const count = 100_000;

/** What is measured, and what each side does for it. */
const contests: readonly (Omit<Sides, 'file' | 'count'> & {
  readonly title: string;
  readonly base: string;
})[] = [
  {
    title: 'Writing',
    base: 'JDK',
    turn: 300,
    java: 'writeRecords',
    own: {
      'data-stream, value by value': 'writeValues',
      'data-stream, `record`': 'writeRecords',
    },
    npm: { 'smart-buffer': 'smartBufferWrite', restructure: 'restructureWrite' },
  },
  {
    title: 'Reading values and keeping none',
    base: 'JDK',
    turn: 300,
    java: 'readValues',
    own: {
      'data-stream, longs as bigint': 'readValues',
      'data-stream, longs as number': 'readNumbers',
    },
  },
  {
    title: 'Reading to an array of records',
    base: 'JDK',
    // More of it at once would be a contest of garbage collectors.
    turn: 0,
    java: 'readRecords',
    own: { 'data-stream, `record`': 'readRecords' },
    npm: {
      'smart-buffer': 'smartBufferRead',
      'binary-parser': 'binaryParserRead',
      restructure: 'restructureRead',
    },
  },
  {
    title: 'Reading in batches that are dropped',
    base: 'bytes in memory, synchronous',
    turn: 300,
    own: {
      'bytes in memory, synchronous': 'readBatches',
      '`readRecords` of an async iterable, chunks of 64 KiB': 'readIterable',
      '`readRecords` of a web stream, chunks of 64 KiB': 'readWebStream',
    },
  },
];

/** Times records of an int, a long, a double and a text, each way. */
export async function measureRecords(
  peers: Peers,
  folder: string,
  rounds: number,
): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const [texts, symbols] of [
    ['1,000 symbols that come again and again', 1000],
    ['each text another', undefined],
  ] as const) {
    const file = join(folder, `${symbols}.bin`);
    const out = new DataOutputStream();
    for (const each of tradesOf(count, symbols)) trade.write(out, each);
    writeFileSync(file, out.toBytes());
    const shape = `${count.toLocaleString('en')} records of int, long, double and a text of 6 to 14 letters; ${texts}`;
    for (const { title, base, ...sides } of contests) {
      figures.push({
        title: `${title}, ${shape}`,
        unit: 'ns a record',
        per: count,
        base,
        rounds: await holdSides(peers, { ...sides, file, count }, rounds),
      });
    }
  }
  return figures;
}

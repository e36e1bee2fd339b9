import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataInputStream, DataOutputStream, readRecords } from '../src/index.ts';
import { type Contestant, hold, timed } from './contest.ts';
import type { Figures } from './figures.ts';
import type { JavaPeer } from './java-peer.ts';
import type { NpmPeer } from './npm-peers.ts';
import { type Trade, trade, tradesOf } from './trade.ts';

const count = 100_000;

/** What the contestants write to and read from. */
interface Course {
  readonly trades: readonly Trade[];
  readonly bytes: Uint8Array;
  readonly file: string;
}

/** Times records of an int, a long, a double and a text, each way. */
export async function measureRecords(
  java: JavaPeer | undefined,
  peers: readonly NpmPeer[],
  folder: string,
  rounds: number,
): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const [texts, symbols] of [
    ['1,000 symbols that come again and again', 1000],
    ['each text another', undefined],
  ] as const) {
    const course = courseOf(join(folder, `${symbols}.bin`), symbols);
    const shape = `${count.toLocaleString('en')} records of int, long, double and a text of 6 to 14 letters; ${texts}`;
    figures.push(
      {
        title: `Writing, ${shape}`,
        unit: 'ns a record',
        per: count,
        base: 'JDK',
        rounds: await hold(writers(course, java, peers), rounds),
      },
      {
        title: `Reading values and keeping none, ${shape}`,
        unit: 'ns a record',
        per: count,
        base: 'JDK',
        rounds: await hold(valueReaders(course, java), rounds),
      },
      {
        title: `Reading to an array of records, ${shape}`,
        unit: 'ns a record',
        per: count,
        base: 'JDK',
        rounds: await hold(recordReaders(course, java, peers), rounds),
      },
      {
        title: `Reading in batches that are dropped, ${shape}`,
        unit: 'ns a record',
        per: count,
        base: 'bytes in memory, synchronous',
        rounds: await hold(asyncReaders(course), rounds),
      },
    );
  }
  return figures;
}

function courseOf(file: string, symbols: number | undefined): Course {
  const trades = tradesOf(count, symbols);
  const out = new DataOutputStream();
  for (const each of trades) trade.write(out, each);
  const bytes = out.toBytes();
  writeFileSync(file, bytes);
  return { trades, bytes, file };
}

function writers(
  { trades, bytes, file }: Course,
  java: JavaPeer | undefined,
  peers: readonly NpmPeer[],
): Map<string, Contestant> {
  const memory = new Uint8Array(bytes.length);
  /** As Java's side has it: a buffer before a place in memory that is large enough. */
  const writing = (write: (out: DataOutputStream) => void) =>
    timed(() => {
      let at = 0;
      const sink = (chunk: Uint8Array): void => {
        memory.set(chunk, at);
        at += chunk.length;
      };
      const out = new DataOutputStream({ sink });
      write(out);
      out.flush();
      if (at !== bytes.length) throw new Error('other bytes');
      return memory;
    });
  return new Map<string, Contestant>([
    ...javaSide(java, 'writeRecords', file),
    [
      'data-stream, value by value',
      writing((out) => {
        for (const each of trades) {
          out.writeInt(each.id);
          out.writeLong(each.at);
          out.writeDouble(each.price);
          out.writeUTF(each.symbol);
        }
      }),
    ],
    [
      'data-stream, `record`',
      writing((out) => {
        for (const each of trades) trade.write(out, each);
      }),
    ],
    ...peers.flatMap(({ name, write }): [string, Contestant][] =>
      write === undefined ? [] : [[name, timed(() => write(trades))]],
    ),
  ]);
}

function valueReaders(
  { bytes, file }: Course,
  java: JavaPeer | undefined,
): Map<string, Contestant> {
  return new Map<string, Contestant>([
    ...javaSide(java, 'readValues', file),
    [
      'data-stream, longs as bigint',
      timed(() => {
        const input = new DataInputStream(bytes);
        let sum = 0;
        for (let i = 0; i < count; i++) {
          sum += input.readInt() + Number(input.readLong());
          sum += input.readDouble() + input.readUTF().length;
        }
        return sum;
      }),
    ],
    [
      'data-stream, longs as number',
      timed(() => {
        const input = new DataInputStream(bytes);
        let sum = 0;
        for (let i = 0; i < count; i++) {
          sum += input.readInt() + input.readLongNumber();
          sum += input.readDouble() + input.readUTF().length;
        }
        return sum;
      }),
    ],
  ]);
}

function recordReaders(
  { bytes, file }: Course,
  java: JavaPeer | undefined,
  peers: readonly NpmPeer[],
): Map<string, Contestant> {
  return new Map<string, Contestant>([
    ...javaSide(java, 'readRecords', file),
    [
      'data-stream, `record`',
      timed(() => {
        const input = new DataInputStream(bytes);
        const trades = new Array<Trade>(count);
        for (let i = 0; i < count; i++) trades[i] = trade.read(input);
        return trades;
      }),
    ],
    ...peers.flatMap(({ name, read }): [string, Contestant][] =>
      read === undefined ? [] : [[name, timed(() => read(bytes))]],
    ),
  ]);
}

function asyncReaders({ bytes }: Course): Map<string, Contestant> {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) chunks.push(bytes.subarray(at, at + 65_536));
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  return new Map<string, Contestant>([
    [
      'bytes in memory, synchronous',
      timed(() => {
        const input = new DataInputStream(bytes);
        let batch: Trade[] = [];
        while (input.available() > 0) {
          batch.push(trade.read(input));
          if (batch.length === 2000) batch = [];
        }
        return batch;
      }),
    ],
    [
      '`readRecords` of an async iterable, chunks of 64 KiB',
      timed(async () => {
        let last: Trade[] = [];
        for await (const batch of readRecords(source(), trade)) last = batch;
        return last;
      }),
    ],
    [
      '`readRecords` of a web stream, chunks of 64 KiB',
      timed(async () => {
        let last: Trade[] = [];
        for await (const batch of readRecords(ReadableStream.from(source()), trade)) last = batch;
        return last;
      }),
    ],
  ]);
}

function javaSide(java: JavaPeer | undefined, order: string, file: string): [string, Contestant][] {
  return java === undefined ? [] : [['JDK', () => java.time(order, file, count)]];
}

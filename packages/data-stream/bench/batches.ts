import { DataInputStream, DataOutputStream } from '../src/index.ts';
import { type Contestant, hold, timed } from './contest.ts';
import type { Figures } from './figures.ts';

const count = 1_000_000;
/** How often each is done a round, so that there is something to time. */
const times = 8;

/** Times arrays of numbers as a whole against copying their bytes, into room that is there. */
export async function measureBatches(rounds: number): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const width of [4, 8] as const) {
    // Not aligned, as values in a file are not.
    const bytes = new Uint8Array(count * width + 1).subarray(1);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 37) & 0x3f;
    const room = new Uint8Array(count * width);
    const ints = new Int32Array(count);
    const doubles = new Float64Array(count);
    const longs = new BigInt64Array(count);
    const copying: [string, Contestant] = ['copying the bytes', often(() => room.set(bytes))];
    const input = (): DataInputStream => new DataInputStream(bytes);
    const readers: [string, Contestant][] =
      width === 4
        ? [
            ['`readInts`', often(() => input().readInts(ints))],
            [
              'a loop of `readInt`',
              often(() => {
                const from = input();
                for (let i = 0; i < count; i++) ints[i] = from.readInt();
              }),
            ],
          ]
        : [
            ['`readDoubles`', often(() => input().readDoubles(doubles))],
            ['`readLongs`', often(() => input().readLongs(longs))],
            [
              'a loop of `readDouble`',
              often(() => {
                const from = input();
                for (let i = 0; i < count; i++) doubles[i] = from.readDouble();
              }),
            ],
          ];
    const title = `Reading a million values of ${width} bytes`;
    figures.push({
      title,
      unit: 'GB/s',
      per: bytes.length * times,
      base: copying[0],
      rounds: await hold(new Map([copying, ...readers]), rounds),
    });
  }
  // Both make their room anew; a stream's has to grow besides.
  const doubles = new Float64Array(count).fill(1.5);
  const bytes = new Uint8Array(doubles.buffer);
  figures.push({
    title: 'Writing a million doubles to a new stream',
    unit: 'GB/s',
    per: bytes.length * times,
    base: 'copying the bytes to a new array',
    rounds: await hold(
      new Map<string, Contestant>([
        ['copying the bytes to a new array', often(() => bytes.slice())],
        [
          '`writeDoubles`',
          often(() => {
            const out = new DataOutputStream();
            out.writeDoubles(doubles);
            return out;
          }),
        ],
      ]),
      rounds,
    ),
  });
  return figures;
}

function often(work: () => unknown): Contestant {
  return timed(() => {
    let result: unknown;
    for (let i = 0; i < times; i++) result = work();
    return result;
  });
}

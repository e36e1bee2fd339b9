import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataInputStream, DataOutputStream, modifiedUtf8 } from '../src/index.ts';
import { type Contestant, hold, timed } from './contest.ts';
import type { Figures } from './figures.ts';
import type { JavaPeer } from './java-peer.ts';
import type { NpmPeer } from './npm-peers.ts';
import { flat } from './trade.ts';

/** One kind of texts. */
interface Kind {
  readonly name: string;
  readonly letters: string;
  readonly length: number;
  readonly count: number;
}

const kinds: readonly Kind[] = [
  { name: '10 letters, ASCII', letters: 'abcdefghijklmnop', length: 10, count: 100_000 },
  { name: '10 letters, 1 in 8 accented', letters: 'abcdéfgh', length: 10, count: 100_000 },
  { name: '100 letters, ASCII', letters: 'abcdefghijklmnop', length: 100, count: 50_000 },
  { name: '100 letters, 1 in 8 accented', letters: 'abcdéfgh', length: 100, count: 50_000 },
  { name: '100 letters, Chinese', letters: '数据流读写测试', length: 100, count: 20_000 },
  { name: '10,000 letters, ASCII', letters: 'abcdefghijklmnop', length: 10_000, count: 500 },
];

/** Times texts by themselves, each another one. */
export async function measureTexts(
  java: JavaPeer | undefined,
  peers: readonly NpmPeer[],
  folder: string,
  rounds: number,
): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const [place, kind] of kinds.entries()) {
    const { name, count } = kind;
    const texts = textsOf(kind);
    const out = new DataOutputStream();
    for (const text of texts) out.writeUTF(text);
    const bytes = out.toBytes();
    const encoded = texts.map((text) => modifiedUtf8.encode(text));
    const file = join(folder, `texts-${place}.bin`);
    writeFileSync(file, bytes);
    const javaSide = (order: string): [string, Contestant][] =>
      java === undefined ? [] : [['JDK', () => java.time(order, file, count)]];
    const writers = new Map<string, Contestant>([
      ...javaSide('writeTexts'),
      [
        'data-stream',
        timed(() => {
          const output = new DataOutputStream({ sink: () => {} });
          for (const text of texts) output.writeUTF(text);
          return output.size();
        }),
      ],
      ...peers.flatMap(({ name: peer, encodeTexts }): [string, Contestant][] =>
        encodeTexts === undefined ? [] : [[peer, timed(() => encodeTexts(texts))]],
      ),
    ]);
    const readers = new Map<string, Contestant>([
      ...javaSide('readTexts'),
      [
        'data-stream',
        timed(() => {
          const input = new DataInputStream(bytes);
          const read = new Array<string>(count);
          for (let i = 0; i < count; i++) read[i] = input.readUTF();
          return read;
        }),
      ],
      ...peers.flatMap(({ name: peer, decodeTexts }): [string, Contestant][] =>
        decodeTexts === undefined ? [] : [[peer, timed(() => decodeTexts(encoded))]],
      ),
    ]);
    const common = { unit: 'ns a text', per: count, base: 'JDK' } as const;
    figures.push(
      { title: `writing ${name}`, ...common, rounds: await hold(writers, rounds) },
      { title: `reading ${name}`, ...common, rounds: await hold(readers, rounds) },
    );
  }
  return figures;
}

function textsOf({ letters, length, count }: Kind): string[] {
  return Array.from({ length: count }, (_, i) => {
    let text = String(i);
    for (let at = text.length; at < length; at++)
      text += letters[(i * 7 + at * 5) % letters.length];
    return flat(text);
  });
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataOutputStream } from '../src/index.ts';
import type { Figures } from './figures.ts';
import { holdSides, type Peers } from './sides.ts';

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
  peers: Peers,
  folder: string,
  rounds: number,
): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const [place, kind] of kinds.entries()) {
    const { name, count } = kind;
    const out = new DataOutputStream();
    for (const text of textsOf(kind)) out.writeUTF(text);
    const file = join(folder, `texts-${place}.bin`);
    writeFileSync(file, out.toBytes());
    for (const [doing, java, own, mutf8] of [
      ['writing', 'writeTexts', 'writeTexts', 'mutf8Write'],
      ['reading', 'readTexts', 'readTexts', 'mutf8Read'],
    ] as const) {
      const sides = {
        file,
        count,
        turn: 100,
        java,
        own: { 'data-stream': own },
        npm: { 'mutf-8': mutf8 },
      };
      figures.push({
        title: `${doing} ${name}`,
        unit: 'ns a text',
        per: count,
        base: 'JDK',
        rounds: await holdSides(peers, sides, rounds),
      });
    }
  }
  return figures;
}

function textsOf({ letters, length, count }: Kind): string[] {
  return Array.from({ length: count }, (_, i) => {
    let text = String(i);
    for (let at = text.length; at < length; at++)
      text += letters[(i * 7 + at * 5) % letters.length];
    return text;
  });
}

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockData, DataInputStream, DataOutputStream, DataStreamError } from '../src/index.ts';
import { Dice } from './dice.ts';
import { hex, unhex } from './hex.ts';
import { readerOf, textOf, writerOf } from './value-kind.ts';

/** A JDK, and a folder for what it is given and gives. */
export class Jdk implements Disposable {
  readonly #folder: string;

  static isThere(): boolean {
    return ['javac', 'java'].every((tool) => spawnSync(tool, ['-version']).status === 0);
  }

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'data-stream-'));
    const source = join(import.meta.dirname, 'fixtures/Differential.java');
    execFileSync('javac', ['-encoding', 'UTF-8', '-d', this.#folder, source]);
  }

  /** Runs the program in `fixtures/Differential.java`. */
  run(order: string, ...args: string[]): void {
    const options = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', this.#folder];
    execFileSync('java', [...options, 'Differential', order, ...args]);
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  bytesOf(name: string): Uint8Array {
    return readFileSync(this.path(name));
  }

  linesOf(name: string): string[] {
    return readFileSync(this.path(name), 'utf8').trimEnd().split('\n');
  }

  put(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Java writes values: they are read as what they were, and written again to the byte. */
export function compareWhatJavaWrites(jdk: Jdk, seed: number, count: number): void {
  jdk.run('write', jdk.path('java.bin'), jdk.path('java.txt'), String(seed), String(count));
  const lines = jdk.linesOf('java.txt');
  equal('values', lines.length, count);
  compareValues(jdk.bytesOf('java.bin'), lines);
}

/** Holds the bytes of values against the lines that say what each of them is. */
export function compareValues(bytes: Uint8Array, lines: readonly string[]): void {
  const input = new DataInputStream(bytes);
  const out = new DataOutputStream();
  for (const [i, line] of lines.entries()) {
    const [kind = '', said = ''] = line.split(' ');
    const { offset } = input;
    if (kind === 'bytes' || kind === 'chars') {
      input.skipBytes(textOf(said).length * (kind === 'bytes' ? 1 : 2));
    } else {
      const seen = readerOf(kind)(input);
      equal(`value ${i}, ${kind}, at ${offset}`, seen, seenByReader(kind, said));
    }
    writerOf(kind)(out, said);
  }
  equal('bytes left', input.available(), 0);
  sameBytes('written again', out.toBytes(), bytes);
}

/** Values are written here: Java reads them as the same, and writes them again to the byte. */
export function compareWhatJavaReads(jdk: Jdk, seed: number, count: number): void {
  const dice = new Dice(seed);
  const out = new DataOutputStream();
  const kinds: string[] = [];
  for (let i = 0; i < count; i++) {
    const [kind, said] = dice.value();
    writerOf(kind)(out, said);
    kinds.push(kind);
  }
  const ours = jdk.put('ours.bin', out.toBytes());
  jdk.run('copy', ours, jdk.put('ours.txt', kinds.join('\n')), jdk.path('again.bin'));
  sameBytes('read and written by Java', jdk.bytesOf('again.bin'), out.toBytes());
}

/** Cut short, malformed, odd: each ends in the same value or exception, with as many bytes left. */
export function compareEndings(jdk: Jdk, seed: number, count: number): ReadonlyMap<string, number> {
  const dice = new Dice(seed);
  const cases = Array.from({ length: count }, () => dice.oddInput());
  const file = jdk.put('cases.txt', cases.map((each) => each.join(' ')).join('\n'));
  jdk.run('probe', file, jdk.path('answers.txt'));
  const answers = jdk.linesOf('answers.txt');
  equal('answers', answers.length, count);
  for (const [i, [kind, bytes]] of cases.entries()) {
    equal(`${kind} ${bytes}`, endingOf(kind, bytes), answers[i]);
  }
  return countsOf(answers.map((answer) => answer.split(' ')[0] ?? ''));
}

/** How a read of some bytes ends: the value or the exception, and how many bytes are left. */
export function endingOf(kind: string, bytes: string): string {
  const input = new DataInputStream(unhex(bytes));
  return `${outcome(() => `ok ${readerOf(kind)(input)}`)} ${input.available()}`;
}

/** Java's object streams of primitive data: their blocks are joined, and made again to the byte. */
export function compareBlocks(jdk: Jdk, seed: number, count: number): void {
  jdk.run('blocks', jdk.path('blocks.bin'), jdk.path('blocks.txt'), String(seed), String(count));
  const bytes = jdk.bytesOf('blocks.bin');
  const { data, end } = blockData.decode(bytes);
  equal('end of the blocks', end, bytes.length);
  compareValues(data, jdk.linesOf('blocks.txt'));
  sameBytes('blocks', blockData.encode(data), bytes);
}

/** Object streams that are cut short, malformed, or hold objects end as Java's reading of them. */
export function compareBlockEndings(
  jdk: Jdk,
  seed: number,
  count: number,
): ReadonlyMap<string, number> {
  const dice = new Dice(seed);
  const cases = Array.from({ length: count }, () => dice.objectStream());
  jdk.run('unblock', jdk.put('streams.txt', cases.join('\n')), jdk.path('ends.txt'));
  const ends = jdk.linesOf('ends.txt');
  equal('answers', ends.length, count);
  for (const [i, bytes] of cases.entries()) {
    const [data = '', ...end] = (ends[i] ?? '').split(' ');
    const ours = outcome(() => `${hex(blockData.decode(unhex(bytes)).data)} end`);
    // Java gives what came before a failure byte by byte.
    const java = end[0] === 'end' ? `${data} end` : end.join(' ');
    equal(`object stream ${bytes}`, ours, java);
  }
  return countsOf(ends.map((answer) => answer.split(' ')[1] ?? ''));
}

function outcome(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DataStreamError)) throw error;
    // Java's EOFException has no message.
    return `${error.name} ${error.name === 'EOFException' ? null : error.message}`;
  }
}

/** What the reader sees of an int that was cut to a narrower width when written. */
function seenByReader(kind: string, said: string): string {
  if (kind === 'byte') return String(Int8Array.of(Number(said))[0]);
  if (kind === 'short') return String(Int16Array.of(Number(said))[0]);
  if (kind === 'char') return String(Uint16Array.of(Number(said))[0]);
  return said;
}

function countsOf(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function equal(what: string, ours: unknown, due: unknown): void {
  if (ours !== due) throw new Error(`${what}: ${String(ours)} here, ${String(due)} in Java`);
}

function sameBytes(what: string, ours: Uint8Array, due: Uint8Array): void {
  if (Buffer.compare(ours, due) === 0) return;
  const at = ours.findIndex((byte, i) => byte !== due[i]);
  throw new Error(`${what}: ${ours.length} bytes here, ${due.length} in Java; they part at ${at}`);
}

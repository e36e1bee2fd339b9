import { DeskError } from '../desk-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { digitsOf, type GuessedType, isDay, isMillisecond, isSecond } from './field-evidence.ts';
import { guessLayouts, type LayoutGuess } from './layout-guess.ts';
import { type RecordingOptions, wholeRecording } from './recording.ts';

const most = 3;

/** A field as a guess shows it. */
interface ShownField {
  readonly name: string;
  readonly type: GuessedType;
  readonly evidence: string;
}

/** Shows what layouts an unknown file may have, the likeliest first. */
export async function guessRecording(
  path: string,
  options: RecordingOptions & { readonly json?: boolean },
  terminal: Terminal,
): Promise<void> {
  const bytes = await wholeRecording(path, options);
  if (bytes.length === 0) throw new DeskError('data', `${path}: it is empty`);
  const wrapping = wrappingOf(bytes);
  if (wrapping !== undefined)
    throw new DeskError('condition', `${path}: ${wrapping.what}`, wrapping.mend);
  const guesses = guessLayouts(bytes, most).map((guess) => shown(guess, options.skip ?? 0));
  if (options.json) {
    const report = { schema: 'holdfast.java-guess/1', bytes: bytes.length, guesses };
    terminal.print(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    terminal.print(guesses.map((guess, i) => textOf(guess, i, path, options)).join('\n'));
  }
  if (guesses.length === 0) {
    throw new DeskError(
      'condition',
      `${path}: no layout of up to ten fields makes sense of its ${bytes.length} bytes`,
      'It may have a longer head: try --skip BYTES. Arrays and nested records are not tried.',
    );
  }
}

/** What else may be around the records. */
function wrappingOf(bytes: Uint8Array): { what: string; mend: string } | undefined {
  const head = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  if (head === 'aced0005') {
    return { what: 'an ObjectOutputStream made this', mend: 'Add --objects.' };
  }
  if (head.startsWith('1f8b08')) return { what: 'this is gzip', mend: 'Add --gzip.' };
  return undefined;
}

function shown(
  { head, types, records, leftOver, bitsPerByte, columns }: LayoutGuess,
  before: number,
) {
  const names = namesOf(types, columns);
  const fields: ShownField[] = types.map((type, i) => ({
    name: names[i] ?? '',
    type,
    evidence: evidenceOf(type, columns[i] ?? []),
  }));
  return {
    layout: fields.map(({ name, type }) => `${name}:${type}`).join(', '),
    skip: before + head,
    records,
    leftOver,
    bitsPerByte: Number(bitsPerByte.toFixed(2)),
    fields,
  };
}

function textOf(
  { layout, skip, records, leftOver, bitsPerByte, fields }: ReturnType<typeof shown>,
  place: number,
  path: string,
  { gzip, objects }: RecordingOptions,
): string {
  const rest = leftOver === 0 ? 'nothing left over' : `${leftOver} bytes left over: cut short?`;
  const head = skip === 4 ? '; the four bytes before them are their number' : '';
  const options = [
    ...(gzip ? ['--gzip'] : []),
    ...(objects ? ['--objects'] : []),
    ...(skip > 0 ? [`--skip ${skip}`] : []),
    `--as '${layout}'`,
  ];
  const width = Math.max(...fields.map(({ name, type }) => name.length + type.length + 1));
  const lines = [
    `${place + 1}. ${records} whole records, ${rest}${head}; ${bitsPerByte} bits a byte`,
    ...fields.map(
      ({ name, type, evidence }) => `   ${`${name}:${type}`.padEnd(width)}  ${evidence}`,
    ),
    `   holdfast java dump ${path} ${options.join(' ')}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Names by what the values look like, numbered where there are several. */
function namesOf(
  types: readonly GuessedType[],
  columns: readonly (readonly (string | number)[])[],
): string[] {
  const plain = types.map((type, i) => {
    const values = columns[i] ?? [];
    if (type === 'utf') return 'text';
    if (type === 'boolean') return 'flag';
    const numbers = values as readonly number[];
    if (type === 'int' && numbers.every(isDay)) return 'day';
    if (type === 'int' && numbers.every(isSecond)) return 'time';
    if (type === 'long' && numbers.every(isMillisecond)) return 'time';
    return type === 'double' || type === 'float' ? 'value' : 'number';
  });
  return plain.map((name, i) => {
    if (plain.indexOf(name) === plain.lastIndexOf(name)) return name;
    return name + (plain.slice(0, i).filter((other) => other === name).length + 1);
  });
}

function evidenceOf(type: GuessedType, values: readonly (string | number)[]): string {
  const seen = new Set(values);
  const different = `${seen.size} different in ${values.length}`;
  if (type === 'utf') {
    const lengths = values.map((value) => String(value).length);
    const some = [...seen].slice(0, 3).map((value) => JSON.stringify(value));
    return `${range(lengths)} characters, ${different}, as ${some.join(', ')}`;
  }
  const numbers = values as readonly number[];
  if (type === 'boolean') return `all 0 or 1, ${different}`;
  if (type === 'int' && numbers.every(isDay)) return `days from ${range(numbers)}`;
  if (type === 'int' && numbers.every(isSecond)) return `times from ${range(numbers, 1000)}`;
  if (type === 'long' && numbers.every(isMillisecond)) return `times from ${range(numbers, 1)}`;
  if (type === 'double' || type === 'float') {
    const real = numbers.filter((value) => !Number.isNaN(value));
    if (real.length === 0) return 'all NaN';
    const digits = real.map((value) => digitsOf(value, type));
    const others = real.length < numbers.length ? ', some NaN' : '';
    return `${range(real)}, of at most ${Math.max(...digits)} digits${others}`;
  }
  return `${range(numbers)}, ${different}`;
}

/** From the least to the greatest; times by their milliseconds. */
function range(values: readonly number[], milliseconds?: number): string {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const text = (value: number): string =>
    milliseconds === undefined ? String(value) : new Date(value * milliseconds).toISOString();
  return least === greatest ? text(least) : `${text(least)} to ${text(greatest)}`;
}

import {
  type GuessedType,
  guessedTypes,
  lengthAs,
  longestText,
  type Reading,
  readAs,
  widths,
} from './field-evidence.ts';

/** A layout that the bytes may have. */
export interface LayoutGuess {
  /** Bytes before the first record: 0, or 4 for their number. */
  readonly head: 0 | 4;
  readonly types: readonly GuessedType[];
  /** Whole records. */
  readonly records: number;
  /** Bytes after the last whole record. */
  readonly leftOver: number;
  /** How many bits a byte takes when it is told by this layout; 8 would have found nothing. */
  readonly bitsPerByte: number;
  /** The values of the first records, a list a field. */
  readonly columns: readonly (readonly Reading['value'][])[];
}

/** Records that are looked at closely. */
const looked = 400;
/** Records that a layout has to make sense of before it is looked at closely. */
const glanced = 24;
/** Layouts that are looked at closely. */
const shortList = 40;
/** Bytes in which they are. */
const sample = 262_144;
/** Layouts by which the whole file is read. */
const finalists = 8;
/** The most fields of a record. */
const mostFields = 10;
/** Fields that are tried behind others. */
const budget = 60_000;
/** What telling one more field costs, in bits a byte, so that of two that fit the simpler wins. */
const costOfField = 0.05;
/** A layout that takes more bits than this for a byte has found nothing. */
const mostBits = 7.5;

/**
 * Finds layouts that make sense of a file from its first byte to its last, the likeliest first.
 *
 * Each way to cut the first bytes into fields is held against the records that follow: where texts
 * are no texts, or numbers absurd, it is dropped. Those that are left are ordered by the bits that
 * the records take in a code for values that programs write.
 */
export function guessLayouts(bytes: Uint8Array, most: number): LayoutGuess[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const guesses = ([0, 4] as const)
    .flatMap((head) => searchFrom(view, head))
    .sort((one, other) => rank(one) - rank(other));
  return guesses
    .filter((guess, place) => !guesses.slice(0, place).some((better) => isRepeat(guess, better)))
    .slice(0, most);
}

/** Whether a guess says what a better one says, several records at a time. */
function isRepeat(guess: LayoutGuess, better: LayoutGuess): boolean {
  const times = Math.round(better.records / guess.records);
  return (
    guess.head === better.head && times >= 2 && guess.types.length >= better.types.length * times
  );
}

function rank({ bitsPerByte, types, leftOver }: LayoutGuess): number {
  return bitsPerByte + types.length * costOfField + (leftOver > 0 ? 1 : 0);
}

/** Fields that were tried one behind the other. */
interface Prefix {
  readonly types: readonly GuessedType[];
  /** Where the next field begins. */
  readonly at: number;
  readonly bits: number;
}

function searchFrom(view: DataView, head: 0 | 4): LayoutGuess[] {
  if (view.byteLength <= head) return [];
  if (head === 4 && !(view.getInt32(0) > 0 && view.getInt32(0) < view.byteLength)) return [];
  const likely: { types: readonly GuessedType[]; bitsPerByte: number }[] = [];
  let left = budget;
  let open: Prefix[] = [{ types: [], at: head, bits: 0 }];
  for (let fields = 1; fields <= mostFields && open.length > 0; fields++) {
    const next: Prefix[] = [];
    for (const prefix of open) {
      for (const type of guessedTypes) {
        const reading = readAs(type, view, prefix.at);
        if (reading === undefined || left === 0) continue;
        left -= 1;
        const types = [...prefix.types, type];
        const at = prefix.at + reading.bytes;
        const bits = prefix.bits + reading.bits;
        // A prefix may begin with a field that says little, but not go on so.
        if (bits > 8.8 * (at - head) + 24) continue;
        next.push({ types, at, bits });
        const bitsPerByte = glance(view, head, types);
        if (bitsPerByte <= mostBits) likely.push({ types, bitsPerByte });
      }
    }
    // The ones that say most go on.
    next.sort((one, other) => one.bits / (one.at - head) - other.bits / (other.at - head));
    open = next.slice(0, 400);
  }
  const cost = ({ types, bitsPerByte }: (typeof likely)[number]): number =>
    bitsPerByte + types.length * costOfField;
  const beginning = new DataView(view.buffer, view.byteOffset, Math.min(view.byteLength, sample));
  return likely
    .sort((one, other) => cost(one) - cost(other))
    .slice(0, shortList)
    .flatMap(({ types }) => holdAgainst(beginning, head, types) ?? [])
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, finalists)
    .flatMap(({ types }) => holdAgainst(view, head, types) ?? [])
    .filter(({ records }) => head === 0 || view.getInt32(0) === records);
}

/** The bits a byte of the first few records; infinite when the layout does not fit them. */
function glance(view: DataView, head: 0 | 4, types: readonly GuessedType[]): number {
  let at: number = head;
  let bits = 0;
  for (let records = 0; records < glanced && at < view.byteLength; records++) {
    for (const type of types) {
      const reading = readAs(type, view, at);
      if (reading === undefined) {
        const isCut = records >= 4 && isCutAt(view, at, type);
        return isCut ? bits / (at - head) : Number.POSITIVE_INFINITY;
      }
      at += reading.bytes;
      bits += reading.bits;
    }
    if (bits > 8.8 * (at - head)) return Number.POSITIVE_INFINITY;
  }
  return bits / (at - head);
}

/** Reads the bytes to their end by a layout; undefined when that makes no sense. */
function holdAgainst(
  view: DataView,
  head: 0 | 4,
  types: readonly GuessedType[],
): LayoutGuess | undefined {
  const columns: Reading['value'][][] = types.map(() => []);
  let at: number = head;
  let bits = 0;
  let records = 0;
  let lookedTo: number = head;
  let end: number = head;
  reading: while (at < view.byteLength) {
    for (const [i, type] of types.entries()) {
      const reading = records < looked ? readAs(type, view, at) : undefined;
      const length = records < looked ? reading?.bytes : lengthAs(type, view, at);
      if (length === undefined) {
        if (isCutAt(view, at, type)) break reading;
        return undefined;
      }
      at += length;
      if (reading === undefined) continue;
      columns[i]?.push(reading.value);
      bits += reading.bits;
      lookedTo = at;
    }
    records += 1;
    end = at;
  }
  if (records === 0) return undefined;
  const rows = Math.min(records, looked);
  const bitsPerByte = bitsOfColumns(columns, types, bits, rows) / (lookedTo - head);
  if (bitsPerByte > mostBits) return undefined;
  return { head, types, records, leftOver: view.byteLength - end, bitsPerByte, columns };
}

/** Whether the file ends within a value of that type. */
function isCutAt(view: DataView, at: number, type: GuessedType): boolean {
  const left = view.byteLength - at;
  if (type !== 'utf') return left < widths[type];
  if (left < 2) return true;
  const length = view.getUint16(at);
  return length <= longestText && length + 2 > left;
}

/** Values that go up step by step, and texts that come again, take few bits, whatever they are. */
function bitsOfColumns(
  columns: readonly (readonly Reading['value'][])[],
  types: readonly GuessedType[],
  bits: number,
  rows: number,
): number {
  if (rows < 4) return bits;
  let all = bits;
  for (const [i, values] of columns.entries()) {
    // Bytes and booleans are short as it is, and a wide number has many that stand still.
    const type = types[i];
    if (type === 'byte' || type === 'boolean') continue;
    if (type === 'utf' ? isRepeated(values) : isSteady(values as number[])) {
      all -= rows * 8;
    }
  }
  return all;
}

function isRepeated(texts: readonly unknown[]): boolean {
  const different = new Set(texts);
  return different.size <= texts.length / 2 && !different.has('');
}

/** Whether numbers stand still or go up, by about the same each time. */
function isSteady(values: readonly number[]): boolean {
  const steps = values.slice(1).map((value, row) => value - (values[row] ?? 0));
  return steps.every((step) => step >= 0 && step <= Math.max(1, steps[0] ?? 0) * 2);
}

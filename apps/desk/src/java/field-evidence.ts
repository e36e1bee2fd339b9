import { modifiedUtf8 } from '@holdfast/data-stream';

/** The types that a guess tries, widest first where two fit alike. */
export const guessedTypes = [
  'utf',
  'long',
  'double',
  'int',
  'float',
  'short',
  'byte',
  'boolean',
] as const;

export type GuessedType = (typeof guessedTypes)[number];

/** Bytes of each type but `utf`. */
export const widths: Readonly<Record<Exclude<GuessedType, 'utf'>, number>> = {
  long: 8,
  double: 8,
  int: 4,
  float: 4,
  short: 2,
  byte: 1,
  boolean: 1,
};

/** A value at a place, if it were of a type: what it is, how long, and how many bits say it. */
export interface Reading {
  readonly value: string | number;
  readonly bytes: number;
  /**
   * The bits of a code in which the values that programs write are short and others long. A layout
   * that takes fewer bits than its bytes have has found something.
   */
  readonly bits: number;
}

export const longestText = 256;
/** What a control character costs beside its byte: texts hold few. */
const bitsOfControl = 16;

/** Reads bytes as a type; undefined where they cannot be one. */
export function readAs(type: GuessedType, view: DataView, at: number): Reading | undefined {
  if (type === 'utf') return readText(view, at);
  const bytes = widths[type];
  if (at + bytes > view.byteLength) return undefined;
  const value = numberAt(type, view, at);
  const bits = bitsOf(type, value);
  return bits === undefined ? undefined : { value, bytes, bits };
}

/** How long a value of that type would be; undefined where there can be none. */
export function lengthAs(type: GuessedType, view: DataView, at: number): number | undefined {
  if (type !== 'utf') {
    const bytes = widths[type];
    if (at + bytes > view.byteLength) return undefined;
    return type === 'boolean' && view.getUint8(at) > 1 ? undefined : bytes;
  }
  if (at + 2 > view.byteLength) return undefined;
  const length = view.getUint16(at);
  return length <= longestText && at + 2 + length <= view.byteLength ? 2 + length : undefined;
}

function readText(view: DataView, at: number): Reading | undefined {
  if (at + 2 > view.byteLength) return undefined;
  const length = view.getUint16(at);
  if (length > longestText || at + 2 + length > view.byteLength) return undefined;
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at + 2, length);
  try {
    const value = modifiedUtf8.decode(bytes);
    if (/\p{Cn}|\p{Co}|\p{Cs}/u.test(value)) return undefined;
    const controls = value.match(/\p{Cc}/gu)?.length ?? 0;
    const bits = length === 0 ? 14 : 8 + 6 * length + bitsOfControl * controls;
    return { value, bytes: 2 + length, bits };
  } catch {
    return undefined;
  }
}

function numberAt(type: Exclude<GuessedType, 'utf'>, view: DataView, at: number): number {
  switch (type) {
    case 'long':
      return Number(view.getBigInt64(at));
    case 'double':
      return view.getFloat64(at);
    case 'int':
      return view.getInt32(at);
    case 'float':
      return view.getFloat32(at);
    case 'short':
      return view.getInt16(at);
    default:
      return view.getInt8(at);
  }
}

function bitsOf(type: Exclude<GuessedType, 'utf'>, value: number): number | undefined {
  switch (type) {
    case 'boolean':
      return value === 0 || value === 1 ? 5 : undefined;
    case 'byte':
      return Math.abs(value) < 32 ? 8 : 12;
    case 'short':
      return Math.abs(value) < 1000 ? 15 : 20;
    case 'int':
      if (Math.abs(value) < 65_536) return 22;
      return isDay(value) || isSecond(value) ? 22 : 36;
    case 'long':
      if (Math.abs(value) < 2 ** 32) return 38;
      return isMillisecond(value) ? 38 : 70;
    case 'float':
      return bitsOfReal(value, digitsOf(value, 'float'), 7, 36);
    case 'double':
      return bitsOfReal(value, digitsOf(value, 'double'), 12, 70);
  }
}

/** Numbers that people write have few digits; measured ones at least a magnitude that is not absurd. */
function bitsOfReal(value: number, digits: number, few: number, all: number): number {
  if (value === 0) return all / 2;
  const isLikely = Math.abs(value) >= 1e-6 && Math.abs(value) < 1e12;
  if (!isLikely) return Number.isNaN(value) ? all / 2 : all * 1.2;
  return digits <= few ? all * (0.25 + 0.02 * digits) : all * 0.75;
}

/** The significant digits of the shortest number that means this one. */
export function digitsOf(value: number, type: 'float' | 'double'): number {
  const shortest = type === 'double' ? String(value) : shortestFloat(value);
  return shortest.replace(/e.*$/, '').replace(/^-?0\.0*|[-.]/g, '').length;
}

function shortestFloat(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
}

/** A day as 20221230. */
export function isDay(value: number): boolean {
  const [year, month, day] = [
    Math.floor(value / 10_000),
    Math.floor(value / 100) % 100,
    value % 100,
  ];
  return year >= 1900 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

const second = (year: number): number => Date.UTC(year, 0, 1) / 1000;

/** A time as seconds since 1970, from 2000 to 2040. */
export function isSecond(value: number): boolean {
  return value >= second(2000) && value < second(2040);
}

/** A time as milliseconds since 1970, from 1990 to 2040. */
export function isMillisecond(value: number): boolean {
  return value >= second(1990) * 1000 && value < second(2040) * 1000;
}

/** Dates read from text: by a format, or in the usual ways to write them. */
import { ServerError } from '../server-error.ts';
import { dateOfIsoParts, dateOfParts, day, daysInMonth } from './calendar.ts';
import { monthNames, splitFormat } from './date-text.ts';
import { instantOf, type TimeZone, utc } from './time-zone.ts';

/** What a text says; what it does not say is not there. */
interface Reading {
  year?: number;
  month?: number;
  day?: number;
  dayOfYear?: number;
  isoYear?: number;
  isoWeek?: number;
  isoDay?: number;
  hour?: number;
  minute?: number;
  second?: number;
  millisecond?: number;
  /** In minutes, when the text has its own. */
  offset?: number;
}

/**
 * The instant that a text names, in a zone unless it has its own.
 *
 * @throws {ServerError} 241 when it cannot be read as a whole date
 */
export function readDate(text: string, zone: TimeZone): Date {
  const reading = readUsual(text);
  if (reading === undefined) throw unreadable(text, 'the format is not known');
  return dateOfReading(text, reading, zone);
}

/** The same for a text written by a format, which is checked apart. */
export function readDateAs(text: string, format: string, zone: TimeZone): Date {
  return dateOfReading(text, readByFormat(text, format), zone);
}

function unreadable(text: string, why: string): ServerError {
  return new ServerError(241, `Error parsing date string '${text}'; ${why}`);
}

function dateOfReading(text: string, reading: Reading, zone: TimeZone): Date {
  const start = dayOfReading(text, reading);
  const { hour = 0, minute = 0, second = 0, millisecond = 0, offset } = reading;
  if (hour > 24 || minute > 59 || second > 59) {
    throw unreadable(text, 'the time of day does not exist');
  }
  const local = start + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond;
  if (offset === undefined) return new Date(instantOf(local, zone));
  if (zone !== utc) {
    throw new ServerError(
      241,
      'you cannot pass in a date/time string with GMT offset together with a timezone argument',
    );
  }
  return new Date(local - offset * 60_000);
}

function dayOfReading(text: string, reading: Reading): number {
  const { year, month, isoYear, isoWeek = 1, isoDay = 1, dayOfYear } = reading;
  if (isoYear !== undefined) {
    if (year !== undefined || month !== undefined || reading.day !== undefined) {
      throw unreadable(text, 'mixing of ISO dates with natural dates is not allowed');
    }
    if (isoWeek < 1 || isoWeek > 53 || isoDay < 1 || isoDay > 7) {
      throw unreadable(text, 'the week does not exist');
    }
    return dateOfIsoParts(isoYear, isoWeek, isoDay);
  }
  if (year !== undefined && dayOfYear !== undefined) {
    if (dayOfYear < 1 || dayOfYear > 366) throw unreadable(text, 'the day does not exist');
    return dateOfParts(year, 1, 1) + (dayOfYear - 1) * day;
  }
  if (year === undefined || month === undefined || reading.day === undefined) {
    throw new ServerError(
      241,
      `an incomplete date/time string has been found, with elements missing: "${text}"`,
    );
  }
  if (month < 1 || month > 12 || reading.day < 1 || reading.day > daysInMonth(year, month)) {
    throw unreadable(text, 'the parsed date was invalid');
  }
  return dateOfParts(year, month, reading.day);
}

type Field = Exclude<keyof Reading, 'offset'>;

/** How the parts of a format look in the text, and what they say. */
const formatParts: Readonly<Record<string, readonly [pattern: RegExp, field?: Field]>> = {
  '%': [/%/y],
  Y: [/\d{4}/y, 'year'],
  m: [/\d{1,2}/y, 'month'],
  d: [/\d{1,2}/y, 'day'],
  H: [/\d{1,2}/y, 'hour'],
  M: [/\d{2}/y, 'minute'],
  S: [/\d{2}/y, 'second'],
  L: [/\d{1,3}/y, 'millisecond'],
  j: [/\d{1,3}/y, 'dayOfYear'],
  G: [/\d{1,4}/y, 'isoYear'],
  V: [/\d{1,2}/y, 'isoWeek'],
  u: [/\d/y, 'isoDay'],
  b: [/[A-Za-z]+/y, 'month'],
  B: [/[A-Za-z]+/y, 'month'],
  z: [/ *(?:(?:GMT|UTC)?[+-]\d\d?(?::?\d\d)?|[A-Za-z]{1,4})/y],
  Z: [/[+-]\d+/y],
};

/** @throws {ServerError} 18535 or 18536 when the format is malformed */
export function checkReadingFormat(format: string): void {
  splitFormat(format, formatParts);
}

function readByFormat(text: string, format: string): Reading {
  const reading: Reading = {};
  let at = 0;
  for (const part of splitFormat(format, formatParts)) {
    if (typeof part === 'string') {
      if (!text.startsWith(part, at)) {
        throw unreadable(text, `${at}: the format separator does not match`);
      }
      at += part.length;
      continue;
    }
    const [pattern, field] = formatParts[part.specifier] as readonly [RegExp, Field?];
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) {
      throw unreadable(text, `${at}: what %${part.specifier} stands for could not be found`);
    }
    at += found.length;
    if (part.specifier === 'z') reading.offset = offsetOf(text, found.trim());
    else if (part.specifier === 'Z') reading.offset = Number(found);
    else if (field === 'month' && /\D/.test(found)) reading.month = monthOf(text, found);
    else if (field === 'millisecond') reading.millisecond = Number(found.padEnd(3, '0'));
    else if (field !== undefined) reading[field] = Number(found);
  }
  if (at < text.length) throw unreadable(text, `${at}: trailing data`);
  return reading;
}

function monthOf(text: string, name: string): number {
  const lower = name.toLowerCase();
  const index = monthNames.findIndex(
    (month) => month.toLowerCase() === lower || month.slice(0, 3).toLowerCase() === lower,
  );
  if (index < 0 && lower !== 'sept') throw unreadable(text, `no month is called '${name}'`);
  return index < 0 ? 9 : index + 1;
}

const dates: readonly RegExp[] = [
  /(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})/y,
  /(?<year>\d{4})\/(?<month>\d{1,2})\/(?<day>\d{1,2})/y,
  /(?<year>\d{4})-?W(?<isoWeek>\d{2})(?:-?(?<isoDay>[1-7]))?/y,
  /(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})(?!\d)/y,
  /(?<year>\d{4})-(?<dayOfYear>\d{3})(?!\d)/y,
  /(?<year>\d{4})-(?<month>\d{2})(?!\d)/y,
  /(?<month>\d{1,2})\/(?<day>\d{1,2})\/(?<year>\d{4}|\d{2}(?!\d))/y,
  /(?<year>\d{4})-(?<name>[A-Za-z]{3,9})-(?<day>\d{1,2})/y,
  /(?<day>\d{1,2})[-.](?<month>\d{1,2})[-.](?<year>\d{4})/y,
  /(?:[A-Za-z]{3,9},?\s+)?(?<name>[A-Za-z]{3,9})\.?\s+(?<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?<year>\d{4})/y,
  /(?:[A-Za-z]{3,9},?\s+)?(?<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?<name>[A-Za-z]{3,9})\.?,?[\s-]+(?<year>\d{4})/y,
];

const clock =
  /(?:[Tt]|\s+|,\s+)(?<hour>\d{1,2})(?:[:.](?<minute>\d{2})(?:[:.](?<second>\d{2})(?:[.,:](?<fraction>\d+))?)?|(?<shortMinute>\d{2})(?<shortSecond>\d{2})?(?:[.,](?<shortFraction>\d+))?)?(?:\s*(?<half>[AaPp])\.?[Mm]\.?)?/y;
const zonePattern = /\s*(?:(?:UTC|GMT)?[+-]\d\d?(?::?\d\d)?|[A-Za-z]{1,4})$/y;
const abbreviations: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  WET: 0,
  BST: 60,
  WEST: 60,
  CET: 60,
  CEST: 120,
  EET: 120,
  EEST: 180,
  MSK: 180,
  JST: 540,
  AEST: 600,
  AEDT: 660,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
};

function readUsual(given: string): Reading | undefined {
  const text = given.trim();
  for (const pattern of dates) {
    pattern.lastIndex = 0;
    const found = pattern.exec(text);
    if (found === null) continue;
    const reading = readingOfDate(given, found.groups ?? {});
    const end = readTime(text, found[0].length, reading);
    if (end === text.length) return reading;
  }
  return undefined;
}

function readingOfDate(text: string, groups: Record<string, string | undefined>): Reading {
  const number = (name: string) => Number(groups[name]);
  const given = number('year');
  const year = groups['year']?.length === 2 ? given + (given < 70 ? 2000 : 1900) : given;
  if (groups['isoWeek'] !== undefined) {
    return { isoYear: year, isoWeek: number('isoWeek'), isoDay: Number(groups['isoDay'] ?? 1) };
  }
  if (groups['dayOfYear'] !== undefined) return { year, dayOfYear: number('dayOfYear') };
  const month = groups['name'] === undefined ? number('month') : monthOf(text, groups['name']);
  return { year, month, day: Number(groups['day'] ?? 1) };
}

/** Reads a time and a zone, if they are there; where the text goes on. */
function readTime(text: string, from: number, reading: Reading): number {
  let at = from;
  const word = /^\s+(noon|midnight)$/i.exec(text.slice(from))?.[1];
  if (word !== undefined) {
    reading.hour = word.toLowerCase() === 'noon' ? 12 : 0;
    return text.length;
  }
  clock.lastIndex = at;
  const found = clock.exec(text);
  const parts: Record<string, string | undefined> = found?.groups ?? {};
  const minute = parts['minute'] ?? parts['shortMinute'];
  if (found !== null && (minute !== undefined || parts['half'] !== undefined)) {
    at += found[0].length;
    const hour = Number(parts['hour']);
    reading.hour =
      parts['half'] === undefined ? hour : (hour % 12) + (/p/i.test(parts['half']) ? 12 : 0);
    reading.minute = Number(minute ?? 0);
    reading.second = Number(parts['second'] ?? parts['shortSecond'] ?? 0);
    const fraction = parts['fraction'] ?? parts['shortFraction'] ?? '';
    reading.millisecond = Number(fraction.slice(0, 3).padEnd(3, '0'));
  }
  zonePattern.lastIndex = at;
  const zone = zonePattern.exec(text)?.[0];
  if (zone === undefined) return at;
  reading.offset = offsetOf(text, zone.trim());
  return at + zone.length;
}

/** The zones that armies know by a letter, from the east of Greenwich to the west; J is none. */
function militaryOffset(letter: string): number | undefined {
  const east = 'ABCDEFGHIKLM'.indexOf(letter);
  const west = 'NOPQRSTUVWXY'.indexOf(letter);
  if (letter.length !== 1 || (east < 0 && west < 0)) return undefined;
  return east < 0 ? -60 * (west + 1) : 60 * (east + 1);
}

/** In minutes. */
function offsetOf(text: string, zone: string): number {
  const parts = /([+-])(\d\d?):?(\d\d)?$/.exec(zone);
  if (parts === null) {
    const offset = abbreviations[zone.toUpperCase()] ?? militaryOffset(zone.toUpperCase());
    if (offset === undefined) throw unreadable(text, `the time zone '${zone}' is not known`);
    return offset;
  }
  const minutes = Number(parts[2]) * 60 + Number(parts[3] ?? 0);
  return parts[1] === '-' ? -minutes : minutes;
}

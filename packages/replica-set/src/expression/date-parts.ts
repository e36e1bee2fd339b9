/** Parts of dates, one by one (`$year`, `$isoWeek`, …) or all at once, and dates made of parts. */
import { ObjectId, Timestamp } from 'bson';
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { dateOf } from './arithmetic.ts';
import {
  dateOfIsoParts,
  dateOfParts,
  dayOfWeek,
  dayOfYear,
  isoDayOfWeek,
  isoWeek,
  isoWeekYear,
  week,
} from './calendar.ts';
import type { Context, Operator, Operators } from './context.ts';
import {
  type Evaluator,
  type ExpressionScope,
  type ExpressionValue,
  isNullish,
  nameOf,
} from './evaluator.ts';
import { asLong } from './number-kind.ts';
import { namedOperands, optionalOperand } from './operands.ts';
import { instantOf, localTime, timeZoneOperand } from './time-zone.ts';

/** A part of a local time. */
type Part = (local: number) => number;

const year: Part = (local) => new Date(local).getUTCFullYear();
const month: Part = (local) => new Date(local).getUTCMonth() + 1;
const dayOfMonth: Part = (local) => new Date(local).getUTCDate();
const hour: Part = (local) => new Date(local).getUTCHours();
const minute: Part = (local) => new Date(local).getUTCMinutes();
const second: Part = (local) => new Date(local).getUTCSeconds();
const millisecond: Part = (local) => new Date(local).getUTCMilliseconds();

export const datePartOperators: Operators = {
  $year: part('$year', year),
  $month: part('$month', month),
  $dayOfMonth: part('$dayOfMonth', dayOfMonth),
  $hour: part('$hour', hour),
  $minute: part('$minute', minute),
  $second: part('$second', second),
  $millisecond: part('$millisecond', millisecond),
  $dayOfYear: part('$dayOfYear', dayOfYear),
  $dayOfWeek: part('$dayOfWeek', dayOfWeek),
  $week: part('$week', week),
  $isoDayOfWeek: part('$isoDayOfWeek', isoDayOfWeek),
  $isoWeek: part('$isoWeek', isoWeek),
  $isoWeekYear: part('$isoWeekYear', (local) => isoWeekYear(local), BigInt),
  $dateToParts: compileDateToParts,
  $dateFromParts: compileDateFromParts,
};

/**
 * A date, or what holds one: a timestamp, an ObjectId.
 *
 * @throws {ServerError} 16006 for all else
 */
export function instant(value: ExpressionValue): number {
  const found = optionalInstant(value);
  if (found !== undefined) return found;
  throw new ServerError(16006, `can't convert from BSON type ${nameOf(value)} to Date`);
}

export function optionalInstant(value: ExpressionValue): number | undefined {
  if (value instanceof Date) return value.getTime();
  if (value instanceof Timestamp) return value.t * 1000;
  if (value instanceof ObjectId) return value.getTimestamp().getTime();
  return undefined;
}

function part(
  name: string,
  read: Part,
  write: (value: number) => number | bigint = (value) => value,
): Operator {
  return (operand, context) => {
    const named = partOperands(name, operand);
    const date = context.compile(named.get('date'));
    const zone = timeZoneOperand(named, context);
    return (scope) => {
      const value = date(scope);
      if (isNullish(value)) return null;
      const milliseconds = instant(value);
      const where = zone(scope);
      return where === undefined ? null : write(read(localTime(milliseconds, where)));
    };
  };
}

/** A date alone, in an array of one, or `{ date, timezone }`. */
function partOperands(name: string, operand: BsonValue): BsonDocument {
  if (isDocument(operand) && !isExpression(operand)) {
    for (const key of operand.keys()) {
      if (key !== 'date' && key !== 'timezone') {
        throw new ServerError(40535, `unrecognized option to ${name}: "${key}"`);
      }
    }
    if (operand.has('date')) return operand;
    throw new ServerError(40539, `missing 'date' argument to ${name}`);
  }
  if (!Array.isArray(operand)) return new Map([['date', operand]]);
  if (operand.length === 1) return new Map([['date', operand[0]]]);
  throw new ServerError(
    40536,
    `${name} accepts exactly one argument if given an array, but was given ${operand.length}`,
  );
}

function isExpression(operand: BsonDocument): boolean {
  const [first] = operand.keys();
  return first?.startsWith('$') ?? false;
}

const naturalParts: Readonly<Record<string, Part>> = { year, month, day: dayOfMonth };
const isoParts: Readonly<Record<string, Part>> = { isoWeekYear, isoWeek, isoDayOfWeek };
const clockParts: Readonly<Record<string, Part>> = { hour, minute, second, millisecond };

function compileDateToParts(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$dateToParts', operand, {
    object: 40524,
    unknown: 40520,
    required: { date: 40522 },
    optional: ['timezone', 'iso8601'],
  });
  const date = context.compile(named.get('date'));
  const zone = timeZoneOperand(named, context);
  const iso = optionalOperand(named, 'iso8601', context) ?? (() => false);
  return (scope) => {
    const value = date(scope);
    const where = zone(scope);
    if (where === undefined) return null;
    const flag = iso(scope);
    if (isNullish(flag)) return null;
    if (typeof flag !== 'boolean') {
      throw new ServerError(40521, `iso8601 must evaluate to a bool, found ${nameOf(flag)}`);
    }
    if (isNullish(value)) return null;
    const local = localTime(instant(value), where);
    const parts = { ...(flag ? isoParts : naturalParts), ...clockParts };
    return new Map(Object.entries(parts).map(([name, read]) => [name, read(local)]));
  };
}

const natural = ['year', 'month', 'day'];
const iso = ['isoWeekYear', 'isoWeek', 'isoDayOfWeek'];
const clock = ['hour', 'minute', 'second', 'millisecond'];

function compileDateFromParts(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$dateFromParts', operand, {
    object: 40519,
    unknown: 40518,
    required: {},
    optional: [...natural, ...iso, ...clock, 'timezone'],
  });
  const given = (names: string[]) => names.some((name) => named.has(name));
  if (!given(['year', 'isoWeekYear'])) {
    throw new ServerError(
      40516,
      "$dateFromParts requires either 'year' or 'isoWeekYear' to be present",
    );
  }
  if (named.has('year') && given(iso)) {
    throw new ServerError(
      40489,
      '$dateFromParts does not allow mixing natural dates with ISO dates',
    );
  }
  if (named.has('isoWeekYear') && given(natural)) {
    throw new ServerError(
      40525,
      '$dateFromParts does not allow mixing ISO dates with natural dates',
    );
  }
  const isIso = named.has('isoWeekYear');
  const zone = timeZoneOperand(named, context);
  const clockReaders = clock.map((name) => partReader(named, name, 0, context));
  const [first, ...others] = (isIso ? iso : natural).map((name, index) =>
    partReader(named, name, index === 0 ? 1970 : 1, context),
  ) as [PartReader, PartReader, PartReader];
  return (scope) => {
    const time = clockReaders.map((read) => read(scope));
    const where = zone(scope);
    const yearPart = first(scope);
    const rest = others.map((read) => read(scope));
    if (where === undefined || yearPart === undefined) return null;
    const [b, c] = rest;
    const [h, m, s, ms] = time;
    if ([b, c, h, m, s, ms].includes(undefined)) return null;
    checkYear(isIso, yearPart);
    const start = (isIso ? dateOfIsoParts : dateOfParts)(yearPart, Number(b), Number(c));
    const local =
      start + Number(h) * 3_600_000 + Number(m) * 60_000 + Number(s) * 1000 + Number(ms);
    return dateOf(instantOf(dateOf(local).getTime(), where));
  };
}

function checkYear(isIso: boolean, value: number): void {
  if (value >= 1 && value <= 9999) return;
  throw new ServerError(
    isIso ? 31095 : 40523,
    `'${isIso ? 'isoWeekYear' : 'year'}' must evaluate to an integer in the range 1 to 9999, found ${value}`,
  );
}

/** Parts that MongoDB bounds to 16 bits; the others are as large as a long. */
const bounded: ReadonlySet<string> = new Set([
  'month',
  'day',
  'isoWeek',
  'isoDayOfWeek',
  'hour',
  'minute',
]);

type PartReader = (scope: ExpressionScope) => number | undefined;

/** Reads a part; nothing when it is null. */
function partReader(
  named: BsonDocument,
  name: string,
  otherwise: number,
  context: Context,
): PartReader {
  const evaluate = optionalOperand(named, name, context);
  if (evaluate === undefined) return () => otherwise;
  return (scope) => {
    const value = evaluate(scope);
    if (isNullish(value)) return undefined;
    const long = asLong(value);
    if (long === undefined) {
      throw new ServerError(
        40515,
        `'${name}' must evaluate to an integer, found ${nameOf(value)} with value ${String(value)}`,
      );
    }
    if (bounded.has(name) && (long < -32768n || long > 32767n)) {
      throw new ServerError(
        31034,
        `'${name}' must evaluate to a value in the range [-32768, 32767]; value ${long} is not in range`,
      );
    }
    return Number(long);
  };
}

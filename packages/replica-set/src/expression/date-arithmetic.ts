/** `$dateAdd`, `$dateSubtract`, `$dateDiff`, `$dateTrunc`. */
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { dateOf } from './arithmetic.ts';
import { dateOfParts, day, daysInMonth, isoDayOfWeek, startOfDay } from './calendar.ts';
import type { Context, Operator, Operators } from './context.ts';
import { optionalInstant } from './date-parts.ts';
import {
  type Evaluator,
  type ExpressionScope,
  type ExpressionValue,
  isNullish,
  nameOf,
} from './evaluator.ts';
import { asLong } from './number-kind.ts';
import { namedOperands, optionalOperand } from './operands.ts';
import { instantOf, localTime, type TimeZone, timeZoneOperand } from './time-zone.ts';

export const dateArithmeticOperators: Operators = {
  $dateAdd: addition('$dateAdd', 1n),
  $dateSubtract: addition('$dateSubtract', -1n),
  $dateDiff: compileDifference,
  $dateTrunc: compileTruncation,
};

const units = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day,
  week: 7 * day,
  month: 28 * day,
  quarter: 84 * day,
  year: 365 * day,
} as const;
type Unit = keyof typeof units;

const monthsIn: Readonly<Partial<Record<Unit, number>>> = { month: 1, quarter: 3, year: 12 };

function unitOf(name: string, value: ExpressionValue): Unit {
  if (typeof value !== 'string') {
    throw new ServerError(
      5439013,
      `${name} requires 'unit' to be a string, but got ${nameOf(value)}`,
    );
  }
  if (Object.hasOwn(units, value)) return value as Unit;
  throw new ServerError(
    9,
    `${name} parameter 'unit' value parsing failed :: caused by :: unknown time unit value: ${value}`,
  );
}

/** Reads a named operand; nothing when it is null. */
function reader<Value>(
  named: BsonDocument,
  name: string,
  context: Context,
  read: (value: ExpressionValue) => Value,
): (scope: ExpressionScope) => Value | undefined {
  const evaluate = context.compile(named.get(name));
  return (scope) => {
    const value = evaluate(scope);
    return isNullish(value) ? undefined : read(value);
  };
}

function dateReader(name: string, code: number, operand: string) {
  return (value: ExpressionValue): number => {
    const found = optionalInstant(value);
    if (found !== undefined) return found;
    throw new ServerError(
      code,
      `${name} requires '${operand}' to be a date, but got ${nameOf(value)}`,
    );
  };
}

function addition(name: string, sign: 1n | -1n): Operator {
  return (operand, context) => {
    const named = namedOperands(name, operand, {
      object: 5166400,
      unknown: 5166401,
      required: { startDate: 5166402, unit: 5166402, amount: 5166402 },
      optional: ['timezone'],
    });
    const start = reader(named, 'startDate', context, dateReader(name, 5166403, 'startDate'));
    const unit = reader(named, 'unit', context, (value) => unitOf(name, value));
    const amount = reader(named, 'amount', context, (value) => amountOf(name, value));
    const zone = timeZoneOperand(named, context);
    return (scope) => {
      const from = start(scope);
      const by = unit(scope);
      const count = amount(scope);
      const where = zone(scope);
      if (from === undefined || by === undefined || count === undefined || where === undefined) {
        return null;
      }
      return dateOf(addUnits(from, by, Number(count * sign), where));
    };
  };
}

function amountOf(name: string, value: ExpressionValue): bigint {
  const long = asLong(value);
  if (long === undefined) {
    throw new ServerError(5166405, `${name} expects integer amount of time units`);
  }
  if (name === '$dateSubtract' && long === -(2n ** 63n)) {
    throw new ServerError(6045000, `invalid $dateSubtract 'amount' parameter value: ${long}`);
  }
  return long;
}

/** Days and longer units go by the zone's calendar and keep the time of day, shorter ones by the clock. */
function addUnits(from: number, unit: Unit, count: number, zone: TimeZone): number {
  // MongoDB takes amounts up to the range of its dates, of 64 bits of milliseconds.
  if (unit !== 'millisecond' && Math.abs(count) >= 2 ** 64 / units[unit] + 1) {
    throw new ServerError(5976500, `invalid dateAdd 'amount' parameter value: ${count} ${unit}`);
  }
  const months = monthsIn[unit];
  if (months === undefined && units[unit] < day) return from + count * units[unit];
  const local = dateOf(localTime(from, zone)).getTime();
  const moved =
    months === undefined ? local + count * units[unit] : addMonths(local, count * months);
  return instantOf(dateOf(moved).getTime(), zone);
}

/** A day that the month does not have becomes its last one. */
function addMonths(local: number, count: number): number {
  const date = new Date(local);
  const first = new Date(dateOfParts(date.getUTCFullYear(), date.getUTCMonth() + 1 + count, 1));
  const most = daysInMonth(first.getUTCFullYear(), first.getUTCMonth() + 1);
  const dayOfMonth = Math.min(date.getUTCDate(), most);
  return first.getTime() + (dayOfMonth - 1) * day + (local - startOfDay(local));
}

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** 1 for Monday. */
function weekdayOf(name: string, value: ExpressionValue): number {
  if (typeof value !== 'string') {
    throw new ServerError(
      5439015,
      `${name} requires 'startOfWeek' to be a string, but got ${nameOf(value)}`,
    );
  }
  const text = value.toLowerCase();
  const index = weekdays.findIndex((weekday) => text === weekday || text === weekday.slice(0, 3));
  if (index >= 0) return index + 1;
  throw new ServerError(
    5439016,
    `${name} parameter 'startOfWeek' value cannot be recognized as a day of a week: ${value}`,
  );
}

/** The first day of weeks, asked for only where weeks are counted; nothing when it is null. */
function startOfWeekReader(name: string, named: BsonDocument, context: Context) {
  const evaluate = optionalOperand(named, 'startOfWeek', context) ?? (() => 'sunday');
  return (scope: ExpressionScope, unit: Unit): number | undefined => {
    if (unit !== 'week') return 7;
    const value = evaluate(scope);
    return isNullish(value) ? undefined : weekdayOf(name, value);
  };
}

function compileDifference(operand: BsonValue, context: Context): Evaluator {
  const name = '$dateDiff';
  const named = namedOperands(name, operand, {
    object: 5166301,
    unknown: 5166302,
    required: { startDate: 5166303, endDate: 5166304, unit: 5166305 },
    optional: ['timezone', 'startOfWeek'],
  });
  const start = reader(named, 'startDate', context, dateReader(name, 5166307, 'startDate'));
  const end = reader(named, 'endDate', context, dateReader(name, 5166307, 'endDate'));
  const unit = reader(named, 'unit', context, (value) => unitOf(name, value));
  const firstDay = startOfWeekReader(name, named, context);
  const zone = timeZoneOperand(named, context);
  return (scope) => {
    const from = start(scope);
    const to = end(scope);
    const by = unit(scope);
    if (from === undefined || to === undefined || by === undefined) return null;
    const weekStart = firstDay(scope, by);
    const where = zone(scope);
    if (weekStart === undefined || where === undefined) return null;
    return BigInt(countUnits(from, to, by, where, weekStart));
  };
}

/** How many beginnings of units lie between two instants, by the zone's clocks. */
function countUnits(
  from: number,
  to: number,
  unit: Unit,
  zone: TimeZone,
  weekStart: number,
): number {
  if (unit === 'millisecond') return to - from;
  const [a, b] = [localTime(from, zone), localTime(to, zone)];
  const length = units[unit];
  if (length < day) {
    const turned = a - from - (b - to);
    return Math.floor(b / length) - Math.floor(a / length) + Math.trunc(turned / length);
  }
  return countLocal(a, b, unit, weekStart);
}

function countLocal(a: number, b: number, unit: Unit, weekStart: number): number {
  const [start, end] = [new Date(a), new Date(b)];
  const years = end.getUTCFullYear() - start.getUTCFullYear();
  const days = (startOfDay(b) - startOfDay(a)) / day;
  switch (unit) {
    case 'year':
      return years;
    case 'quarter':
      return years * 4 + quarter(end) - quarter(start);
    case 'month':
      return years * 12 + end.getUTCMonth() - start.getUTCMonth();
    case 'week':
      return (days + dayInWeek(a, weekStart) - dayInWeek(b, weekStart)) / 7;
    default:
      return days;
  }
}

function quarter(date: Date): number {
  return Math.floor(date.getUTCMonth() / 3);
}

/** 0 for the first day of the week. */
function dayInWeek(local: number, weekStart: number): number {
  return (isoDayOfWeek(local) - weekStart + 7) % 7;
}

function compileTruncation(operand: BsonValue, context: Context): Evaluator {
  const name = '$dateTrunc';
  const named = namedOperands(name, operand, {
    object: 5439007,
    unknown: 5439008,
    required: { date: 5439009, unit: 5439010 },
    optional: ['binSize', 'timezone', 'startOfWeek'],
  });
  const date = reader(named, 'date', context, dateReader(name, 5439012, 'date'));
  const size = named.has('binSize') ? reader(named, 'binSize', context, binSizeOf) : () => 1;
  const unit = reader(named, 'unit', context, (value) => unitOf(name, value));
  const firstDay = startOfWeekReader(name, named, context);
  const zone = timeZoneOperand(named, context);
  return (scope) => {
    const instant = date(scope);
    const bin = size(scope);
    const by = unit(scope);
    if (instant === undefined || bin === undefined || by === undefined) return null;
    const weekStart = firstDay(scope, by);
    const where = zone(scope);
    if (weekStart === undefined || where === undefined) return null;
    return dateOf(truncate(instant, by, bin, where, weekStart));
  };
}

function binSizeOf(value: ExpressionValue): number {
  const size = asLong(value);
  if (size === undefined) {
    throw new ServerError(
      5439017,
      `$dateTrunc requires 'binSize' to be a 64-bit integer, but got value '${String(value)}' of type ${nameOf(value)}`,
    );
  }
  if (size > 0n) return Number(size);
  throw new ServerError(
    5439018,
    `$dateTrunc requires 'binSize' to be greater than 0, but got value ${size}`,
  );
}

const greatestBin = 100_000_000_000;

/** Bins begin at the zone's first of January 2000, or at the first week's beginning after it. */
function truncate(
  instant: number,
  unit: Unit,
  bin: number,
  zone: TimeZone,
  weekStart: number,
): number {
  const origin = dateOfParts(2000, 1, 1);
  const length = units[unit];
  if (length < day) {
    if (bin * length >= 2 ** 63) throw new ServerError(5439002, 'dateTrunc overflowed');
    const shifted = instant - (origin - zone.offsetAt(origin));
    return instant - remainder(shifted, bin * length);
  }
  if (bin > greatestBin) throw new ServerError(5439006, 'dateTrunc unsupported binSize value');
  const start = unit === 'week' ? origin + ((7 - dayInWeek(origin, weekStart)) % 7) * day : origin;
  const distance = countLocal(start, localTime(instant, zone), unit, weekStart);
  return addUnits(start - zone.offsetAt(origin), unit, distance - remainder(distance, bin), zone);
}

function remainder(value: number, size: number): number {
  const rest = value % size;
  return rest < 0 ? rest + size : rest;
}

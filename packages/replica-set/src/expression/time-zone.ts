/** Time zones: offsets as `+02:00`, and names of the Olson database by way of `Intl`. */
import type { BsonDocument } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { type Context, constantValue, isConstant } from './context.ts';
import { type ExpressionScope, type ExpressionValue, isNullish, nameOf } from './evaluator.ts';

export interface TimeZone {
  readonly name: string;
  /** Milliseconds to add to UTC at an instant to have the local time. */
  offsetAt(milliseconds: number): number;
}

export const utc: TimeZone = { name: 'UTC', offsetAt: () => 0 };

const zones = new Map<string, TimeZone>([['UTC', utc]]);
const mostZones = 1000;

/** @throws {ServerError} 40485 when there is no such zone */
function timeZone(name: string): TimeZone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = fixedZone(name) ?? namedZone(name);
  if (zone === undefined) {
    throw new ServerError(40485, `unrecognized time zone identifier: "${name}"`);
  }
  if (zones.size < mostZones) zones.set(name, zone);
  return zone;
}

/** The zone of an operator's `timezone`, UTC when it has none; nothing when it is null. */
export function timeZoneOperand(
  operands: BsonDocument,
  context: Context,
): (scope: ExpressionScope) => TimeZone | undefined {
  if (!operands.has('timezone')) return () => utc;
  const evaluate = context.compile(operands.get('timezone'));
  if (!isConstant(evaluate)) return (scope) => zoneOf(evaluate(scope));
  const zone = zoneOf(constantValue(evaluate));
  return () => zone;
}

function zoneOf(value: ExpressionValue): TimeZone | undefined {
  if (isNullish(value)) return undefined;
  if (typeof value === 'string') return timeZone(value);
  throw new ServerError(40517, `timezone must evaluate to a string, found ${nameOf(value)}`);
}

function fixedZone(name: string): TimeZone | undefined {
  const parts = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(name);
  if (parts === null) return undefined;
  const [, sign, hours = '', minutes = '0'] = parts;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return offset === 0 ? utc : { name, offsetAt: () => offset };
}

/** Before the common era a zone has the offset it had at its first day. */
const firstDay = -62_135_596_800_000;
const quarterHour = 900_000;
const mostRemembered = 10_000;

function namedZone(name: string): TimeZone | undefined {
  // Intl takes names in any case; the Olson database, and MongoDB, do not.
  if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(name)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  // Since 1970 offsets change at quarters of an hour alone.
  const remembered = new Map<number, number>();
  return {
    name,
    offsetAt(milliseconds) {
      if (milliseconds < 0) return readOffset(format, Math.max(milliseconds, firstDay));
      const quarter = Math.floor(milliseconds / quarterHour);
      let offset = remembered.get(quarter);
      if (offset === undefined) {
        offset = readOffset(format, quarter * quarterHour);
        if (remembered.size >= mostRemembered) remembered.clear();
        remembered.set(quarter, offset);
      }
      return offset;
    },
  };
}

function readOffset(format: Intl.DateTimeFormat, milliseconds: number): number {
  const seconds = Math.floor(milliseconds / 1000) * 1000;
  const [month = 1, day = 1, year = 1, ...time] = format.format(seconds).split(/\D+/).map(Number);
  const [hour = 0, minute = 0, second = 0] = time;
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hour, minute, second);
  return local.getTime() - seconds;
}

/**
 * The instant at which a zone's clocks show a local time, which is given as if it
 * were UTC. A time that is skipped is read by the offset before; of one that comes
 * twice it is the one that timelib takes.
 */
export function instantOf(local: number, zone: TimeZone): number {
  const first = zone.offsetAt(local);
  const second = zone.offsetAt(local - first);
  if (first === second) return local - first;
  return zone.offsetAt(local - second) === second ? local - second : local - first;
}

/** The local time at an instant, as if it were UTC. */
export function localTime(milliseconds: number, zone: TimeZone): number {
  return milliseconds + zone.offsetAt(milliseconds);
}

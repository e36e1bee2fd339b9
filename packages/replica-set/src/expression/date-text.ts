/** `$dateToString`: dates written by a format. */
import type { BsonValue } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { dayOfWeek, dayOfYear, isoDayOfWeek, isoWeek, isoWeekYear, week } from './calendar.ts';
import { type Context, constantValue, isConstant } from './context.ts';
import { instant } from './date-parts.ts';
import { type Evaluator, type ExpressionValue, isNullish, nameOf } from './evaluator.ts';
import { namedOperands, optionalOperand } from './operands.ts';
import { localTime, type TimeZone, timeZoneOperand, utc } from './time-zone.ts';

export const monthNames: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

type Specifier = (local: Date, offset: number) => string;

const padded = (value: number, width: number) => String(value).padStart(width, '0');

const specifiers: Readonly<Record<string, Specifier>> = {
  '%': () => '%',
  Y: (local) => year(local.getUTCFullYear()),
  m: (local) => padded(local.getUTCMonth() + 1, 2),
  d: (local) => padded(local.getUTCDate(), 2),
  H: (local) => padded(local.getUTCHours(), 2),
  M: (local) => padded(local.getUTCMinutes(), 2),
  S: (local) => padded(local.getUTCSeconds(), 2),
  L: (local) => padded(local.getUTCMilliseconds(), 3),
  j: (local) => padded(dayOfYear(local.getTime()), 3),
  w: (local) => String(dayOfWeek(local.getTime())),
  u: (local) => String(isoDayOfWeek(local.getTime())),
  U: (local) => padded(week(local.getTime()), 2),
  V: (local) => padded(isoWeek(local.getTime()), 2),
  G: (local) => year(isoWeekYear(local.getTime())),
  b: (local) => (monthNames[local.getUTCMonth()] ?? '').slice(0, 3),
  B: (local) => monthNames[local.getUTCMonth()] ?? '',
  z: (_, offset) => {
    const minutes = Math.trunc(Math.abs(offset) / 60_000);
    return `${offset < 0 ? '-' : '+'}${padded(Math.trunc(minutes / 60), 2)}${padded(minutes % 60, 2)}`;
  },
  Z: (_, offset) => String(Math.trunc(offset / 60_000)),
};

function year(value: number): string {
  if (value >= 0 && value <= 9999) return padded(value, 4);
  throw new ServerError(
    18537,
    `Could not convert date to string: date component was outside the supported range of 0-9999: ${value}`,
  );
}

const isoFormat = '%Y-%m-%dT%H:%M:%S.%L';

export function compileDateToString(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$dateToString', operand, {
    object: 18629,
    unknown: 18534,
    required: { date: 18628 },
    optional: ['format', 'timezone', 'onNull'],
  });
  const date = context.compile(named.get('date'));
  const given = optionalOperand(named, 'format', context);
  const zone = timeZoneOperand(named, context);
  const onNull = optionalOperand(named, 'onNull', context);
  const fixed =
    given !== undefined && isConstant(given) ? { write: writer(constantValue(given)) } : undefined;
  return (scope) => {
    const value = date(scope);
    const write = fixed === undefined ? given && writer(given(scope)) : fixed.write;
    const where = zone(scope);
    if (isNullish(value)) return onNull === undefined ? null : onNull(scope);
    if (where === undefined || (given !== undefined && write === undefined)) return null;
    const used = write ?? (where === utc ? isoUtc : isoLocal);
    return used(instant(value), where);
  };
}

type Writer = (milliseconds: number, zone: TimeZone) => string;

const isoUtc = compileFormat(`${isoFormat}Z`);
const isoLocal = compileFormat(isoFormat);

/** What writes dates by this format; nothing for null. */
function writer(format: ExpressionValue): Writer | undefined {
  if (isNullish(format)) return undefined;
  if (typeof format === 'string') return compileFormat(format);
  throw new ServerError(
    18533,
    `$dateToString requires that 'format' be a string, found: ${nameOf(format)}`,
  );
}

function compileFormat(format: string): Writer {
  const parts = splitFormat(format, specifiers).map((part) =>
    typeof part === 'string' ? () => part : (specifiers[part.specifier] as Specifier),
  );
  return (milliseconds, zone) => {
    const local = localTime(milliseconds, zone);
    const date = new Date(local);
    return parts.map((write) => write(date, local - milliseconds)).join('');
  };
}

/**
 * The literal pieces and the specifiers of a format.
 *
 * @throws {ServerError} 18535 or 18536 when it is malformed
 */
export function splitFormat(
  format: string,
  known: Readonly<Record<string, unknown>>,
): (string | { readonly specifier: string })[] {
  const parts: (string | { readonly specifier: string })[] = [];
  for (const [piece, specifier] of format.matchAll(/%(.?)|[^%]+/gsu)) {
    if (specifier === undefined) parts.push(piece);
    else if (specifier === '') {
      throw new ServerError(18535, "Unmatched '%' at end of format string");
    } else if (Object.hasOwn(known, specifier)) parts.push({ specifier });
    else {
      throw new ServerError(18536, `Invalid format character '%${specifier}' in format string`);
    }
  }
  return parts;
}

/** Days, weeks and years of a local time that is given as milliseconds as if it were UTC. */

export const day = 86_400_000;

/** 1 for the first of January. */
export function dayOfYear(local: number): number {
  const date = new Date(local);
  return Math.floor((startOfDay(local) - yearStart(date.getUTCFullYear())) / day) + 1;
}

/** 1 for Sunday. */
export function dayOfWeek(local: number): number {
  return new Date(local).getUTCDay() + 1;
}

/** 1 for Monday. */
export function isoDayOfWeek(local: number): number {
  return ((new Date(local).getUTCDay() + 6) % 7) + 1;
}

/** Weeks begin with Sunday; the days before the year's first one are week 0. */
export function week(local: number): number {
  return Math.floor((dayOfYear(local) - dayOfWeek(local) + 7) / 7);
}

/** The week belongs to the year that has its Thursday. */
export function isoWeek(local: number): number {
  return Math.ceil(dayOfYear(thursday(local)) / 7);
}

export function isoWeekYear(local: number): number {
  return new Date(thursday(local)).getUTCFullYear();
}

function thursday(local: number): number {
  return startOfDay(local) + (4 - isoDayOfWeek(local)) * day;
}

export function startOfDay(local: number): number {
  return Math.floor(local / day) * day;
}

function yearStart(year: number): number {
  return dateOfParts(year, 1, 1);
}

/** The beginning of a day; months and days past their range go on into the next ones. */
export function dateOfParts(year: number, month: number, dayOfMonth: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, dayOfMonth);
}

/** The beginning of a day of an ISO week. */
export function dateOfIsoParts(year: number, isoWeekOfYear: number, weekday: number): number {
  const fourth = dateOfParts(year, 1, 4);
  return fourth + ((isoWeekOfYear - 1) * 7 + weekday - isoDayOfWeek(fourth)) * day;
}

export function daysInMonth(year: number, month: number): number {
  return new Date(dateOfParts(year, month + 1, 0)).getUTCDate();
}

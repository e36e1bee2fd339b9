const form = /^(\d{4})-(\d{2})-(\d{2})$/;
const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the text is a day of the (proleptic Gregorian) calendar, written YYYY-MM-DD. */
export function isIsoDate(text: string): boolean {
  const [, year, month, day] = form.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const leapDay = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  return day >= 1 && day <= (monthLengths[month - 1] ?? 0) + leapDay;
}

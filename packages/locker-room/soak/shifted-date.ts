/** A wall clock that can be set wrong: loaded first, it takes the place of `Date` in this process. */
let ahead = 0;

globalThis.Date = new Proxy(Date, {
  construct: (date, args, target) =>
    Reflect.construct(date, args.length === 0 ? [date.now() + ahead] : args, target),
  apply: (date) => new date(date.now() + ahead).toString(),
  get: (date, name) =>
    name === 'now' ? () => date.now() + ahead : (Reflect.get(date, name) as unknown),
});

/** Sets the wall clock ahead, or back when negative; monotonic clocks and timers go on. */
export function shiftDate(milliseconds: number): void {
  ahead += milliseconds;
}

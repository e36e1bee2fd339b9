/** A function, or a method as a standard decorator sees it. */
export type Lockable<This, Args extends unknown[], Result> = (
  this: This,
  ...args: Args
) => Promise<Result> | Result;

/** What runs under the lock; the same arguments, and always a promise. */
export type Locked<This, Args extends unknown[], Result> = (
  this: This,
  ...args: Args
) => Promise<Result>;

/** Turns a function into one that runs under a lock; also a standard (TC39) method decorator. */
export type LockedDecorator = <This, Args extends unknown[], Result>(
  work: Lockable<This, Args, Result>,
  context?: ClassMethodDecoratorContext<This>,
) => Locked<This, Args, Result>;

/** A decorator that holds a lock around each call, by `hold`. */
export function lockedBy(hold: <T>(work: () => Promise<T> | T) => Promise<T>): LockedDecorator {
  return (work, context) => {
    if (context !== undefined && context.kind !== 'method') {
      throw new TypeError(`locked decorates methods, not a ${String(context.kind)}`);
    }
    return function (...args) {
      return hold(() => work.apply(this, args));
    };
  };
}

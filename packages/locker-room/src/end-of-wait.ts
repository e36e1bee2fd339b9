import type { Clock } from './clock.ts';

/** Why a wait ended when its own time was up, rather than by somebody's signal. */
export const timeIsUp: unique symbol = Symbol('the time to wait is up');

/**
 * A signal that aborts with `timeIsUp` after `timeout` milliseconds, or as soon as one of the
 * others aborts, with its reason. Disposed, it needs no timer any more.
 */
export function endOfWait(
  clock: Clock,
  timeout: number,
  others: readonly (AbortSignal | undefined)[],
): Disposable & { readonly signal: AbortSignal } {
  const time = new AbortController();
  const cancel = timeout === Infinity ? () => {} : clock.after(timeout, () => time.abort(timeIsUp));
  const signals = [time.signal, ...others.filter((other) => other !== undefined)];
  return { signal: AbortSignal.any(signals), [Symbol.dispose]: cancel };
}

/** The promise's outcome, or the signal's reason if it aborts before. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

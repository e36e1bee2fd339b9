import type { AbstractCursor } from 'mongodb';
import type { Whereabouts } from './attempt-watch.ts';
import type { CallOptions, Patience, Trial } from './patience.ts';
import { PatienceExhaustedError } from './patience-exhausted-error.ts';
import { isTransient } from './transient-error.ts';

/** Repeats a read until it is answered: a read changes nothing, so a repetition is always safe. */
export function protectedRead<T>(
  patience: Patience,
  operation: string,
  attempt: () => Promise<T>,
  call?: CallOptions,
  where?: Whereabouts,
): Promise<T> {
  const trial: Trial<T> = {
    where,
    attempt,
    mayRetry: isTransient,
    verdict: (error) => error,
    exhausted: (attempts, waited) => new PatienceExhaustedError(operation, waited, attempts),
  };
  return patience.run(operation, trial, call);
}

/** The methods of a cursor that ask the server; all its other ways of reading go through them. */
const asking = ['next', 'hasNext', 'tryNext'] as const;

/**
 * Lets a fresh cursor repeat its first request; returns the same cursor.
 *
 * Once the first batch has arrived nothing is repeated: a server cannot say how far a lost batch
 * had moved its cursor.
 */
export function protectFirstBatch<C extends AbstractCursor>(
  patience: Patience,
  operation: string,
  cursor: C,
): C {
  for (const name of asking) {
    const ask = cursor[name].bind(cursor) as () => Promise<unknown>;
    const patiently = (): Promise<unknown> => {
      if (cursor.id !== undefined || cursor.closed) return ask();
      let mayRewind = false;
      return patience.run(operation, {
        attempt() {
          if (mayRewind) cursor.rewind();
          mayRewind = true;
          return ask();
        },
        mayRetry: (error) => cursor.id === undefined && isTransient(error),
        verdict: (error) => error,
        exhausted: (attempts) => new PatienceExhaustedError(operation, patience.patience, attempts),
      });
    };
    Object.defineProperty(cursor, name, { value: patiently, writable: true, configurable: true });
  }
  const clone = cursor.clone.bind(cursor);
  const value = () => protectFirstBatch(patience, operation, clone());
  Object.defineProperty(cursor, 'clone', { value, writable: true, configurable: true });
  return cursor;
}

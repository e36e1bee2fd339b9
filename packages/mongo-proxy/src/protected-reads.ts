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

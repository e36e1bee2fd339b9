import type { FailedAttempt, Patience, Trial } from './patience.ts';
import { PatienceExhaustedError } from './patience-exhausted-error.ts';
import { isTransient } from './transient-error.ts';

/** Repeats a read until it is answered: a read changes nothing, so a repetition is always safe. */
export function protectedRead<T>(
  patience: Patience,
  operation: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const trial: Trial<T> = {
    attempt,
    mayRetry: isTransient,
    verdict: (error) => error,
    exhausted: (attempts: readonly FailedAttempt[]) =>
      new PatienceExhaustedError(operation, patience.patience, attempts),
  };
  return patience.run(operation, trial);
}

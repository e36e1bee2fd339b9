import { MongoServerError } from 'mongodb';
import { OutcomeUnknownError } from './outcome-unknown-error.ts';
import type { CallOptions, Patience, Trial } from './patience.ts';
import { PatienceExhaustedError } from './patience-exhausted-error.ts';
import { isRefusal, isTransient } from './transient-error.ts';

/** How an operation whose answer was lost is found to be done, or not: by one of both. */
interface Settlement<T> {
  /** The server's code for "it is so already", to a repetition. */
  readonly doneCode?: number | undefined;
  /** Before each repetition: whether it was done, or has to be sent again; throws if it can't tell. */
  readonly isDone?: () => Promise<boolean>;
  /** What the caller gets where only the repetition tells that it was done. */
  readonly done: () => T;
}

/** Repeats an operation whose end is the same however often it is sent. */
export function settledOperation<T>(
  patience: Patience,
  operation: string,
  call: CallOptions | undefined,
  send: () => Promise<T>,
  { doneCode, isDone, done }: Settlement<T>,
): Promise<T> {
  let mayBeDone = false;
  const unknown = (...args: [OutcomeUnknownError['code'], OutcomeUnknownError['attempts']]) => {
    patience.counts.outcomeUnknown += 1;
    return new OutcomeUnknownError(operation, ...args);
  };
  const trial: Trial<T> = {
    async attempt() {
      if (mayBeDone && isDone && (await isDone())) return done();
      try {
        return await send();
      } catch (error) {
        const isSo = error instanceof MongoServerError && error.code === doneCode;
        if (mayBeDone && isSo) return done();
        throw error;
      }
    },
    mayRetry(error) {
      if (!isTransient(error)) return false;
      mayBeDone ||= !isRefusal(error);
      return true;
    },
    // A refusal of what is looked at may be the consequence of its being done.
    verdict: (error, attempts) =>
      mayBeDone && (isDone || isTransient(error)) ? unknown('interrupted', attempts) : error,
    exhausted: (attempts, waited) =>
      mayBeDone
        ? unknown('patience-exhausted', attempts)
        : new PatienceExhaustedError(operation, waited, attempts),
    aborted: (reason, attempts) => (mayBeDone ? unknown('interrupted', attempts) : reason),
  };
  return patience.run(operation, trial, call);
}

/** The checker: was every operation applied as often as its caller was told? */
import { isDeepStrictEqual } from 'node:util';
import { OutcomeUnknownError, PatienceExhaustedError } from '@holdfast/mongo-proxy';
import type { Document } from 'mongodb';
import { UnansweredError } from './answer-limit.ts';
import type { Tally } from './tally.ts';
import { type Line, type Verb, verbs } from './verbs.ts';
import { lineOf } from './writers.ts';

/** One operation, and what its caller was told. */
export type Account = { readonly op: number; readonly verb: string } & (
  | { readonly answer: unknown }
  | { readonly error: unknown }
);

/** Judges operations by what lies there; `byOp` has each one's documents. */
export function judge(
  accounts: readonly Account[],
  byOp: ReadonlyMap<number, readonly Line[]>,
  tally: Tally,
): void {
  for (const account of accounts) {
    const { op, verb } = account;
    const expectation = verbOf(verb);
    const { answer, divisible = false } = expectation;
    const counts = expectation.applied(byOp.get(op) ?? []);
    const outcome = outcomeOf(account);
    tally.add('operations');
    tally.add(outcome);
    const find = (promise: string, detail: string) =>
      tally.find(`${verb}: ${promise}`, `operation ${op}, ${outcome}, ${detail}`);

    const told = `applied ${counts.join(' ')} times${'error' in account ? `; ${lineOf(account.error)}` : ''}`;
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    if (most > 1) {
      tally.add('applied twice or more');
      find('nothing is applied twice', told);
    }
    if (outcome === 'acknowledged' && least < 1) {
      tally.add('acknowledged and lost');
      find('what was acknowledged is applied', told);
    }
    if (outcome === 'patience exhausted' && most > 0) {
      find('what ends in PatienceExhaustedError is not applied', told);
    }
    if (outcome !== 'acknowledged' && least !== most && !divisible) {
      find('it is applied wholly or not at all', told);
    }
    if (outcome === 'unanswered') find('it is answered within patience and 30 s more', told);
    if (outcome === 'failed') find('no other error reaches the caller', told);
    if ('answer' in account && !matches(account.answer, answer)) {
      tally.add('wrong answers');
      find('the answer is that of the one application', JSON.stringify(account.answer));
    }
  }
}

function verbOf(name: string): Verb {
  const verb = verbs[name];
  if (verb === undefined) throw new RangeError(`there is no verb '${name}'`);
  return verb;
}

function outcomeOf(account: Account): string {
  if ('answer' in account) return 'acknowledged';
  const { error } = account;
  if (error instanceof PatienceExhaustedError) return 'patience exhausted';
  if (error instanceof OutcomeUnknownError) return 'outcome unknown';
  return error instanceof UnansweredError ? 'unanswered' : 'failed';
}

/** Whether `answer` has all fields of `expected`. */
function matches(answer: unknown, expected: Document): boolean {
  if (typeof answer !== 'object' || answer === null) return false;
  return Object.entries(expected).every(([name, value]) => {
    const told = (answer as Document)[name];
    return typeof value === 'object' ? matches(told, value) : isDeepStrictEqual(told, value);
  });
}

/** What clients asked for, when, and what came of it. */
import { type Verdict, verdictOn } from './client-error.ts';

export type Outcome = 'ok' | 'failed' | 'unknown';

/** What a workload tells of an operation before it starts. */
export interface Intent {
  readonly workload: string;
  readonly worker: number;
  readonly action: string;
  readonly key: string;
  readonly value?: unknown;
}

export interface Operation extends Intent {
  /** Milliseconds since the soak began. */
  readonly invoked: number;
  /** When the client knew what it was ever to know; `Infinity` while it waits. */
  readonly completed: number;
  readonly outcome: Outcome;
  readonly result?: unknown;
  readonly error?: string;
}

export class History {
  readonly operations: Operation[] = [];
  /** Those whose error no fault explains. */
  readonly wrong: Operation[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Carries an operation out and notes it, its error included; resolves to the note.
   * With `resent` the client may have sent it more than once, so that no error
   * tells that nothing was done.
   */
  async record(
    intent: Intent,
    carryOut: () => Promise<unknown>,
    { resent = false }: { resent?: boolean } = {},
  ): Promise<Operation> {
    const invoked = this.#now();
    const at = this.operations.length;
    this.operations.push({
      ...intent,
      invoked,
      completed: Number.POSITIVE_INFINITY,
      outcome: 'unknown',
    });
    let end: Pick<Operation, 'outcome' | 'result' | 'error'>;
    let verdict: Verdict | undefined;
    try {
      end = { outcome: 'ok', result: await carryOut() };
    } catch (error) {
      verdict = verdictOn(error);
      const outcome = verdict === 'failed' && !resent ? 'failed' : 'unknown';
      end = { outcome, error: describe(error) };
    }
    const operation = { ...intent, invoked, completed: this.#now(), ...end };
    this.operations[at] = operation;
    if (verdict === 'wrong') this.wrong.push(operation);
    return operation;
  }

  of(workload: string): Operation[] {
    return this.operations.filter((operation) => operation.workload === workload);
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? ` ${String(error.code)}` : '';
  return `${error.name}${code}: ${error.message}`;
}

/** One line that a person can read. */
export function showOperation(operation: Operation): string {
  const { invoked, completed, workload, worker, action, key, value, outcome } = operation;
  const end = Number.isFinite(completed) ? completed.toFixed(1) : 'never';
  const parts = [
    `[${invoked.toFixed(1)} .. ${end} ms]`,
    `${workload} #${worker}`,
    `${action} ${key}${value === undefined ? '' : ` ${JSON.stringify(value)}`}`,
    `-> ${outcome}`,
    operation.result === undefined ? '' : JSON.stringify(operation.result),
    operation.error ?? '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

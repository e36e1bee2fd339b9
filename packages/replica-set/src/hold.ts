/** What open transactions hold until they end: documents, unique keys and names they have written. */
import { type CommandContext, numberArgument } from './command.ts';
import { ServerError } from './server-error.ts';
import type { Transaction } from './transaction.ts';

/** Thrown to a writer outside transactions, before it has changed anything: it is to wait and to begin anew. */
export class HeldByTransaction extends Error {
  readonly transaction: Transaction;

  constructor(transaction: Transaction) {
    super('an open transaction holds what is to be written');
    this.transaction = transaction;
  }
}

export class Holds {
  readonly #holders = new Map<string, Transaction>();

  get isEmpty(): boolean {
    return this.#holders.size === 0;
  }

  holderOf(thing: string): Transaction | undefined {
    return this.#holders.get(thing);
  }

  /** False when another transaction has it. */
  take(thing: string, transaction: Transaction): boolean {
    const holder = this.#holders.get(thing);
    if (holder === undefined) this.#holders.set(thing, transaction);
    return holder === undefined || holder === transaction;
  }

  release(things: Iterable<string>): void {
    for (const thing of things) this.#holders.delete(thing);
  }
}

/** A document, a unique key, the name of a collection that is being made. */
export const held = {
  document: (collection: number, record: number): string => `document ${collection}:${record}`,
  key: (key: string): string => `key ${key}`,
  name: (namespace: string): string => `name ${namespace}`,
};

/**
 * Does `work`, again from its beginning whenever a transaction that held what
 * it meets has ended; throws 50 when the command's time is up.
 */
export async function whenFree<T>(
  { state, command }: CommandContext,
  work: () => T | Promise<T>,
): Promise<T> {
  const limit = numberArgument(command, 'maxTimeMS') || Number.POSITIVE_INFINITY;
  const { replica, sessions } = state;
  let deadline: number | undefined;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HeldByTransaction)) throw error;
      deadline ??= performance.now() + limit;
      const left = deadline - performance.now();
      if (!(await sessions.ended.until(() => error.transaction.isOver, left))) {
        throw new ServerError(50, 'operation exceeded time limit');
      }
      if (replica.standing.stopped) throw new ServerError(11600, 'the member is shutting down');
      replica.requirePrimary();
    }
  }
}

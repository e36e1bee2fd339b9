/**
 * The logical sessions of a member: which number each has come to, its open
 * transaction, and when it was last used. What must outlive the member lies in
 * the log; this is what it knows beyond that, forgotten at every step-down.
 */
import { Condition } from './condition.ts';
import type { CursorStore } from './cursor-store.ts';
import { Holds } from './hold.ts';
import type { Replica } from './replica.ts';
import { ServerError } from './server-error.ts';
import { Transaction, type TransactionName, type TransactionSource } from './transaction.ts';
import { commitStatement, packOperations } from './transaction-entry.ts';

interface Session {
  usedAt: number;
  /** Nothing while only the log knows. */
  number: number | undefined;
  /** That number's transaction. */
  transaction: Transaction | undefined;
  /** What the number stands for; nothing while only the log knows. */
  purpose: 'writes' | 'transaction' | undefined;
}

/** Minutes after which an unused session is forgotten. */
export const sessionMinutes = 30;

export class Sessions {
  readonly holds: Holds = new Holds();
  /** Notified when a transaction has ended. */
  readonly ended: Condition = new Condition();
  /** `transactionLifetimeLimitSeconds`. */
  lifetimeSeconds = 60;
  readonly #source: Omit<TransactionSource, 'holds'>;
  readonly #replica: () => Replica;
  readonly #cursors: CursorStore;
  readonly #now: () => number;
  readonly #sessions = new Map<string, Session>();
  readonly #open = new Set<Transaction>();
  readonly #reaper = setInterval(() => this.reap(), 1000).unref();

  constructor(
    source: Omit<TransactionSource, 'holds'>,
    parts: { replica: () => Replica; cursors: CursorStore; now?: () => number },
  ) {
    this.#source = source;
    this.#replica = parts.replica;
    this.#cursors = parts.cursors;
    this.#now = parts.now ?? (() => performance.now());
  }

  /** Marks a session as used now. */
  touch(key: string): void {
    this.#session(key).usedAt = this.#now();
  }

  /** The keys of all sessions that were used and are not forgotten. */
  keys(): string[] {
    return [...this.#sessions.keys()];
  }

  get openTransactions(): number {
    return this.#open.size;
  }

  /** Milliseconds since a session was used. */
  idle(key: string): number {
    return this.#now() - this.#session(key).usedAt;
  }

  /** An open transaction that uses a collection. */
  userOf(namespace: string): Transaction | undefined {
    for (const transaction of this.#open) if (transaction.uses(namespace)) return transaction;
    return undefined;
  }

  /**
   * Enters the number of a retryable write.
   *
   * Throws 225 when the session has come to a higher one, 72 when it was a transaction's.
   */
  enterWrite({ session, number }: TransactionName): void {
    const entry = this.#session(keyOf(session));
    const last = this.#lastNumber(entry, session);
    if (number < last) {
      throw new ServerError(
        225,
        `Retryable write with txnNumber ${number} is prohibited because a newer retryable write with txnNumber ${last} has already started`,
      );
    }
    if (number === last && this.#purpose(entry, session) === 'transaction') {
      throw new ServerError(
        72,
        'Must specify autocommit=false on all operations of a multi-statement transaction.',
      );
    }
    if (number > last) this.#enter(entry, number, 'writes', undefined);
  }

  /**
   * Begins a transaction; an older one of the session ends.
   *
   * Throws 225 when the session has come to a higher number, 50911 when it has used this one.
   */
  begin(name: TransactionName, snapshot: number, speculative: boolean): Transaction {
    const entry = this.#session(keyOf(name.session));
    this.#refuseOlder(entry, name);
    if (name.number === entry.number) {
      throw new ServerError(
        50911,
        `Cannot start a transaction at given transaction number ${name.number}: the session has used it already`,
      );
    }
    const transaction = new Transaction(
      { ...this.#source, holds: this.holds },
      { name, snapshot, speculative, startedAt: this.#now() },
    );
    this.#enter(entry, name.number, 'transaction', transaction);
    this.#open.add(transaction);
    return transaction;
  }

  /**
   * The open transaction of that name.
   *
   * Throws 225 when the session has come to a higher number, 256 when it is
   * committed and 251 when it was aborted or is not known.
   */
  open({ session, number }: TransactionName): Transaction {
    const found = this.find({ session, number });
    if (found === 'committed' || found?.state === 'committed') {
      throw new ServerError(256, `Transaction with { txnNumber: ${number} } has been committed.`);
    }
    if (found === undefined || found.isOver) throw this.noSuchTransaction(number, found);
    return found;
  }

  /** The transaction of that name; `committed` when the log alone knows that it was. Throws 225. */
  find(name: TransactionName): Transaction | 'committed' | undefined {
    const entry = this.#session(keyOf(name.session));
    this.#refuseOlder(entry, name);
    if (name.number !== entry.number) return undefined;
    if (entry.transaction !== undefined) return entry.transaction;
    const purpose = this.#purpose(entry, name.session);
    return purpose === 'transaction' ? 'committed' : undefined;
  }

  noSuchTransaction(number: number, found: Transaction | undefined): ServerError {
    return new ServerError(
      251,
      found === undefined
        ? `Given transaction number ${number} does not match any in-progress transactions.`
        : `Transaction with { txnNumber: ${number} } has been aborted.`,
    );
  }

  /** Makes a transaction's writes, as one entry of the log. */
  commit(transaction: Transaction): void {
    const { operations, name } = transaction;
    const replica = this.#replica();
    replica.requirePrimary();
    try {
      const end =
        operations.length === 0
          ? undefined
          : replica.append(
              {
                kind: 'transaction',
                namespace: 'admin.$cmd',
                payload: packOperations(operations, name),
              },
              {
                session: name.session,
                txn: name.number,
                statement: commitStatement,
                result: noResult,
              },
            );
      this.#end(transaction, 'committed', end);
    } catch (error) {
      this.abort(transaction);
      throw error;
    }
  }

  abort(transaction: Transaction): void {
    if (!transaction.isOver) this.#end(transaction, 'aborted');
  }

  /** Ends the transaction and the cursors of a session; with `forget` the session too. */
  kill(key: string, { forget = false }: { forget?: boolean } = {}): void {
    const transaction = this.#sessions.get(key)?.transaction;
    if (transaction !== undefined) this.abort(transaction);
    this.#cursors.killOfSession(key);
    if (forget) this.#sessions.delete(key);
  }

  /** Ends what has lasted too long. */
  reap(): void {
    const now = this.#now();
    for (const transaction of [...this.#open]) {
      if (now - transaction.startedAt >= this.lifetimeSeconds * 1000) this.abort(transaction);
    }
    for (const [key, { usedAt }] of this.#sessions) {
      if (now - usedAt >= sessionMinutes * 60_000) this.kill(key, { forget: true });
    }
  }

  /** Aborts every transaction and forgets all that the log does not know; sessions and their cursors stay. */
  forgetUnlogged(): void {
    for (const transaction of [...this.#open]) this.abort(transaction);
    for (const entry of this.#sessions.values()) {
      entry.number = undefined;
      entry.transaction = undefined;
      entry.purpose = undefined;
    }
  }

  close(): void {
    clearInterval(this.#reaper);
    this.forgetUnlogged();
  }

  #session(key: string): Session {
    let entry = this.#sessions.get(key);
    if (entry === undefined) {
      entry = {
        usedAt: this.#now(),
        number: undefined,
        transaction: undefined,
        purpose: undefined,
      };
      this.#sessions.set(key, entry);
    }
    return entry;
  }

  #lastNumber(entry: Session, session: Uint8Array): number {
    entry.number ??= this.#source.log.lastTxnOf(session) ?? -1;
    return entry.number;
  }

  #purpose(entry: Session, session: Uint8Array): Session['purpose'] {
    const committed = () => this.#source.log.resultOf(session, entry.number ?? -1, commitStatement);
    entry.purpose ??= committed() === undefined ? 'writes' : 'transaction';
    return entry.purpose;
  }

  #refuseOlder(entry: Session, { session, number }: TransactionName): void {
    const last = this.#lastNumber(entry, session);
    if (number >= last) return;
    throw new ServerError(
      225,
      `Cannot start transaction with { txnNumber: ${number} } because a newer transaction with txnNumber ${last} has already started on this session.`,
    );
  }

  #enter(
    entry: Session,
    number: number,
    purpose: 'writes' | 'transaction',
    transaction: Transaction | undefined,
  ): void {
    if (entry.transaction !== undefined) this.abort(entry.transaction);
    entry.number = number;
    entry.purpose = purpose;
    entry.transaction = transaction;
  }

  #end(...[transaction, state, end]: [Transaction, ...Parameters<Transaction['finish']>]): void {
    transaction.finish(state, end);
    this.#open.delete(transaction);
    for (const id of transaction.cursors) this.#cursors.kill(id);
    this.ended.notify();
  }
}

const noResult = new Uint8Array([5, 0, 0, 0, 0]);

function keyOf(session: Uint8Array): string {
  return Buffer.from(session).toString('hex');
}

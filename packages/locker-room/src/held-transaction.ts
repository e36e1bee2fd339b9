import { type ClientSession, MongoServerError } from 'mongodb';
import type { Lock } from './lock.ts';
import type { LockStore } from './lock-store.ts';
import { LockerRoomError } from './locker-room-error.ts';

const concerns = {
  // What it reads is on a majority when its commit is; other levels refuse to make collections.
  readConcern: { level: 'local' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 30_000 },
  readPreference: 'primary',
} as const;

/**
 * The last transaction of each grant, by its signal: all of them change one document, so they take
 * turns.
 */
const turns = new WeakMap<AbortSignal, Promise<unknown>>();

/**
 * Resolves to the result of `work` when a majority has it, in one commit with the proof that the
 * lock is held.
 *
 * The proof is a change of the lock's document, found by the holder's token. Were it only read, a
 * grant at the same time would go through; two changes of one document cannot both be committed. So
 * a newer grant comes either before, and the token is not found, or after the commit.
 *
 * @throws {LockLostError} when the lock is not held; nothing was written
 * @throws {LockerRoomError} where there are no transactions
 */
export function inHeldTransaction<T>(
  lock: Lock,
  store: LockStore,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const last = turns.get(lock.signal) ?? Promise.resolve();
  const own = last.then(() => transaction(lock, store, work));
  turns.set(
    lock.signal,
    own.catch(() => {}),
  );
  return own;
}

async function transaction<T>(
  lock: Lock,
  store: LockStore,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  lock.assertHeld();
  const session = store.client.startSession({ causalConsistency: false });
  try {
    return await session.withTransaction(async () => {
      lock.assertHeld();
      const isHeld = await store.touch(lock.name, lock.owner, lock.token, session);
      if (!isHeld) throw lock.lose('superseded');
      return work(session);
    }, concerns);
  } catch (error) {
    if (!isWithoutTransactions(error)) throw error;
    throw new LockerRoomError(
      lock.name,
      'fenced writes need transactions, and this server has none: start it as a replica set',
    );
  } finally {
    await session.endSession();
  }
}

/** IllegalOperation, as the server says it or as the driver, which takes it for its own writes'. */
function isWithoutTransactions(error: unknown): boolean {
  if (!(error instanceof MongoServerError)) return false;
  const { code, originalError } = error;
  return code === 20 || (originalError instanceof MongoServerError && originalError.code === 20);
}

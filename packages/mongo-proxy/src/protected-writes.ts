import {
  type ClientSession,
  type Collection,
  type OperationOptions,
  WriteConcern,
  type WriteConcernOptions,
} from 'mongodb';
import { type NumberedOptions, NumberedWrite } from './numbered-write.ts';
import type { Patience } from './patience.ts';

/** The part of a write's options that decides how it is protected. */
export type WriteOptions = OperationOptions & WriteConcernOptions & { explain?: unknown };

/**
 * Whether a single-document write with these options carries a number that makes repeating it safe.
 *
 * Not so in a transaction (it repeats as a whole), when nobody acknowledges it (`w: 0`), when it is
 * only explained, and when the client was told not to retry writes.
 */
export function isProtectable(collection: Collection, options: WriteOptions): boolean {
  const writeConcern = WriteConcern.fromOptions(options) ?? collection.writeConcern;
  return (
    collection.db.client.options.retryWrites &&
    writeConcern?.w !== 0 &&
    (options.explain === undefined || options.explain === null) &&
    options.session?.inTransaction() !== true
  );
}

/** Sends a write until it is answered, in the caller's session or in one of its own. */
export async function protectedWrite<T>(
  patience: Patience,
  operation: string,
  collection: Collection,
  callersSession: ClientSession | undefined,
  send: (options: NumberedOptions) => Promise<T>,
): Promise<T> {
  const run = (session: ClientSession): Promise<T> =>
    patience.run(operation, new NumberedWrite(operation, patience.patience, session, send));
  if (callersSession !== undefined) return inTurn(callersSession, run);
  const session = collection.db.client.startSession({ causalConsistency: false });
  try {
    return await run(session);
  } finally {
    await session.endSession();
  }
}

const lastTurns = new WeakMap<ClientSession, Promise<unknown>>();

/** One write at a time in a session: two that share its pinned number would be taken for one. */
function inTurn<T>(
  session: ClientSession,
  run: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const turn = (lastTurns.get(session) ?? Promise.resolve()).then(() => run(session));
  lastTurns.set(
    session,
    turn.then(
      () => {},
      () => {},
    ),
  );
  return turn;
}

/** Tailable cursors on the wire: `find` opens them, `getMore` takes what has come since. */
import type { EncodableDocument } from '../bson-document.ts';
import { CappedTail } from '../capped-tail.ts';
import { Collection } from '../collection.ts';
import {
  type CommandContext,
  flagArgument,
  numberArgument,
  sessionKey,
  wholeArgument,
} from '../command.ts';
import { firstBatchSize, type OpenCursor } from '../cursor-store.ts';
import { compileQuery } from '../matcher.ts';
import { ServerError } from '../server-error.ts';
import { shownBy } from './found-document.ts';
import { findSelection } from './selections.ts';

/** How long a `getMore` waits that does not say it. */
const defaultWait = 1000;

/** Answers a `find` that is to go on at the end of a capped collection. */
export function openTailable(context: CommandContext, namespace: string): EncodableDocument {
  const { state, command, store } = context;
  const collection = store.collection(namespace);
  const selection = findSelection(command);
  if (selection.sort?.size || Number(selection.hint) < 0) {
    throw new ServerError(2, 'cannot use tailable option with a sort other than {$natural: 1}');
  }
  if (flagArgument(command, 'singleBatch')) {
    throw new ServerError(9, 'Cannot use tailable option with the singleBatch option');
  }
  if (collection === undefined) return emptyReply(namespace);
  if (!(collection instanceof Collection) || collection.settings.capped === undefined) {
    throw new ServerError(
      2,
      `error processing query: ns=${namespace}: tailable cursor requested on non capped collection`,
    );
  }
  const test = compileQuery(selection.filter, context);
  const tail = new CappedTail(state, collection, {
    test,
    show: shownBy(context, namespace, selection),
    skip: selection.skip ?? 0,
    limit: selection.limit ?? 0,
  });
  const documents = tail.take(wholeArgument(command, 'batchSize') ?? firstBatchSize);
  if (tail.isSpent) return { cursor: { firstBatch: documents, id: 0n, ns: namespace }, ok: 1 };
  // At the end of nothing there is nothing to wait behind.
  if (collection.oldest() === undefined) return emptyReply(namespace);
  const cursor = state.cursors.open(namespace, tail, sessionKey(command.get('lsid')));
  cursor.awaitsData = flagArgument(command, 'awaitData');
  return { cursor: { firstBatch: documents, id: cursor.id, ns: namespace }, ok: 1 };
}

function emptyReply(namespace: string): EncodableDocument {
  return { cursor: { firstBatch: [], id: 0n, ns: namespace }, ok: 1 };
}

/** Answers `getMore` on a tailable cursor; any error ends it. */
export async function moreOfTail(
  { state, command }: CommandContext,
  cursor: OpenCursor,
  tail: CappedTail,
  batchSize: number,
): Promise<EncodableDocument> {
  try {
    state.failPoints.meetGetMore();
    const wait = numberArgument(command, 'maxTimeMS') || defaultWait;
    const nextBatch =
      cursor.awaitsData === true ? await tail.wait(batchSize, wait) : tail.take(batchSize);
    cursor.usedAt = Date.now();
    if (tail.isSpent) {
      state.cursors.kill(cursor.id);
      return { cursor: { nextBatch, id: 0n, ns: cursor.namespace }, ok: 1 };
    }
    return { cursor: { nextBatch, id: cursor.id, ns: cursor.namespace }, ok: 1 };
  } catch (error) {
    state.cursors.kill(cursor.id);
    throw error;
  }
}

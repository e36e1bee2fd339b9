/** The reply that opens a cursor. */
import { type EncodableDocument, RawDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { type CommandContext, documentArgument, sessionKey } from '../command.ts';
import { type DocumentSource, firstBatchSize, type OpenCursor } from '../cursor-store.ts';
import { type Flow, pause } from '../pause.ts';

/** The first batch, and a cursor for the rest unless there is none or it is not wanted. */
export async function cursorReply(
  { state, command, transaction, operation }: CommandContext,
  namespace: string,
  documents: DocumentSource,
  {
    batchSize = firstBatchSize,
    single = false,
    guard,
  }: {
    batchSize?: number | undefined;
    single?: boolean;
    /** Asked, when the cursor stays, for its guard. */
    guard?: () => OpenCursor['guard'];
  },
): Promise<EncodableDocument> {
  const session = sessionKey(command.get('lsid'));
  const cursor = state.cursors.open(namespace, documents, session, transaction);
  const batch = await state.cursors.read(cursor, documents, batchSize, operation);
  if (single) state.cursors.kill(cursor.id);
  const id = batch.done || single ? 0n : cursor.id;
  if (id !== 0n) cursor.guard = guard?.();
  return { cursor: { firstBatch: batch.documents, id, ns: namespace }, ok: 1 };
}

/** Documents that are there already, through a cursor of the size that the command asks for. */
export function wholeCursor(
  context: CommandContext,
  namespace: string,
  documents: readonly EncodableDocument[],
): Promise<EncodableDocument> {
  const encoded = documents.map((document) => new RawDocument(encodeDocument(document)));
  const { batchSize } = Object.fromEntries(documentArgument(context.command, 'cursor'));
  return cursorReply(context, namespace, encoded.values(), {
    batchSize: batchSize === undefined ? Number.POSITIVE_INFINITY : Number(batchSize),
  });
}

/** The items, changed as they are taken. */
export function* mapped<T, U>(
  items: Flow<T>,
  change: (item: T) => U,
): IterableIterator<U | typeof pause> {
  for (const item of items) yield item === pause ? pause : change(item);
}

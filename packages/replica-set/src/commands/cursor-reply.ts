/** The reply that opens a cursor. */
import { type EncodableDocument, RawDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { type CommandContext, documentArgument, sessionKey } from '../command.ts';
import { firstBatchSize, takeBatch } from '../cursor-store.ts';

/** The first batch, and a cursor for the rest unless there is none or it is not wanted. */
export function cursorReply(
  { state, command, transaction }: CommandContext,
  namespace: string,
  documents: Iterator<RawDocument>,
  {
    batchSize = firstBatchSize,
    single = false,
  }: { batchSize?: number | undefined; single?: boolean },
): EncodableDocument {
  const batch = takeBatch(documents, batchSize);
  const isOver = batch.done || single;
  const session = sessionKey(command.get('lsid'));
  const id = isOver ? 0n : state.cursors.open(namespace, documents, session, transaction).id;
  return { cursor: { firstBatch: batch.documents, id, ns: namespace }, ok: 1 };
}

/** Documents that are there already, through a cursor of the size that the command asks for. */
export function wholeCursor(
  context: CommandContext,
  namespace: string,
  documents: readonly EncodableDocument[],
): EncodableDocument {
  const encoded = documents.map((document) => new RawDocument(encodeDocument(document)));
  const { batchSize } = Object.fromEntries(documentArgument(context.command, 'cursor'));
  return cursorReply(context, namespace, encoded.values(), {
    batchSize: batchSize === undefined ? Number.POSITIVE_INFINITY : Number(batchSize),
  });
}

/** The items, changed as they are taken. */
export function* mapped<T, U>(items: Iterable<T>, change: (item: T) => U): IterableIterator<U> {
  for (const item of items) yield change(item);
}

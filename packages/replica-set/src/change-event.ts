/** The events that a change stream tells of an entry of the log: MongoDB manual, "Change Events". */
import { createHash } from 'node:crypto';
import { Binary } from 'bson';
import { decodeDocument } from './bson-decoder.ts';
import { type BsonDocument, type EncodableDocument, RawDocument } from './bson-document.ts';
import { timestampOf } from './cluster-time.ts';
import type { LoggedChange } from './replica-log.ts';
import { type StreamPoint, tokenOf } from './resume-token.ts';
import { describeUpdate } from './update-description.ts';

/** Gives the document that a collection holds under an `_id` now. */
export type Lookup = (namespace: string, key: BsonDocument) => Uint8Array | undefined;

/** The event of a change, `lookup` is asked for the document of an update when it is to be shown. */
export function eventOf(
  change: LoggedChange,
  lookup: Lookup | undefined,
  user: string | undefined,
): EncodableDocument {
  const { kind, namespace, payload } = change;
  const head = (operationType: string) => ({
    ...headOf(pointOf(change), operationType),
    ...(change.transaction && {
      txnNumber: BigInt(change.transaction.txn),
      lsid: {
        id: new Binary(change.transaction.session, 4),
        uid: new Binary(digestOf(user)),
      },
    }),
  });
  const dot = namespace.indexOf('.');
  const db = namespace.slice(0, dot);
  if (kind === 'dropDatabase') return { ...head(kind), ns: { db } };
  const ns = { db, coll: namespace.slice(dot + 1) };
  if (kind === 'drop') return { ...head(kind), ns };
  const after = decodeDocument(payload);
  const documentKey: BsonDocument = new Map([['_id', after.get('_id')]]);
  switch (kind) {
    case 'insert':
    case 'replace':
      return {
        ...head(kind),
        fullDocument: new RawDocument(payload),
        ns,
        documentKey,
      };
    case 'delete':
      return { ...head(kind), ns, documentKey };
    default: {
      const before = decodeDocument(change.undo).get('document') as BsonDocument;
      const how = kind === 'pipeline' ? 'pipeline' : 'operators';
      const { updatedFields, removedFields, truncatedArrays } = describeUpdate(before, after, how);
      const now = lookup?.(namespace, documentKey);
      return {
        ...head('update'),
        ...(lookup && { fullDocument: now === undefined ? null : new RawDocument(now) }),
        ns,
        documentKey,
        updateDescription: { updatedFields, removedFields, truncatedArrays },
      };
    }
  }
}

/** The last event of a stream, told after the one that ended what it watches. */
export function invalidateEvent(entry: StreamPoint['entry']): EncodableDocument {
  return headOf({ entry, step: 'invalidate' }, 'invalidate');
}

/** Where a stream stands that has told of a change. */
export function pointOf({
  position,
  term,
  seconds,
  increment,
  transaction,
}: LoggedChange): StreamPoint {
  const entry = { position, term, seconds, increment };
  if (transaction === undefined) return { entry, step: 'event' };
  const { index, isLast } = transaction;
  return { entry, step: 'event', index: isLast ? 'last' : index };
}

function headOf(point: StreamPoint, operationType: string): EncodableDocument {
  const { entry } = point;
  return {
    _id: tokenOf(point),
    operationType,
    clusterTime: timestampOf(entry),
    wallTime: new Date(entry.seconds * 1000),
  };
}

/** How MongoDB calls the user of a session. */
function digestOf(user: string | undefined): Uint8Array {
  return createHash('sha256')
    .update(user === undefined ? '' : `${user}@admin`)
    .digest();
}

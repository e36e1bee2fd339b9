/** The events that a change stream tells of an entry of the log: MongoDB manual, "Change Events". */
import { decodeDocument } from './bson-decoder.ts';
import { type BsonDocument, type EncodableDocument, RawDocument } from './bson-document.ts';
import { timestampOf } from './cluster-time.ts';
import type { LoggedChange } from './replica-log.ts';
import { type StreamPoint, tokenOf } from './resume-token.ts';
import { describeUpdate } from './update-description.ts';

/** Gives the document that a collection holds under an `_id` now. */
export type Lookup = (namespace: string, key: BsonDocument) => Uint8Array | undefined;

/** The event of a change; `lookup` is asked for the document of an update when it is to be shown. */
export function eventOf(change: LoggedChange, lookup: Lookup | undefined): EncodableDocument {
  const { kind, namespace, payload } = change;
  const dot = namespace.indexOf('.');
  const db = namespace.slice(0, dot);
  if (kind === 'dropDatabase') return { ...head(change, 'event', kind), ns: { db } };
  const ns = { db, coll: namespace.slice(dot + 1) };
  if (kind === 'drop') return { ...head(change, 'event', kind), ns };
  const after = decodeDocument(payload);
  const documentKey: BsonDocument = new Map([['_id', after.get('_id')]]);
  switch (kind) {
    case 'insert':
    case 'replace':
      return {
        ...head(change, 'event', kind),
        fullDocument: new RawDocument(payload),
        ns,
        documentKey,
      };
    case 'delete':
      return { ...head(change, 'event', kind), ns, documentKey };
    default: {
      const before = decodeDocument(change.undo).get('document') as BsonDocument;
      const how = kind === 'pipeline' ? 'pipeline' : 'operators';
      const { updatedFields, removedFields, truncatedArrays } = describeUpdate(before, after, how);
      const now = lookup?.(namespace, documentKey);
      return {
        ...head(change, 'event', 'update'),
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
  return head(entry, 'invalidate', 'invalidate');
}

function head(
  entry: StreamPoint['entry'],
  step: 'event' | 'invalidate',
  operationType: string,
): EncodableDocument {
  return {
    _id: tokenOf({ entry, step }),
    operationType,
    clusterTime: timestampOf(entry),
    wallTime: new Date(entry.seconds * 1000),
  };
}

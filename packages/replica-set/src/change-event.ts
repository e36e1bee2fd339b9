/** The events that a change stream tells of an entry of the log: MongoDB manual, "Change Events". */
import { createHash } from 'node:crypto';
import { Binary } from 'bson';
import { decodeDocument } from './bson-decoder.ts';
import {
  type BsonDocument,
  type BsonValue,
  type Encodable,
  type EncodableDocument,
  isDocument,
  RawDocument,
} from './bson-document.ts';
import { equalValues } from './bson-order.ts';
import type { ImageMode } from './change-stream-spec.ts';
import { timestampOf } from './cluster-time.ts';
import type { LoggedChange } from './log-history.ts';
import { type StreamPoint, tokenOf } from './resume-token.ts';
import { ServerError } from './server-error.ts';
import { describeUpdate } from './update-description.ts';

/** How a stream wants its events. */
export interface EventStyle {
  /** Gives the document that a collection holds under an `_id` now; updates then show it. */
  readonly lookup: ((namespace: string, key: BsonDocument) => Uint8Array | undefined) | undefined;
  /** Whether updates show the document as it was right after them. */
  readonly afterImage: ImageMode | undefined;
  readonly beforeImage: ImageMode | undefined;
  /** Gives a collection's uuid; set when events of definitions, and more details, are to be told. */
  readonly expanded: ((change: LoggedChange) => Uint8Array | undefined) | undefined;
}

/** The event of a change. Throws 47 when an image is required that is not there. */
export function eventOf(
  change: LoggedChange,
  style: EventStyle,
  user: string | undefined,
): EncodableDocument {
  const { kind, namespace, transaction } = change;
  const head = (type: string): EncodableDocument => ({
    ...headOf(pointOf(change), type),
    ...(transaction && {
      txnNumber: BigInt(transaction.txn),
      lsid: { id: new Binary(transaction.session, 4), uid: new Binary(digestOf(user)) },
    }),
  });
  if (kind === 'dropDatabase') {
    return { ...head(kind), ns: { db: splitNamespace(namespace).db } };
  }
  const uuid = style.expanded?.(change);
  const common = (type: string): EncodableDocument => ({
    ...head(type),
    ...(uuid && { collectionUUID: new Binary(uuid, 4) }),
    ns: splitNamespace(namespace),
  });
  switch (kind) {
    case 'drop':
      return common('drop');
    case 'rename':
      return { ...common('rename'), ...renaming(change, style) };
    case 'create':
      return { ...common('create'), operationDescription: creation(change) };
    case 'collMod':
      return { ...common('modify'), ...modification(change) };
    case 'createIndex':
      return {
        ...common('createIndexes'),
        operationDescription: { indexes: [new RawDocument(change.payload)] },
      };
    case 'modifyIndex':
      return { ...common('modify'), ...indexModification(change) };
    case 'dropIndex': {
      const spec = decodeDocument(change.undo).get('spec') ?? null;
      return { ...common('dropIndexes'), operationDescription: { indexes: [spec] } };
    }
    default:
      return documentEvent(change, style, common);
  }
}

function documentEvent(
  change: LoggedChange,
  style: EventStyle,
  common: (type: string) => EncodableDocument,
): EncodableDocument {
  const { kind, namespace, payload } = change;
  const after = decodeDocument(payload);
  const documentKey: BsonDocument = new Map([['_id', after.get('_id')]]);
  const whole = new RawDocument(payload);
  if (kind === 'insert') return { ...common('insert'), fullDocument: whole, documentKey };
  const undo = decodeDocument(change.undo);
  const before = undo.get('document');
  const hasImages = undo.get('images') === true;
  const image = (mode: ImageMode | undefined, what: string, value: Encodable) =>
    mode === undefined ? {} : { [what]: imageOf(mode, what, hasImages ? value : undefined) };
  const earlier = image(style.beforeImage, 'fullDocumentBeforeChange', before);
  if (kind === 'replace') {
    return { ...common('replace'), fullDocument: whole, documentKey, ...earlier };
  }
  if (kind === 'delete') return { ...common('delete'), documentKey, ...earlier };
  const how = kind === 'pipeline' ? 'pipeline' : 'operators';
  const { updatedFields, removedFields, truncatedArrays, disambiguatedPaths } = describeUpdate(
    before as BsonDocument,
    after,
    how,
  );
  const now = style.lookup?.(namespace, documentKey);
  return {
    ...common('update'),
    ...(style.lookup && { fullDocument: now === undefined ? null : new RawDocument(now) }),
    ...image(style.afterImage, 'fullDocument', whole),
    documentKey,
    ...earlier,
    updateDescription: {
      updatedFields,
      removedFields,
      truncatedArrays,
      ...(style.expanded && { disambiguatedPaths }),
    },
  };
}

function imageOf(mode: ImageMode, what: string, value: Encodable | undefined): Encodable {
  if (value !== undefined) return value;
  if (mode === 'whenAvailable') return null;
  const which = what === 'fullDocument' ? 'post-image' : 'pre-image';
  throw new ServerError(
    47,
    `Change stream was configured to require a ${which} for all update events, but the ${which} was not found for an event`,
  );
}

function renaming({ payload }: LoggedChange, { expanded }: EventStyle): EncodableDocument {
  const told = decodeDocument(payload);
  const to = splitNamespace(String(told.get('to')));
  const dropped = told.get('dropped');
  const description = { ...(dropped !== undefined && { dropTarget: dropped }), to };
  return { to, ...(expanded && { operationDescription: description }) };
}

function creation({ payload }: LoggedChange): EncodableDocument {
  const options = optionsOf(decodeDocument(payload).get('options'));
  if (options.has('viewOn')) return Object.fromEntries(options);
  return { idIndex: { v: 2, key: { _id: 1 }, name: '_id_' }, ...Object.fromEntries(options) };
}

function modification({ payload, undo }: LoggedChange): EncodableDocument {
  const before = decodeDocument(undo);
  const changed = [...decodeDocument(payload)].filter(
    ([name, value]) => !equalValues(before.get(name), value),
  );
  return {
    operationDescription: Object.fromEntries(changed),
    stateBeforeChange: { collectionOptions: before },
  };
}

function indexModification({ payload, undo }: LoggedChange): EncodableDocument {
  const told = decodeDocument(payload);
  const before = optionsOf(decodeDocument(undo).get('spec'));
  const changed = [...optionsOf(told.get('spec'))].filter(
    ([name, value]) => !equalValues(before.get(name), value),
  );
  return {
    operationDescription: { index: { name: told.get('name'), ...Object.fromEntries(changed) } },
    stateBeforeChange: { indexOptions: before },
  };
}

function optionsOf(value: BsonValue): BsonDocument {
  return isDocument(value) ? value : new Map();
}

function splitNamespace(namespace: string): { db: string; coll: string } {
  const dot = namespace.indexOf('.');
  return { db: namespace.slice(0, dot), coll: namespace.slice(dot + 1) };
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

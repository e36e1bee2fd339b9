/** `findAndModify`: one document found, changed or removed, and given back. */
import {
  type BsonDocument,
  type EncodableDocument,
  isDocument,
  RawDocument,
} from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import {
  type Command,
  type CommandContext,
  documentArgument,
  flagArgument,
  namespaceOf,
  refuseArguments,
} from '../command.ts';
import {
  deleteDocument,
  ensureCollection,
  updateDocument,
  upsertDocument,
} from '../document-write.ts';
import { compileProjection } from '../projection.ts';
import { findMatches } from '../query.ts';
import { ServerError } from '../server-error.ts';
import { earlierResult, type Numbering, numberingOf, recordOf } from '../statement.ts';
import { compileUpdate } from '../update.ts';

export const findAndModify: Command = {
  kind: 'write',
  run(context) {
    const { command, state } = context;
    refuseArguments(command, ['collation']);
    const namespace = namespaceOf(context);
    const remove = flagArgument(command, 'remove');
    if (remove === command.has('update')) {
      throw new ServerError(9, 'Either an update or remove=true must be specified');
    }
    if (remove && (flagArgument(command, 'new') || flagArgument(command, 'upsert'))) {
      throw new ServerError(9, 'Cannot specify new=true or upsert=true when remove=true');
    }
    const numbering = numberingOf(context);
    const earlier = earlierResult(context, numbering, 0);
    if (earlier !== undefined) return { ...Object.fromEntries(earlier), ok: 1 };
    const filter = documentArgument(command, 'query');
    const sort = documentArgument(command, 'sort');
    const collection = context.store.collection(namespace);
    const [match] =
      collection === undefined
        ? []
        : findMatches(
            state,
            collection,
            { filter, sort, limit: 1, hint: command.get('hint') },
            context,
          );
    const shown = shownBy(context);
    if (remove) {
      if (match === undefined) return { lastErrorObject: { n: 0 }, value: null, ok: 1 };
      const value = shown(match.document, match.stored.bytes);
      const reply = { lastErrorObject: { n: 1 }, value };
      deleteDocument(context, namespace, match, recordOf(numbering, 0, reply));
      return { ...reply, ok: 1 };
    }
    const update = compileUpdate(command.get('update'), context, command.get('arrayFilters'));
    if (match === undefined) return upsert(context, namespace, filter, update, numbering, shown);
    const wantsNew = flagArgument(command, 'new');
    let reply: EncodableDocument = {};
    updateDocument(context, namespace, match, update, (_modified, after, payload) => {
      const value = wantsNew ? shown(after, payload) : shown(match.document, match.stored.bytes);
      reply = { lastErrorObject: { n: 1, updatedExisting: true }, value };
      return recordOf(numbering, 0, reply);
    });
    return { ...reply, ok: 1 };
  },
};

type Shown = (document: BsonDocument, bytes: Uint8Array) => RawDocument;

/** What the client wants to see of a document: encoded once, for the reply and for its record. */
function shownBy(context: CommandContext): Shown {
  const fields = context.command.get('fields');
  const projection = isDocument(fields) ? compileProjection(fields) : undefined;
  return (document, bytes) =>
    new RawDocument(
      projection === undefined ? bytes : encodeDocument(projection(document, context)),
    );
}

function upsert(
  context: CommandContext,
  namespace: string,
  filter: BsonDocument,
  update: ReturnType<typeof compileUpdate>,
  numbering: Numbering | undefined,
  shown: Shown,
): EncodableDocument {
  const { command } = context;
  if (!flagArgument(command, 'upsert')) {
    return { lastErrorObject: { n: 0, updatedExisting: false }, value: null, ok: 1 };
  }
  ensureCollection(context, namespace);
  let reply: EncodableDocument = {};
  upsertDocument(context, namespace, filter, update, (inserted, payload) => {
    reply = {
      lastErrorObject: { n: 1, updatedExisting: false, upserted: inserted.get('_id') },
      value: flagArgument(command, 'new') ? shown(inserted, payload) : null,
    };
    return recordOf(numbering, 0, reply);
  });
  return { ...reply, ok: 1 };
}

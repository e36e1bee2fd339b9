/** `findAndModify`: one document found, changed or removed, and given back. */
import { type BsonDocument, type EncodableDocument, RawDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import {
  type Command,
  type CommandContext,
  documentArgument,
  flagArgument,
  namespaceOf,
  requireFields,
} from '../command.ts';
import { withCollation } from '../command-collation.ts';
import {
  deleteDocument,
  ensureCollection,
  updateDocument,
  upsertDocument,
  writableCollection,
} from '../document-write.ts';
import { withoutPauses } from '../pause.ts';
import { compileFindProjection } from '../projection.ts';
import { findMatches } from '../query.ts';
import { ServerError } from '../server-error.ts';
import { earlierResult, type Numbering, numberingOf, recordOf } from '../statement.ts';
import { compileUpdate } from '../update.ts';
import { requireUpsertable } from '../updating/upsert-seed.ts';

const fields = [
  'query',
  'sort',
  'hint',
  'remove',
  'update',
  'new',
  'fields',
  'upsert',
  'bypassDocumentValidation',
  'collation',
  'arrayFilters',
  'let',
];

export const findAndModify: Command = {
  kind: 'write',
  run(given) {
    const { command, state } = given;
    requireFields(given, fields);
    const namespace = namespaceOf(given);
    const context = withCollation(given, namespace);
    const remove = flagArgument(command, 'remove');
    checkArguments(command, remove);
    const numbering = numberingOf(context);
    const earlier = earlierResult(context, numbering, 0);
    if (earlier !== undefined) return { ...Object.fromEntries(earlier), ok: 1 };
    const filter = documentArgument(command, 'query');
    const sort = documentArgument(command, 'sort');
    if (flagArgument(command, 'upsert')) requireUpsertable(filter);
    const update = remove
      ? undefined
      : compileUpdate(command.get('update'), context, {
          arrayFilters: command.get('arrayFilters'),
          query: filter,
        });
    const collection = writableCollection(context, namespace);
    const selection = { filter, sort, limit: 1, hint: command.get('hint') };
    const [match] = withoutPauses(findMatches(state, collection, selection, context));
    const shown = shownBy(context, filter);
    if (update === undefined) {
      if (match === undefined) return { lastErrorObject: { n: 0 }, value: null, ok: 1 };
      const value = shown(match.document, match.stored.bytes);
      const reply = { lastErrorObject: { n: 1 }, value };
      carryOut(() => deleteDocument(context, namespace, match, recordOf(numbering, 0, reply)));
      return { ...reply, ok: 1 };
    }
    if (match === undefined) return upsert(context, namespace, filter, update, numbering, shown);
    const wantsNew = flagArgument(command, 'new');
    let reply: EncodableDocument = {};
    carryOut(() =>
      updateDocument(context, namespace, match, update, (_modified, after, payload) => {
        const value = wantsNew ? shown(after, payload) : shown(match.document, match.stored.bytes);
        reply = { lastErrorObject: { n: 1, updatedExisting: true }, value };
        return recordOf(numbering, 0, reply);
      }),
    );
    return { ...reply, ok: 1 };
  },
};

/** What has nothing to do with the document: out of time, of disk or of luck with a transaction. */
const interruptions = new Set([50, 112, 238, 239, 246, 251, 257, 263, 11601, 14031]);

/** Changes a document; what it meets with is told as MongoDB tells it. */
function carryOut(change: () => void): void {
  try {
    change();
  } catch (error) {
    const isPlain = error instanceof ServerError && error.constructor === ServerError;
    if (!isPlain || error.retryable || interruptions.has(error.code)) throw error;
    throw new ServerError(
      error.code,
      `Plan executor error during findAndModify :: caused by :: ${error.message}`,
      error.fields,
    );
  }
}

/** Throws 9 for arguments that do not go together. */
function checkArguments(command: BsonDocument, remove: boolean): void {
  const flags = { new: flagArgument(command, 'new'), upsert: flagArgument(command, 'upsert') };
  if (!remove && !command.has('update')) {
    throw new ServerError(9, 'Either an update or remove=true must be specified');
  }
  if (!remove) return;
  const refused: [given: boolean, message: string][] = [
    [command.has('update'), 'Cannot specify both an update and remove=true'],
    [flags.upsert, 'Cannot specify both upsert=true and remove=true'],
    [
      flags.new,
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    ],
    [command.has('arrayFilters'), 'Cannot specify arrayFilters and remove=true'],
  ];
  for (const [given, message] of refused) if (given) throw new ServerError(9, message);
}

type Shown = (document: BsonDocument, bytes: Uint8Array) => RawDocument;

/** What the client wants to see of a document: encoded once, for the reply and for its record. */
function shownBy(context: CommandContext, filter: BsonDocument): Shown {
  const fields = documentArgument(context.command, 'fields');
  const projection = compileFindProjection(fields, filter, context);
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
  carryOut(() =>
    upsertDocument(context, namespace, filter, update, (inserted, payload) => {
      reply = {
        lastErrorObject: { n: 1, updatedExisting: false, upserted: inserted.get('_id') },
        value: flagArgument(command, 'new') ? shown(inserted, payload) : null,
      };
      return recordOf(numbering, 0, reply);
    }),
  );
  return { ...reply, ok: 1 };
}

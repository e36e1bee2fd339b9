/** What `find` gives of the documents it finds. */
import { type BsonDocument, RawDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { type CommandContext, documentArgument, flagArgument } from '../command.ts';
import { valueAt } from '../field-path.ts';
import type { Match } from '../match.ts';
import { compileFindProjection, compileProjection } from '../projection.ts';
import { planOf, type Selection } from '../query.ts';
import { ServerError } from '../server-error.ts';

/** Gives the document, a projection of it, or the key that led to it. */
export function shownBy(
  context: CommandContext,
  namespace: string,
  selection: Selection,
): (match: Match) => RawDocument {
  const { command, store } = context;
  const spec = documentArgument(command, 'projection');
  // A view is read by a pipeline, whose projections know nothing of the query.
  const isView = store.collection(namespace)?.settings.view !== undefined;
  const projection = isView
    ? compileProjection(spec, context)
    : compileFindProjection(spec, selection.filter, context);
  const encoded = (document: BsonDocument) => new RawDocument(encodeDocument(document));
  if (flagArgument(command, 'returnKey')) {
    const collection = store.collection(namespace);
    const index = collection && planOf(collection, selection, context.collator).index;
    if (index?.multikey) throw new ServerError(238, 'the keys of arrays are not there yet');
    const fields = index?.spec.fields ?? [];
    return ({ document }) =>
      encoded(new Map(fields.map(({ name, path }) => [name, valueAt(document, path) ?? null])));
  }
  const numbered = flagArgument(command, 'showRecordId');
  if (projection === undefined && !numbered) return ({ stored }) => new RawDocument(stored.bytes);
  return ({ stored, document }) => {
    const shown = projection === undefined ? new Map(document) : projection(document, context);
    return encoded(numbered ? shown.set('$recordId', BigInt(stored.record)) : shown);
  };
}

/** `$out` and `$merge`: stages that end a pipeline by writing its documents. */
import { ObjectId, UUID } from 'bson';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { createOperation, dropOperation, renameOperation } from './catalog.ts';
import { Collator } from './collator.ts';
import type { CommandContext } from './command.ts';
import { insertDocument, noWritesToViews, updateDocument } from './document-write.ts';
import { expecting, type VariableScope } from './expression.ts';
import { whenFree } from './hold.ts';
import { withoutPauses } from './pause.ts';
import { compileDocumentStages } from './pipeline.ts';
import { findMatches, type Readable } from './query.ts';
import { ServerError } from './server-error.ts';
import { nestedValue } from './stage/field-path.ts';
import { compileLet, letVariables } from './stage/let-variables.ts';
import { type MergeSpec, outTarget, parseMerge, type WhenMatched } from './stage/output-spec.ts';
import type { Update } from './update.ts';

/** Writes the documents of a pipeline, all of which have been read before the first is written. */
export type Output = (context: CommandContext, documents: readonly BsonDocument[]) => Promise<void>;

/** True for a pipeline that ends in `$out` or `$merge`. */
export function hasOutput(stages: readonly BsonValue[]): boolean {
  const last = stages.at(-1);
  return isDocument(last) && (last.has('$out') || last.has('$merge'));
}

/** The last stage of a pipeline that has an output; throws before anything is read. */
export function compileOutput(
  stages: readonly BsonValue[],
  { database, variables }: CommandContext,
): Output {
  const last = stages.at(-1);
  const stage = isDocument(last) ? last : new Map<string, BsonValue>();
  if (stage.has('$merge'))
    return compileMerge(parseMerge(stage.get('$merge'), database), { variables });
  const target = outTarget(stage.get('$out'), database);
  return (context, documents) =>
    whenFree(context, () => replaceCollection(context, target, documents));
}

/** Fills a new collection and puts it in the place of the target, whose options and indexes it takes over. */
function replaceCollection(
  context: CommandContext,
  target: string,
  documents: readonly BsonDocument[],
): void {
  const { present, catalog } = context.state;
  present.claimCollection(target);
  const old = catalog.get(target);
  if (old?.settings.view !== undefined) throw noWritesToViews(target);
  if (old?.settings.capped !== undefined) {
    throw new ServerError(17152, `namespace '${target}' is capped so it can't be used for $out`);
  }
  const database = target.slice(0, target.indexOf('.'));
  const namespace = `${database}.tmp.agg_out.${new UUID().toHexString()}`;
  present.write(createOperation(namespace, old?.options ?? encodeDocument({})));
  try {
    for (const { spec } of old?.indexes.slice(1) ?? []) {
      present.write({ kind: 'createIndex', namespace, payload: spec.bytes });
    }
    for (const document of documents) {
      insertDocument(context, namespace, encodeDocument(document), undefined);
    }
  } catch (error) {
    const made = catalog.get(namespace);
    if (made !== undefined) present.write(dropOperation(made));
    throw error;
  }
  present.write(renameOperation(namespace, target, old));
}

function compileMerge(spec: MergeSpec, around: VariableScope): Output {
  const { target, on, whenMatched, whenNotMatched } = spec;
  const successor = compileSuccessor(whenMatched, spec.variables, around);
  const mergeOne = (context: CommandContext, { document, bytes, filter }: MergeWrite): void => {
    const collection = context.store.collection(target);
    const [match] =
      collection === undefined
        ? []
        : withoutPauses(findMatches(context.state, collection, { filter, limit: 1 }, context));
    if (match === undefined && whenNotMatched === 'fail') {
      throw new ServerError(
        13113,
        '$merge could not find a matching document in the target collection for at least one document in the source collection',
      );
    }
    if (match === undefined && whenNotMatched === 'discard') return;
    if (match === undefined || whenMatched === 'fail') {
      insertDocument(context, target, bytes, undefined);
    } else if (whenMatched !== 'keepExisting') {
      updateDocument(context, target, match, successor(context, document), () => undefined);
    }
  };
  return async (context, documents) => {
    const collection = context.store.collection(target);
    if (collection?.settings.view !== undefined) throw noWritesToViews(target);
    requireUnique(collection, on, context.collator);
    for (const batch of batchesOf(documents, on)) {
      let first: ServerError | undefined;
      for (const write of batch) {
        try {
          await whenFree(context, () => mergeOne(context, write));
        } catch (error) {
          // The rest of its batch is written all the same.
          if (!(error instanceof ServerError) || error.retryable || error.code === diskFull) {
            throw error;
          }
          first ??= error;
        }
      }
      if (first !== undefined) throw first;
    }
  };
}

const diskFull = 14031;

interface MergeWrite {
  readonly document: BsonDocument;
  readonly bytes: Uint8Array;
  readonly filter: BsonDocument;
}

const batchBytes = 16 * 1024 * 1024;

/** The documents as they are written together, up to 16 MiB of them; throws before a batch with one that has no key is written. */
function* batchesOf(
  documents: readonly BsonDocument[],
  on: readonly string[],
): Generator<MergeWrite[]> {
  let batch: MergeWrite[] = [];
  let size = 0;
  for (const document of documents) {
    const filter = keyOf(document, on);
    const bytes = encodeDocument(document);
    if (batch.length > 0 && size + bytes.length > batchBytes) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push({ document, bytes, filter });
    size += bytes.length;
  }
  if (batch.length > 0) yield batch;
}

/** What becomes of a document that is there already. */
function compileSuccessor(
  whenMatched: WhenMatched,
  definitions: BsonDocument | undefined,
  around: VariableScope,
): (context: CommandContext, document: BsonDocument) => Update {
  if (typeof whenMatched === 'string') {
    const keeps = whenMatched === 'merge';
    return (_context, document) => ({
      kind: keeps ? 'pipeline' : 'replace',
      apply: (before) => withId(before, new Map(keeps ? [...before, ...document] : document)),
    });
  }
  const given = compileLet(definitions ?? new Map(), around);
  const stages = compileDocumentStages(
    whenMatched,
    expecting(around, ['new', ...given.map(([name]) => name)]),
  );
  return (context, document) => {
    const variables = letVariables(given, { ...context, root: document });
    const scope = { ...context, variables: new Map(variables).set('new', document) };
    return { kind: 'pipeline', apply: (before) => withId(before, stages(before, scope)) };
  };
}

/** A document keeps its `_id`; throws 66 when the new one has another. */
function withId(before: BsonDocument, after: BsonDocument): BsonDocument {
  const id = before.get('_id');
  const same = encodeDocument({ _id: after.has('_id') ? after.get('_id') : id });
  if (Buffer.compare(same, encodeDocument({ _id: id })) !== 0) {
    throw new ServerError(66, "$merge failed to update the matching document: '_id' cannot change");
  }
  return new Map<string, BsonValue>([['_id', id], ...after]);
}

function keyOf(document: BsonDocument, fields: readonly string[]): BsonDocument {
  return new Map(
    fields.map((field) => {
      const value = nestedValue(document, field.split('.'));
      if (Array.isArray(value)) {
        throw new ServerError(51185, `$merge write error: 'on' field '${field}' is an array`);
      }
      if (value !== null && value !== undefined) return [field, new Map([['$eq', value]])] as const;
      if (field === '_id' && value === undefined) {
        return [field, new Map([['$eq', new ObjectId()]])] as const;
      }
      throw new ServerError(
        51132,
        `$merge write error: 'on' field '${field}' cannot be missing, null or undefined`,
      );
    }),
  );
}

/** Throws 51183 unless a unique index is on just these fields; one on `_id` is there or will be. */
function requireUnique(
  collection: Readable | undefined,
  fields: readonly string[],
  collator: Collator | undefined,
): void {
  const wanted = [...fields].sort().join();
  if (wanted === '_id') return;
  const found = collection?.indexes.some(({ spec }) => {
    const names = spec.fields.map(({ name }) => name).sort();
    const isUnique = spec.unique && spec.partial === undefined;
    return isUnique && names.join() === wanted && Collator.same(spec.collator, collator);
  });
  if (found === true) return;
  throw new ServerError(51183, 'Cannot find index to verify that join fields will be unique');
}

/** `$out` and `$merge`: stages that end a pipeline by writing its documents. */
import { ObjectId, UUID } from 'bson';
import { type BsonDocument, type BsonValue, isDocument, showValue } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { createOperation, dropOperation, renameOperation } from './catalog.ts';
import type { CommandContext } from './command.ts';
import {
  ensureCollection,
  insertDocument,
  noWritesToViews,
  updateDocument,
} from './document-write.ts';
import { withVariables } from './expression.ts';
import { splitPath, valueAt } from './field-path.ts';
import { whenFree } from './hold.ts';
import { compileDocumentStages } from './pipeline.ts';
import { findMatches, type Readable } from './query.ts';
import { ServerError } from './server-error.ts';
import type { Update } from './update.ts';

/** Writes the documents of a pipeline, all of which have been read before the first is written. */
export type Output = (context: CommandContext, documents: readonly BsonDocument[]) => Promise<void>;

/** True for a pipeline that ends in `$out` or `$merge`. */
export function hasOutput(stages: readonly BsonValue[]): boolean {
  const last = stages.at(-1);
  return isDocument(last) && (last.has('$out') || last.has('$merge'));
}

/** The last stage of a pipeline that has an output; throws before anything is read. */
export function compileOutput(stages: readonly BsonValue[], database: string): Output {
  const last = stages.at(-1);
  const stage = isDocument(last) ? last : new Map<string, BsonValue>();
  if (stages.slice(0, -1).some((each) => hasOutput([each]))) {
    throw new ServerError(40601, '$out and $merge can only be the final stage in the pipeline');
  }
  if (stage.has('$merge')) return compileMerge(stage.get('$merge'), database);
  const target = namespaceOf('$out', stage.get('$out'), database);
  return (context, documents) =>
    whenFree(context, () => replaceCollection(context, target, documents));
}

function namespaceOf(stage: string, given: BsonValue, database: string): string {
  const name = isDocument(given) ? given.get('coll') : given;
  const db = isDocument(given) ? (given.get('db') ?? database) : database;
  if (typeof name === 'string' && name !== '' && typeof db === 'string') return `${db}.${name}`;
  throw new ServerError(
    16990,
    `${stage} takes the name of a collection or { db, coll }, not ${showValue(given)}`,
  );
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

const whenMatchedModes = new Set<BsonValue>(['replace', 'keepExisting', 'merge', 'fail']);
const whenNotMatchedModes = new Set<BsonValue>(['insert', 'discard', 'fail']);

function compileMerge(operand: BsonValue, database: string): Output {
  const spec = isDocument(operand) ? operand : new Map<string, BsonValue>([['into', operand]]);
  const target = namespaceOf('$merge', spec.get('into'), database);
  const on = spec.get('on') ?? '_id';
  const fields = (Array.isArray(on) ? on : [on]).map(String);
  const whenMatched = spec.get('whenMatched') ?? 'merge';
  const whenNotMatched = spec.get('whenNotMatched') ?? 'insert';
  if (!Array.isArray(whenMatched) && !whenMatchedModes.has(whenMatched)) {
    throw new ServerError(2, `$merge knows no whenMatched of ${showValue(whenMatched)}`);
  }
  if (!whenNotMatchedModes.has(whenNotMatched)) {
    throw new ServerError(2, `$merge knows no whenNotMatched of ${showValue(whenNotMatched)}`);
  }
  const successor = compileSuccessor(whenMatched, spec.get('let'));
  const mergeOne = (context: CommandContext, document: BsonDocument): void => {
    const collection = ensureCollection(context, target);
    const filter = keyOf(document, fields);
    const [match] = findMatches(context.state, collection, { filter, limit: 1 }, context);
    if (match === undefined && whenNotMatched === 'fail') {
      throw new ServerError(
        13113,
        '$merge could not find a matching document in the target collection',
      );
    }
    if (match === undefined && whenNotMatched === 'discard') return;
    if (match === undefined || whenMatched === 'fail') {
      insertDocument(context, target, encodeDocument(document), undefined);
    } else if (whenMatched !== 'keepExisting') {
      updateDocument(context, target, match, successor(context, document), () => undefined);
    }
  };
  return async (context, documents) => {
    await whenFree(context, () => requireUnique(ensureCollection(context, target), fields));
    for (const document of documents) await whenFree(context, () => mergeOne(context, document));
  };
}

/** What becomes of a document that is there already. */
function compileSuccessor(
  whenMatched: BsonValue,
  given: BsonValue,
): (context: CommandContext, document: BsonDocument) => Update {
  if (!Array.isArray(whenMatched)) {
    const keeps = whenMatched === 'merge';
    return (_context, document) => ({
      kind: keeps ? 'pipeline' : 'replace',
      apply: (before) => withId(before, new Map(keeps ? [...before, ...document] : document)),
    });
  }
  const stages = compileDocumentStages(whenMatched);
  return (context, document) => {
    const variables = new Map(context.variables).set('new', document);
    const inner = { ...context, variables };
    const definitions = isDocument(given) ? given : new Map<string, BsonValue>();
    const scope = withVariables({ ...inner, root: document }, definitions);
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
      const value =
        valueAt(document, splitPath(field)) ?? (field === '_id' ? new ObjectId() : null);
      if (value !== null && !Array.isArray(value))
        return [field, new Map([['$eq', value]])] as const;
      throw new ServerError(
        51132,
        `$merge write error: 'on' field '${field}' cannot be missing, null or an array`,
      );
    }),
  );
}

/** Throws 51183 unless a unique index is on just these fields. */
function requireUnique(collection: Readable, fields: readonly string[]): void {
  const wanted = [...fields].sort().join();
  const found = collection.indexes.some(({ spec }) => {
    const names = spec.fields.map(({ name }) => name).sort();
    return spec.unique && spec.partial === undefined && names.join() === wanted;
  });
  if (!found)
    throw new ServerError(51183, 'Cannot find index to verify that join fields will be unique');
}

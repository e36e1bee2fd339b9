/** Updates compiled to functions from a document to its successor. */
import { type BsonDocument, type BsonValue, cloneValue, isDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { equalValues, typeName } from './bson-order.ts';
import type { ExpressionScope } from './expression.ts';
import { compilePosition } from './match-position.ts';
import { compileDocumentStages } from './pipeline.ts';
import { ServerError } from './server-error.ts';
import { ArrayFilters } from './updating/array-filters.ts';
import { addToSet, pop, pull, pullAll, push } from './updating/array-modifiers.ts';
import { currentDate, max, min, set, setOnInsert, unset } from './updating/field-modifiers.ts';
import type { ModifierReader } from './updating/modifier.ts';
import { bit, inc, mul } from './updating/number-modifiers.ts';
import { addRename } from './updating/rename.ts';
import { parseUpdatePath } from './updating/update-path.ts';
import { modify, UpdateTree } from './updating/update-tree.ts';

export interface Update {
  /** By operators, by a pipeline, or as a replacement, which keeps only `_id` and may not be used for many documents. */
  readonly kind: 'update' | 'pipeline' | 'replace';
  /** Set for a replacement without an `_id`, which writes the document anew even when nothing is different. */
  readonly rewrites?: boolean;
  /** The successor of `document`, which is left as it is; `_id` cannot change (66). */
  apply(document: BsonDocument, inserting: boolean): BsonDocument;
}

/** What an update may refer to beside itself. */
export interface UpdateContext {
  readonly arrayFilters?: BsonValue;
  /** The query that has found the documents, for `$`. */
  readonly query?: BsonDocument;
}

/** Compiles any of the three forms: operators, which alone may have array filters, replacement, pipeline. */
export function compileUpdate(
  spec: BsonValue,
  scope: ExpressionScope,
  { arrayFilters, query = new Map() }: UpdateContext = {},
): Update {
  const filters = new ArrayFilters(arrayFilters, scope);
  if (Array.isArray(spec)) {
    if (!filters.isEmpty) {
      throw new ServerError(9, 'arrayFilters may not be specified for pipeline-style updates');
    }
    const stages = compileDocumentStages(spec, scope);
    return { kind: 'pipeline', apply: (document) => withId(document, stages(document, scope)) };
  }
  requireUpdate(spec);
  if (spec.keys().next().value?.startsWith('$') === true) {
    return byOperators(spec, scope, filters, query);
  }
  if (!filters.isEmpty) {
    throw new ServerError(9, 'arrayFilters may not be specified for replacement updates');
  }
  return replacement(spec);
}

/** Throws 9 for what has none of the three forms. */
export function requireUpdate(spec: BsonValue): asserts spec is BsonDocument | BsonValue[] {
  if (isDocument(spec) || Array.isArray(spec)) return;
  throw new ServerError(9, 'Update argument must be either an object or an array');
}

const modifiers: ReadonlyMap<string, ModifierReader> = new Map<string, ModifierReader>([
  ['$addToSet', addToSet],
  ['$bit', bit],
  ['$currentDate', currentDate],
  ['$inc', inc],
  ['$max', max],
  ['$min', min],
  ['$mul', mul],
  ['$pop', pop],
  ['$pull', pull],
  ['$pullAll', pullAll],
  ['$push', push],
  ['$set', set],
  ['$setOnInsert', setOnInsert],
  ['$unset', unset],
]);

function byOperators(
  spec: BsonDocument,
  scope: ExpressionScope,
  filters: ArrayFilters,
  query: BsonDocument,
): Update {
  const tree = new UpdateTree(filters);
  for (const [operator, fields] of spec) {
    const read = modifiers.get(operator);
    if (read === undefined && operator !== '$rename') {
      throw new ServerError(
        9,
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!isDocument(fields)) {
      throw new ServerError(
        9,
        `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${operator}: …}`,
      );
    }
    for (const [name, operand] of fields) {
      if (read === undefined) {
        addRename(tree, name, operand);
        continue;
      }
      const path = parseUpdatePath(name);
      filters.meet(path);
      tree.add(path, modify(read(operand, scope, name)));
    }
  }
  filters.refuseUnused();
  const positionIn = tree.isPositional ? compilePosition(query, scope) : () => undefined;
  return {
    kind: 'update',
    apply(document, inserting) {
      const successor = cloneValue(document);
      const position = inserting ? undefined : positionIn(document)?.toString();
      tree.apply({ document: successor, inserting, position });
      return keepId(document, successor);
    },
  };
}

function replacement(spec: BsonDocument): Update {
  for (const name of spec.keys()) {
    if (name.startsWith('$')) {
      throw new ServerError(
        52,
        `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
  }
  return {
    kind: 'replace',
    rewrites: !spec.has('_id'),
    apply(document) {
      const id = document.has('_id') ? document.get('_id') : spec.get('_id');
      const known = document.has('_id') || spec.has('_id');
      const successor: BsonDocument = new Map(known ? [['_id', id]] : []);
      for (const [name, value] of spec) if (name !== '_id') successor.set(name, value);
      if (document.has('_id') && spec.has('_id') && !equalValues(spec.get('_id'), id)) {
        throw idChanged();
      }
      return successor;
    },
  };
}

/** What a pipeline has made of a document, with its `_id` in front, which may stay away or be an equal one. */
function withId(before: BsonDocument, after: BsonDocument): BsonDocument {
  if (!before.has('_id')) return after;
  const id = after.has('_id') ? after.get('_id') : before.get('_id');
  if (!equalValues(id, before.get('_id'))) throw idChanged();
  if (after.keys().next().value === '_id') return after;
  return new Map([['_id', id], ...[...after].filter(([name]) => name !== '_id')]);
}

/** The document with the `_id` that it had; throws 66 when it is another, be it of another type. */
function keepId(before: BsonDocument, after: BsonDocument): BsonDocument {
  if (!before.has('_id')) return after;
  const id = before.get('_id');
  if (!after.has('_id')) {
    throw new ServerError(
      66,
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  }
  if (after.get('_id') !== id && !isSame(after.get('_id'), id)) throw idChanged();
  return after;
}

function isSame(a: BsonValue, b: BsonValue): boolean {
  const [left, right] = [a, b].map((value) => encodeDocument(new Map([['', value]])));
  return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0;
}

function idChanged(): ServerError {
  return new ServerError(
    66,
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

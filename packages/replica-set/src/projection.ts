/** Projections: inclusion, exclusion and computed fields. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { isNumber, toDouble } from './bson-order.ts';
import { compileExpression, type ExpressionScope, missing } from './expression.ts';
import { setPath, splitPath } from './field-path.ts';
import { ServerError } from './server-error.ts';

export type Projection = (document: BsonDocument, scope: ExpressionScope) => BsonDocument;

/** The fields named at one level: all of it, or a level below. */
type FieldTree = Map<string, true | FieldTree>;

export function compileProjection(spec: BsonDocument): Projection | undefined {
  if (spec.size === 0) return undefined;
  const included: FieldTree = new Map();
  const excluded: FieldTree = new Map();
  const computed: [path: string[], value: BsonValue][] = [];
  for (const [name, value] of flatten(spec, '')) {
    const path = splitPath(name);
    if (path.some((part) => part.startsWith('$'))) {
      throw new ServerError(31254, `the positional projection '${name}' is not there yet`);
    }
    if (typeof value === 'boolean' || isNumber(value)) {
      const wanted = typeof value === 'boolean' ? value : toDouble(value) !== 0;
      plant(wanted ? included : excluded, path);
    } else {
      computed.push([path, value]);
    }
  }
  const idHidden = excluded.get('_id') === true;
  const others = [...excluded.keys()].some((name) => name !== '_id');
  const inclusive =
    [...included.keys()].some((name) => name !== '_id') ||
    computed.length > 0 ||
    (included.size > 0 && !others);
  if (inclusive && others) {
    throw new ServerError(31254, 'Cannot do exclusion in an inclusion projection');
  }
  if (!inclusive) return (document) => exclude(document, excluded);
  if (!idHidden && !included.has('_id')) included.set('_id', true);
  const fields = computed.map(([path, value]) => [path, compileExpression(value)] as const);
  return (document, scope) => {
    const result = include(document, included);
    for (const [path, evaluate] of fields) {
      const value = evaluate({ ...scope, root: document });
      if (value !== missing) setPath(result, path, value);
    }
    return result;
  };
}

/** `{ a: { b: 1 } }` says the same as `{ 'a.b': 1 }`. */
function flatten(spec: BsonDocument, prefix: string): [string, BsonValue][] {
  return [...spec].flatMap(([name, value]): [string, BsonValue][] => {
    const [first = '$'] = isDocument(value) ? value.keys() : [];
    return isDocument(value) && !first.startsWith('$')
      ? flatten(value, `${prefix}${name}.`)
      : [[prefix + name, value]];
  });
}

function plant(tree: FieldTree, path: readonly string[]): void {
  let level = tree;
  for (const [index, name] of path.entries()) {
    const next = level.get(name);
    const last = index === path.length - 1;
    if (next === true || (next !== undefined && last)) {
      throw new ServerError(31249, `Path collision at ${path.join('.')}`);
    }
    const below: FieldTree = next ?? new Map();
    level.set(name, last ? true : below);
    level = below;
  }
}

function include(document: BsonDocument, tree: FieldTree): BsonDocument {
  const result: BsonDocument = new Map();
  for (const [name, value] of document) {
    const below = tree.get(name);
    if (below === true) result.set(name, value);
    else if (isDocument(value) && below !== undefined) result.set(name, include(value, below));
    else if (Array.isArray(value) && below !== undefined) {
      result.set(
        name,
        value.flatMap((item) => (isDocument(item) ? [include(item, below)] : [])),
      );
    }
  }
  return result;
}

function exclude(document: BsonDocument, tree: FieldTree): BsonDocument {
  const result: BsonDocument = new Map();
  for (const [name, value] of document) {
    const below = tree.get(name);
    if (below === true) continue;
    result.set(name, below === undefined ? value : excludeBelow(value, below));
  }
  return result;
}

function excludeBelow(value: BsonValue, tree: FieldTree): BsonValue {
  if (isDocument(value)) return exclude(value, tree);
  return Array.isArray(value) ? value.map((item) => excludeBelow(item, tree)) : value;
}

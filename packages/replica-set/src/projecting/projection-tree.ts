/** Projections as trees of the fields that they name. */
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import type { Evaluator } from '../expression.ts';
import { ServerError } from '../server-error.ts';

/** What becomes of a field. */
export type ProjectionNode =
  | ProjectionBranch
  | { readonly kind: 'include' }
  | { readonly kind: 'exclude' }
  | { readonly kind: 'compute'; readonly evaluate: Evaluator }
  /** The whole field, of which something is taken afterwards. */
  | { readonly kind: 'cut' }
  /** Put there afterwards: in an inclusion behind the other fields. */
  | { readonly kind: 'replaced' };

export interface ProjectionBranch {
  readonly kind: 'fields';
  readonly children: Map<string, ProjectionNode>;
  /** True when some field beneath is computed. */
  computes: boolean;
}

/** Changes the projected document in place; `before` is the document as it was. */
export type Afterthought = (after: BsonDocument, before: BsonDocument) => void;

export function emptyBranch(): ProjectionBranch {
  return { kind: 'fields', children: new Map(), computes: false };
}

/**
 * The parts of a dotted name.
 *
 * @throws {ServerError} 40352, 40353, 15998, 16410 for what is no name of a field
 */
export function projectionPath(name: string): string[] {
  if (name === '')
    throw new ServerError(40352, 'FieldPath cannot be constructed with empty string');
  if (name.endsWith('.')) throw new ServerError(40353, "FieldPath must not end with a '.'.");
  const path = name.split('.');
  for (const part of path) {
    if (part === '')
      throw new ServerError(15998, 'FieldPath field names may not be empty strings.');
    if (part.startsWith('$') && !/^\$(id|ref|db)$/.test(part)) {
      throw new ServerError(
        16410,
        "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
      );
    }
  }
  return path;
}

/** Throws 31249 or 31250 when a name is there already, or within or around another. */
export function addNode(
  root: ProjectionBranch,
  path: readonly string[],
  node: ProjectionNode,
): void {
  let branch = root;
  for (const [at, name] of path.entries()) {
    if (node.kind === 'compute') branch.computes = true;
    const child = branch.children.get(name);
    if (at === path.length - 1) {
      if (child !== undefined) {
        throw new ServerError(31250, `Path collision at ${path.join('.')}`);
      }
      branch.children.set(name, node);
      return;
    }
    if (child === undefined) {
      const made = emptyBranch();
      branch.children.set(name, made);
      branch = made;
    } else if (child.kind === 'fields') {
      branch = child;
    } else {
      throw new ServerError(
        31249,
        `Path collision at ${path.join('.')} remaining portion ${path.slice(1).join('.')}`,
      );
    }
  }
}

/** True when other names lie beneath this one already. */
export function hasBranch(root: ProjectionBranch, path: readonly string[]): boolean {
  let node: ProjectionNode | undefined = root;
  for (const name of path) node = node?.kind === 'fields' ? node.children.get(name) : undefined;
  return node?.kind === 'fields';
}

/** The fields that are named, in the order of the document. What is not there stays so. */
export function include(document: BsonDocument, { children }: ProjectionBranch): BsonDocument {
  const result: BsonDocument = new Map();
  for (const [name, value] of document) {
    const node = children.get(name);
    if (node === undefined) continue;
    if (node.kind === 'include' || node.kind === 'cut') {
      result.set(name, value);
    } else if (node.kind === 'fields') {
      const inner = includeWithin(value, node);
      if (inner !== nothing) result.set(name, inner);
      // Computed fields will come here, in the place of what is no document.
      else if (node.computes) result.set(name, undefined);
    }
  }
  return result;
}

const nothing: unique symbol = Symbol('nothing');

/** Of arrays the documents, at any depth; of other values nothing, but a place for computed fields. */
function includeWithin(value: BsonValue, node: ProjectionBranch): BsonValue | typeof nothing {
  if (value instanceof Map) return include(value, node);
  if (!Array.isArray(value)) return nothing;
  const items = value.map((item) => includeWithin(item, node));
  return node.computes
    ? items.map((item) => (item === nothing ? new Map() : item))
    : items.filter((item) => item !== nothing);
}

/** All but the fields that are named. */
export function exclude(document: BsonDocument, { children }: ProjectionBranch): BsonDocument {
  const result: BsonDocument = new Map();
  for (const [name, value] of document) {
    const node = children.get(name);
    if (node?.kind === 'exclude') continue;
    result.set(name, node?.kind === 'fields' ? excludeWithin(value, node) : value);
  }
  return result;
}

function excludeWithin(value: BsonValue, node: ProjectionBranch): BsonValue {
  if (value instanceof Map) return exclude(value, node);
  return Array.isArray(value) ? value.map((item) => excludeWithin(item, node)) : value;
}

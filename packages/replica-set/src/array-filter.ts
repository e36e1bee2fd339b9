/** Updates of chosen elements of arrays: `a.$[]` and `a.$[identifier]` with its array filter. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { typeName } from './bson-order.ts';
import type { ExpressionScope } from './expression.ts';
import { valueAt } from './field-path.ts';
import { compileQuery, type Predicate } from './matcher.ts';
import { ServerError } from './server-error.ts';

/** True for `$[]` and `$[identifier]`. */
export function choosesElements(part: string): boolean {
  return part.startsWith('$[') && part.endsWith(']');
}

/** The array filters of one update, by their identifiers. */
export class ArrayFilters {
  readonly #tests = new Map<string, Predicate>();
  readonly #unused = new Set<string>();

  constructor(filters: BsonValue, scope: ExpressionScope) {
    if (filters === undefined || filters === null) return;
    if (!Array.isArray(filters)) throw new ServerError(14, 'arrayFilters has to be an array');
    for (const filter of filters) {
      if (!isDocument(filter)) throw new ServerError(14, 'each array filter has to be an object');
      const identifier = identifierOf(filter);
      if (this.#tests.has(identifier)) {
        throw new ServerError(
          9,
          `Found multiple array filters with the same top-level field name ${identifier}`,
        );
      }
      this.#tests.set(identifier, compileQuery(filter, scope));
      this.#unused.add(identifier);
    }
  }

  get isEmpty(): boolean {
    return this.#tests.size === 0;
  }

  /** Notes the identifiers of a path as used; throws 2 for one without a filter. */
  meet(path: readonly string[]): void {
    for (const part of path.filter(choosesElements)) {
      const identifier = part.slice(2, -1);
      if (identifier === '') continue;
      if (!this.#tests.has(identifier)) {
        throw new ServerError(
          2,
          `No array filter found for identifier '${identifier}' in path '${path.join('.')}'`,
        );
      }
      this.#unused.delete(identifier);
    }
  }

  /** Throws 9 when a filter belongs to no path. */
  refuseUnused(): void {
    const [identifier] = this.#unused;
    if (identifier === undefined) return;
    throw new ServerError(
      9,
      `The array filter for identifier '${identifier}' was not used in the update`,
    );
  }

  /** The paths that a path means in a document, the places of elements in it as numbers. */
  expand(document: BsonDocument, path: readonly string[]): string[][] {
    const at = path.findIndex(choosesElements);
    if (at < 0) return [[...path]];
    const before = path.slice(0, at);
    const array = valueAt(document, before);
    if (!Array.isArray(array)) throw noArray(before, array);
    const identifier = (path[at] ?? '').slice(2, -1);
    const test = this.#tests.get(identifier);
    return array.flatMap((element, index) => {
      if (identifier !== '' && test?.(new Map([[identifier, element]])) !== true) return [];
      return this.expand(document, [...before, String(index), ...path.slice(at + 1)]);
    });
  }
}

function noArray(path: readonly string[], value: BsonValue): ServerError {
  const name = path.join('.');
  return new ServerError(
    2,
    value === undefined
      ? `The path '${name}' must exist in the document in order to apply array updates.`
      : `Cannot apply array updates to non-array element ${name} of type ${typeName(value)}`,
  );
}

function identifierOf(filter: BsonDocument): string {
  const names = new Set(topLevelNames(filter));
  const [name, other] = names;
  if (name === undefined) {
    throw new ServerError(
      9,
      'Cannot use an expression without a top-level field name in arrayFilters',
    );
  }
  if (other !== undefined) {
    throw new ServerError(
      9,
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${name}' and '${other}'`,
    );
  }
  if (/^[a-z][a-zA-Z0-9]*$/.test(name)) return name;
  throw new ServerError(
    2,
    `The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
  );
}

function topLevelNames(filter: BsonDocument): string[] {
  return [...filter].flatMap(([name, value]) => {
    if (!name.startsWith('$')) return [name.split('.')[0] ?? ''];
    const branches = Array.isArray(value) ? value : [];
    return branches.flatMap((branch) => (isDocument(branch) ? topLevelNames(branch) : []));
  });
}

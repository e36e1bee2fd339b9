/** The array filters of an update: which elements `$[identifier]` means. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import type { ExpressionScope } from '../expression.ts';
import { compileQuery, type Predicate } from '../matcher.ts';
import { ServerError } from '../server-error.ts';
import { isFilterPart } from './update-path.ts';

export class ArrayFilters {
  readonly #tests = new Map<string, Predicate>();
  readonly #unused = new Set<string>();

  constructor(filters: BsonValue, scope: ExpressionScope) {
    if (filters === undefined || filters === null) return;
    if (!Array.isArray(filters)) throw new ServerError(14, 'arrayFilters has to be an array');
    for (const filter of filters) {
      if (!isDocument(filter)) {
        throw new ServerError(
          14,
          `BSON field 'arrayFilters' is the wrong type '${typeName(filter)}', expected type 'object'`,
        );
      }
      const test = compileQuery(filter, scope, { plain: true });
      const identifier = identifierOf(filter);
      if (this.#tests.has(identifier)) {
        throw new ServerError(
          9,
          `Found multiple array filters with the same top-level field name ${identifier}`,
        );
      }
      this.#tests.set(identifier, test);
      this.#unused.add(identifier);
    }
  }

  get isEmpty(): boolean {
    return this.#tests.size === 0;
  }

  /** Notes the identifiers of a path as used; throws 2 for one without a filter. */
  meet(path: readonly string[]): void {
    for (const part of path.filter(isFilterPart)) {
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

  /** Whether an element passes the filter of an identifier; all pass the empty one. */
  pass(identifier: string, element: BsonValue): boolean {
    if (identifier === '') return true;
    return this.#tests.get(identifier)?.(new Map([[identifier, element]])) === true;
  }
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
    `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
  );
}

function topLevelNames(filter: BsonDocument): string[] {
  return [...filter].flatMap(([name, value]) => {
    if (!name.startsWith('$')) return [name.split('.')[0] ?? ''];
    const branches = Array.isArray(value) ? value : [];
    return branches.flatMap((branch) => (isDocument(branch) ? topLevelNames(branch) : []));
  });
}

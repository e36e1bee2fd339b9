/** The dotted names of fields that updates name. */
import { ServerError } from '../server-error.ts';

/** True for `$[]` and `$[identifier]`. */
export function isFilterPart(part: string): boolean {
  return part.startsWith('$[') && part.endsWith(']');
}

/**
 * The parts of a name that may be updated.
 *
 * @throws {ServerError} 56 for an empty part, 52 for a document's own field with a dollar, 2 for `$` where it cannot stand
 */
export function parseUpdatePath(name: string): string[] {
  const path = name.split('.');
  if (path.includes('')) {
    throw new ServerError(
      56,
      `The update path '${name}' contains an empty field name, which is not allowed.`,
    );
  }
  const [first = ''] = path;
  if (first === '$') {
    throw new ServerError(
      2,
      `Cannot have positional (i.e. '$') element in the first position in path '${name}'`,
    );
  }
  if (isFilterPart(first)) {
    throw new ServerError(
      2,
      `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${name}'`,
    );
  }
  if (path.filter((part) => part === '$').length > 1) {
    throw new ServerError(2, `Too many positional (i.e. '$') elements found in path '${name}'`);
  }
  if (path.length === 1 && first.startsWith('$')) throw dollarPrefixed(first, name);
  return path;
}

/** Documents that are updated keep such fields, but are given none; those inside of them are. */
export function dollarPrefixed(part: string, name: string): ServerError {
  return new ServerError(
    52,
    `The dollar ($) prefixed field '${part}' in '${name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
  );
}

/** The order in which fields of one document are updated: numbers by their value, others by their bytes. */
export function comparePathParts(a: string, b: string): number {
  if (isIndex(a) && isIndex(b)) return Number(a) - Number(b);
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** True for the place of an element of an array. */
export function isIndex(part: string): boolean {
  return /^(0|[1-9]\d*)$/.test(part);
}

/** The `$unwind` stage: a document for each element of an array. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { pause } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import { nestedValue, parseFieldPath, withNested } from './field-path.ts';
import type { StageRun } from './stage.ts';

interface UnwindSpec {
  readonly path: readonly string[];
  /** Where the element's number goes. */
  readonly indexPath: readonly string[] | undefined;
  readonly keepsEmpty: boolean;
}

function parseUnwind(operand: BsonValue): UnwindSpec {
  if (typeof operand === 'string') {
    return { path: pathOf(operand), indexPath: undefined, keepsEmpty: false };
  }
  if (!isDocument(operand)) {
    throw new ServerError(
      15981,
      `expected either a string or an object as specification for $unwind stage, got ${typeName(operand)}`,
    );
  }
  let path: readonly string[] | undefined;
  let indexPath: readonly string[] | undefined;
  let keepsEmpty = false;
  for (const [name, value] of operand) {
    if (name === 'path') {
      if (typeof value !== 'string') {
        throw new ServerError(
          28808,
          `expected a string as the path for $unwind stage, got ${typeName(value)}`,
        );
      }
      path = pathOf(value);
    } else if (name === 'preserveNullAndEmptyArrays') {
      if (typeof value !== 'boolean') {
        throw new ServerError(
          28809,
          `expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got ${typeName(value)}`,
        );
      }
      keepsEmpty = value;
    } else if (name === 'includeArrayIndex') {
      if (typeof value !== 'string' || value === '') {
        throw new ServerError(
          28810,
          `expected a non-empty string for the includeArrayIndex  option to $unwind stage, got ${typeName(value)}`,
        );
      }
      if (value.startsWith('$')) {
        throw new ServerError(
          28822,
          `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${value}`,
        );
      }
      indexPath = parseFieldPath(value);
    } else {
      throw new ServerError(28811, `unrecognized option to $unwind stage: ${name}`);
    }
  }
  if (path === undefined) throw new ServerError(28812, 'no path specified to $unwind stage');
  return { path, indexPath, keepsEmpty };
}

function pathOf(text: string): readonly string[] {
  if (text.startsWith('$')) return parseFieldPath(text.slice(1));
  throw new ServerError(
    28818,
    `path option to $unwind stage should be prefixed with a '$': ${text}`,
  );
}

export function compileUnwind(operand: BsonValue): StageRun {
  const spec = parseUnwind(operand);
  return function* (documents) {
    for (const document of documents) {
      if (document === pause) yield pause;
      else yield* unwound(document, spec);
    }
  };
}

function* unwound(
  document: BsonDocument,
  { path, indexPath, keepsEmpty }: UnwindSpec,
): Iterable<BsonDocument> {
  const numbered = (changed: BsonDocument, index: bigint | null): BsonDocument =>
    indexPath === undefined ? changed : withNested(changed, indexPath, index);
  const value = nestedValue(document, path);
  if (!Array.isArray(value)) {
    const isThere = value !== null && value !== undefined;
    if (isThere || keepsEmpty) yield numbered(document, null);
    return;
  }
  if (value.length === 0 && keepsEmpty) yield numbered(withNested(document, path, undefined), null);
  for (const [index, item] of value.entries()) {
    yield numbered(withNested(document, path, item), BigInt(index));
  }
}

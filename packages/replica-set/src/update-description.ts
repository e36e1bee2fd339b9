/** What an update changed, told from the document before and after: MongoDB's `updateDescription`. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';

export interface UpdateDescription {
  /** New values by dotted path; a number in a path names an element of an array. */
  readonly updatedFields: BsonDocument;
  readonly removedFields: string[];
  /** Arrays of which only the first elements stayed: `{ field, newSize }`. */
  readonly truncatedArrays: BsonDocument[];
  /** The steps of each path that could be read in two ways, an element of an array being a number. */
  readonly disambiguatedPaths: BsonDocument;
}

type Path = readonly (string | number)[];

/**
 * Describes the way from `before` to `after`: arrays cut as `truncatedArrays`
 * tells, the removed fields taken away and the updated ones set, the one has the
 * content of the other.
 *
 * As MongoDB does it, updates by operators tell of appended elements and of a
 * single changed one by their index, and of any other change of an array by the
 * whole of it; updates by a `pipeline` tell of each element, and of arrays cut
 * short by `truncatedArrays`. A document that holds names with dots is told whole.
 */
export function describeUpdate(
  before: BsonDocument,
  after: BsonDocument,
  how: 'operators' | 'pipeline',
): UpdateDescription {
  const description = new Description(how);
  description.documents(before, after, []);
  return description;
}

class Description implements UpdateDescription {
  readonly updatedFields: BsonDocument = new Map();
  readonly removedFields: string[] = [];
  readonly truncatedArrays: BsonDocument[] = [];
  readonly disambiguatedPaths: BsonDocument = new Map();
  readonly #how: 'operators' | 'pipeline';

  constructor(how: 'operators' | 'pipeline') {
    this.#how = how;
  }

  documents(before: BsonDocument, after: BsonDocument, prefix: Path): void {
    const order = new Map([...before.keys()].map((name, index) => [name, index]));
    for (const name of order.keys())
      if (!after.has(name)) this.removedFields.push(this.#name([...prefix, name]));
    let last = -1;
    for (const [name, value] of after) {
      const index = order.get(name) ?? -1;
      if (prefix.length === 0 && name === '_id') continue;
      if (index > last) {
        last = index;
        this.#values(before.get(name), value, [...prefix, name]);
      } else {
        // A field that is new, or has moved forward past others.
        this.updatedFields.set(this.#name([...prefix, name]), value);
      }
    }
  }

  #values(before: BsonValue, after: BsonValue, path: Path): void {
    if (sameValue(before, after)) return;
    if (isDocument(before) && isDocument(after) && isPlain(before) && isPlain(after)) {
      this.documents(before, after, path);
    } else if (Array.isArray(before) && Array.isArray(after)) {
      this.#arrays(before, after, path);
    } else {
      this.updatedFields.set(this.#name(path), after);
    }
  }

  #arrays(before: BsonValue[], after: BsonValue[], path: Path): void {
    const shared = Math.min(before.length, after.length);
    const changed: number[] = [];
    for (let at = 0; at < shared; at++) if (!sameValue(before[at], after[at])) changed.push(at);
    const whole =
      this.#how === 'pipeline'
        ? shared > 0 && changed.length === shared
        : after.length < before.length ||
          changed.length > 1 ||
          (changed.length === 1 && after.length > before.length);
    if (whole) {
      this.updatedFields.set(this.#name(path), after);
      return;
    }
    for (const at of changed) this.#values(before[at], after[at], [...path, at]);
    for (let at = shared; at < after.length; at++)
      this.updatedFields.set(this.#name([...path, at]), after[at]);
    if (after.length < before.length) {
      this.truncatedArrays.push(
        new Map<string, BsonValue>([
          ['field', this.#name(path)],
          ['newSize', after.length],
        ]),
      );
    }
  }

  /** The path with dots; one that could be read in two ways is told of. */
  #name(path: Path): string {
    const name = path.join('.');
    if (path.some(isAmbiguous)) this.disambiguatedPaths.set(name, [...path]);
    return name;
  }
}

/** True for a step of a path that looks like an index, or like several steps. */
function isAmbiguous(step: string | number): boolean {
  return typeof step === 'string' && (/^\d+$/.test(step) || step.includes('.'));
}

/** True when dotted paths into the document mean one thing. */
function isPlain(document: BsonDocument): boolean {
  for (const name of document.keys()) if (name === '' || name.includes('.')) return false;
  return true;
}

/** True for the same type, number type, field order and content. */
function sameValue(a: BsonValue, b: BsonValue): boolean {
  if (typeof a === 'string' || typeof a === 'boolean' || typeof a === 'bigint' || a === null) {
    return a === b;
  }
  return Buffer.compare(encodeDocument({ v: a }), encodeDocument({ v: b })) === 0;
}

import type { ByteBuffer } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';
import type { DataType, Infer } from './data-type.ts';
import { EngineType, engineOf, type HasCursor } from './engine-type.ts';
import {
  accessByLoop,
  accessBySite,
  type FieldAccess,
  type FieldGroup,
  type Fields,
  type SiteField,
} from './field-access.ts';
import type { FieldPath } from './field-path.ts';
import { FixedType, PrimitiveType } from './primitive.ts';
import { siteWidth } from './record-sites.ts';

/** The values of a record by the types of its fields. */
export type RecordOf<F> = { -readonly [Key in keyof F]: Infer<F[Key]> };

/** Reads and writes after which a record's fields get sites of their own. */
const worthSites = 512;

class RecordType<F extends Readonly<Record<string, DataType<unknown>>>> extends EngineType<
  RecordOf<F>
> {
  override readonly leastBytes: number;
  readonly #types: readonly (readonly [string, EngineType<unknown>])[];
  readonly #loop: FieldAccess;
  /** There once the record is used much; apart from the loop, so that its calls have one target. */
  #site: FieldAccess | undefined;
  #uses = 0;

  constructor(fields: F) {
    super();
    this.#types = Object.entries(fields).map(([name, type]) => [name, engineOf(type)]);
    if (this.#types.length === 0) throw new TypeError('a record has at least one field');
    for (const [name] of this.#types) refuseName(name);
    this.leastBytes = this.#types.reduce((sum, [, type]) => sum + type.leastBytes, 0);
    this.#loop = accessTo(this.#types, accessByLoop);
  }

  override readFrom(cursor: ByteCursor): RecordOf<F> {
    const site = this.#site;
    return (site === undefined ? this.#early().read(cursor) : site.read(cursor)) as RecordOf<F>;
  }

  override writeTo(buffer: ByteBuffer, value: RecordOf<F>): void {
    const site = this.#site;
    if (site === undefined) this.#early().write(buffer, fieldsOf(value));
    else site.write(buffer, value as Fields);
  }

  override *readInParts(from: HasCursor, path: FieldPath): Generator<void, RecordOf<F>> {
    const fields: Fields = {};
    for (const [key, type] of this.#types) {
      fields[key] = yield* path.withinParts(key, type.readInParts(from, path));
    }
    return fields as RecordOf<F>;
  }

  override writePlainly(buffer: ByteBuffer, value: RecordOf<F>, path: FieldPath): void {
    const fields = fieldsOf(value);
    for (const [key, type] of this.#types) {
      path.within(key, () => type.writePlainly(buffer, fields[key], path));
    }
  }

  #early(): FieldAccess {
    this.#uses += 1;
    if (this.#uses === worthSites) this.#site = accessTo(this.#types, accessBySite);
    return this.#loop;
  }
}

/**
 * Values of several types one behind the other, as an object with their names; nothing lies
 * between or around them. Records may lie in records.
 *
 * @param fields the types by name, in the order in which they lie in the stream
 * @example
 * const price = record({ symbol: utf, day: int, close: double });
 * price.write(output, { symbol: 'MSFT', day: 20_221_230, close: 239.82 });
 * price.read(input).close; // => 239.82
 */
export function record<const F extends Readonly<Record<string, DataType<unknown>>>>(
  fields: F,
): DataType<RecordOf<F>> {
  return new RecordType(fields);
}

function accessTo(
  types: readonly (readonly [string, EngineType<unknown>])[],
  make: (group: FieldGroup) => FieldAccess,
): FieldAccess {
  const more = types.slice(siteWidth);
  return make({
    fields: siteFieldsOf(types.slice(0, siteWidth)),
    rest: more.length === 0 ? undefined : accessTo(more, make),
  });
}

function siteFieldsOf(types: readonly (readonly [string, EngineType<unknown>])[]): SiteField[] {
  let offset = 0;
  return types.map(([key, type], i) => {
    if (!(type instanceof FixedType)) {
      offset = 0;
      return { key, ...freeAccessTo(type), offset, run: 0 };
    }
    const { readAt: read, writeAt } = type;
    const field = {
      key,
      read,
      write: writeAt,
      offset,
      run: offset === 0 ? runOf(types.slice(i)) : 0,
    };
    offset += type.leastBytes;
    return field;
  });
}

/** The bytes of the fields of fixed width that come first. */
function runOf(types: readonly (readonly [string, EngineType<unknown>])[]): number {
  const end = types.findIndex(([, type]) => !(type instanceof FixedType));
  const run = end < 0 ? types : types.slice(0, end);
  return run.reduce((sum, [, type]) => sum + type.leastBytes, 0);
}

/** A primitive has functions, which an engine can tell apart; the others have methods. */
function freeAccessTo(type: EngineType<unknown>): Pick<SiteField, 'read' | 'write'> {
  return type instanceof PrimitiveType
    ? { read: type.readFrom, write: type.writeTo }
    : {
        read: (cursor) => type.readFrom(cursor),
        write: (buffer, value) => type.writeTo(buffer, value),
      };
}

/** JavaScript moves whole numbers to the front of an object, and `__proto__` is no field at all. */
function refuseName(name: string): void {
  if (name === '__proto__' || /^\d+$/.test(name)) {
    throw new TypeError(
      `a field cannot be called ${JSON.stringify(name)}: JavaScript would not keep it in its place`,
    );
  }
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === 'object' && value !== null) return value as Fields;
  throw new TypeError(`an object is due, not ${value === null ? 'null' : typeof value}`);
}

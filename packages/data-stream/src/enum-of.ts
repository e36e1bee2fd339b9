import type { ByteBuffer } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';
import { RecordFormatException } from './data-stream-error.ts';
import type { DataType } from './data-type.ts';
import { EngineType, engineOf } from './engine-type.ts';
import { utf } from './primitive.ts';

class EnumType<Name extends string, Code extends number | string> extends EngineType<Name> {
  override readonly leastBytes: number;
  readonly #code: EngineType<Code>;
  readonly #names: ReadonlyMap<Code, Name>;
  readonly #codes: ReadonlyMap<Name, Code>;

  constructor(code: EngineType<Code>, codes: readonly (readonly [Name, Code])[]) {
    super();
    this.leastBytes = code.leastBytes;
    this.#code = code;
    this.#codes = new Map(codes);
    this.#names = new Map(codes.map(([name, its]) => [its, name]));
    if (this.#codes.size < codes.length) throw new TypeError('an enum names a constant twice');
  }

  override readFrom(cursor: ByteCursor): Name {
    const { offset } = cursor;
    const code = this.#code.readFrom(cursor);
    const name = this.#names.get(code);
    if (name !== undefined) return name;
    const known = [...this.#names.keys()].join(', ');
    throw new RecordFormatException(
      'unknown-constant',
      `${JSON.stringify(code)} is no constant of this enum, which has ${known}`,
      offset,
    );
  }

  override writeTo(buffer: ByteBuffer, name: Name): void {
    const code = this.#codes.get(name);
    if (code === undefined) {
      const known = [...this.#codes.keys()].join(', ');
      throw new RangeError(`${JSON.stringify(name)} is no constant of this enum: it has ${known}`);
    }
    this.#code.writeTo(buffer, code);
  }
}

/**
 * One of an enum's constants, kept as its ordinal in the type given, or, with `utf`, as its name.
 *
 * In Java: `out.writeByte(side.ordinal())` or `out.writeUTF(side.name())`.
 *
 * @throws {RecordFormatException} 'unknown-constant' when reading
 * @example
 * const side = enumOf(['BUY', 'SELL'], byte);
 */
export function enumOf<const Name extends string>(
  names: readonly Name[],
  as: DataType<number> | DataType<string>,
): DataType<Name> {
  if (as === utf)
    return new EnumType(
      engineOf(utf),
      names.map((name) => [name, name]),
    );
  return new EnumType(
    engineOf(as as DataType<number>),
    names.map((name, ordinal) => [name, ordinal]),
  );
}

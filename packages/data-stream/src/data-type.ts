import type { DataInputStream } from './data-input-stream.ts';
import type { DataOutputStream } from './data-output-stream.ts';

/**
 * How one kind of value lies in a stream: a primitive, a record of them, an array, and so on.
 *
 * Made by the constructors of this package, which take no other; `Infer` gives the type of its
 * values.
 */
export interface DataType<T> {
  /**
   * Reads a value.
   *
   * @throws {DataStreamError} with the field it happened in; the stream then stands where Java's
   * would
   */
  read(input: DataInputStream): T;

  /**
   * Writes a value.
   *
   * @throws {TypeError | RangeError | UTFDataFormatException} with the field it happened in; of the
   * value nothing is written then, as long as no sink has got its beginning
   */
  write(output: DataOutputStream, value: T): void;
}

/**
 * The type of a data type's values.
 *
 * @example
 * const trade = record({ symbol: utf, close: double });
 * type Trade = Infer<typeof trade>; // { symbol: string; close: number }
 */
export type Infer<D> = D extends DataType<infer T> ? T : never;

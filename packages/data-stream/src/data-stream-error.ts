/** Where in a run of records something went wrong. */
export interface RecordPlace {
  /** Counted from 0, so it is also the number of whole records before. */
  readonly record?: number | undefined;
  /** As a program would write it: `trades[3].price`. */
  readonly field?: string | undefined;
}

/**
 * What every error about data of this package is an instance of; `offset` says where.
 *
 * Wrong arguments are `TypeError` or `RangeError` instead.
 */
export abstract class DataStreamError extends Error {
  /** Stable; the message may be reworded where Java gives no text. */
  abstract readonly code: string;
  /** Bytes from the start of the stream. */
  readonly offset: number;
  /** The record it happened in, counted from 0; undefined where no records are read or written. */
  readonly record: number | undefined;
  /** The field it happened in, as `trades[3].price`; undefined where a value stands by itself. */
  readonly field: string | undefined;
  readonly #detail: string;

  constructor(detail: string, offset: number, { record, field }: RecordPlace = {}) {
    super(placed(detail, { record, field }));
    this.#detail = detail;
    this.offset = offset;
    this.record = record;
    this.field = field;
  }

  /** The same error, told with the record and the field it happened in. */
  within(place: RecordPlace): DataStreamError {
    return this.remade(this.#detail, place);
  }

  protected abstract remade(detail: string, place: RecordPlace): DataStreamError;
}

/** A sentence behind the record and the field it is about. */
export function placed(detail: string, { record, field }: RecordPlace): string {
  const where = [
    ...(record === undefined ? [] : [`record ${record}`]),
    ...(field === undefined ? [] : [`field ${field}`]),
  ];
  return where.length === 0 ? detail : `${where.join(', ')}: ${detail}`;
}

/**
 * The data ended inside a value. As in Java, what was left has been consumed.
 *
 * `offset` is where the value began. Java's exception carries no message; ours
 * says what was being read.
 */
export class EOFException extends DataStreamError {
  override readonly name = 'EOFException';
  readonly code = 'end-of-data';

  protected override remade(detail: string, place: RecordPlace): EOFException {
    return new EOFException(detail, this.offset, place);
  }
}

/** Why a text could not be read or written. Codes are stable. */
export type UTFDataFormatCode = 'malformed' | 'partial-character' | 'too-long';

/**
 * A text that modified UTF-8 does not allow; the message is the JDK's, word for word, behind the
 * record and the field where there are some.
 *
 * `offset` is the first byte of the bad character when reading ('malformed',
 * 'partial-character'); the stream then stands after the text, as Java's does.
 * When writing ('too-long') it is where the text would have begun, and nothing
 * has been written.
 */
export class UTFDataFormatException extends DataStreamError {
  override readonly name = 'UTFDataFormatException';
  readonly code: UTFDataFormatCode;

  constructor(code: UTFDataFormatCode, detail: string, offset: number, place?: RecordPlace) {
    super(detail, offset, place);
    this.code = code;
  }

  protected override remade(detail: string, place: RecordPlace): UTFDataFormatException {
    return new UTFDataFormatException(this.code, detail, this.offset, place);
  }
}

/** Why bytes are no record. Codes are stable. */
export type RecordFormatCode = 'negative-count' | 'unknown-constant' | 'record-too-long';

/**
 * Whole values that a record's type does not allow: an array of -1 elements, an enum's constant
 * that is not named, a record longer than the reader may hold. `offset` is where the value began.
 */
export class RecordFormatException extends DataStreamError {
  override readonly name = 'RecordFormatException';
  readonly code: RecordFormatCode;

  constructor(code: RecordFormatCode, detail: string, offset: number, place?: RecordPlace) {
    super(detail, offset, place);
    this.code = code;
  }

  protected override remade(detail: string, place: RecordPlace): RecordFormatException {
    return new RecordFormatException(this.code, detail, this.offset, place);
  }
}

/** Why bytes are no primitive data of an object stream. Codes are stable. */
export type StreamCorruptedCode = 'header' | 'type-code' | 'negative-length' | 'cut-short';

/** Bytes that Java's `ObjectInputStream` refuses, in its words. */
export class StreamCorruptedException extends DataStreamError {
  override readonly name = 'StreamCorruptedException';
  readonly code: StreamCorruptedCode;

  constructor(code: StreamCorruptedCode, detail: string, offset: number, place?: RecordPlace) {
    super(detail, offset, place);
    this.code = code;
  }

  protected override remade(detail: string, place: RecordPlace): StreamCorruptedException {
    return new StreamCorruptedException(this.code, detail, this.offset, place);
  }
}

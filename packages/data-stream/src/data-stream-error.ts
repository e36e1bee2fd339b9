/** What every error of this package is an instance of; `offset` says where. */
export abstract class DataStreamError extends Error {
  /** Stable; the message may be reworded where Java gives no text. */
  abstract readonly code: string;
  /** Bytes from the start of the stream. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
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
}

/** Why a text could not be read or written. Codes are stable. */
export type UTFDataFormatCode = 'malformed' | 'partial-character' | 'too-long';

/**
 * A text that modified UTF-8 does not allow; the message is the JDK's, word for word.
 *
 * `offset` is the first byte of the bad character when reading ('malformed',
 * 'partial-character'); the stream then stands after the text, as Java's does.
 * When writing ('too-long') it is where the text would have begun, and nothing
 * has been written.
 */
export class UTFDataFormatException extends DataStreamError {
  override readonly name = 'UTFDataFormatException';
  readonly code: UTFDataFormatCode;

  constructor(code: UTFDataFormatCode, message: string, offset: number) {
    super(message, offset);
    this.code = code;
  }
}

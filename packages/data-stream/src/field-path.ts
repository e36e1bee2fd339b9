import { DataStreamError, placed } from './data-stream-error.ts';

/** The way from a record to the field that is being read or written. */
export class FieldPath {
  readonly #record: number | undefined;
  readonly #steps: (string | number)[] = [];

  constructor(record?: number) {
    this.#record = record;
  }

  /** Does something within a field or an element; when it throws, the way to it is kept. */
  within<T>(step: string | number, work: () => T): T {
    this.#steps.push(step);
    const result = work();
    this.#steps.pop();
    return result;
  }

  /** As `within`, of what is done in parts. */
  *withinParts<T>(step: string | number, parts: Generator<void, T>): Generator<void, T> {
    this.#steps.push(step);
    const result = yield* parts;
    this.#steps.pop();
    return result;
  }

  /** The error, told with the record and the field; one that is not about data or values is left. */
  locate(error: unknown): unknown {
    const place = { record: this.#record, field: this.#written() };
    if (error instanceof DataStreamError) return error.within(place);
    if (error instanceof RangeError) {
      return new RangeError(placed(error.message, place), { cause: error });
    }
    if (error instanceof TypeError) {
      return new TypeError(placed(error.message, place), { cause: error });
    }
    return error;
  }

  #written(): string | undefined {
    if (this.#steps.length === 0) return undefined;
    const parts = this.#steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    return parts.join('').replace(/^\./, '');
  }
}

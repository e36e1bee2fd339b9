import type { AbstractCursor, ChangeStream } from 'mongodb';
import { type CalledOptions, driverOptions, optionsOf } from './call.ts';
import { protectChangeStream } from './change-stream.ts';
import { protectFirstBatch } from './cursor-hooks.ts';
import type { Patience } from './patience.ts';

/** A method of the driver's that returns at once. */
type Call = (args: readonly unknown[]) => unknown;

/** A method that returns a cursor, of which only the first request can be repeated. */
export function cursorMethod(patience: Patience, operation: string, at: number, call: Call) {
  return (...args: unknown[]): AbstractCursor =>
    protectFirstBatch(patience, operation, call(args) as AbstractCursor, optionsOf(args, at));
}

/** The `watch` of a collection, a database or a client. */
export function watchMethod(patience: Patience, call: Call) {
  return (pipeline: unknown, options: CalledOptions = {}): ChangeStream => {
    const stream = call([pipeline, driverOptions(options)]) as ChangeStream;
    return protectChangeStream(patience, stream, options);
  };
}

import type { OperationOptions, ReadPreference } from 'mongodb';
import type { Whereabouts } from './attempt-watch.ts';
import type { CallOptions, Patience } from './patience.ts';
import { protectedRead } from './protected-reads.ts';
import { transactionStep } from './transaction-step.ts';

/** The options of a call as they are read here: the driver's and this package's own. */
export type CalledOptions = OperationOptions & CallOptions;

/** A method of the driver's, called with arguments that somebody may have changed. */
export type Call<T = unknown> = (args: readonly unknown[]) => Promise<T>;

/** The options in a list of arguments; none given are empty ones. */
export function optionsOf(args: readonly unknown[], at: number): CalledOptions {
  const options = args[at];
  return typeof options === 'object' && options !== null ? options : {};
}

/** The arguments with other options. */
export function withOptions(args: readonly unknown[], at: number, options: object): unknown[] {
  const changed = args.slice(0, at + 1);
  while (changed.length < at) changed.push(undefined);
  changed[at] = options;
  return [...changed, ...args.slice(at + 1)];
}

/** Options without what only this package understands, and without the signal it acts on itself. */
export function driverOptions<O extends CallOptions>(options: O): Omit<O, keyof CallOptions> {
  if (!('patience' in options || 'signal' in options)) return options;
  const { patience: _, signal: __, ...rest } = options;
  return rest;
}

/** Where a read with these options is answered, of an owner with that read preference. */
function whereabouts(
  { readPreference }: CalledOptions,
  owner: { readonly readPreference?: ReadPreference | undefined },
): Whereabouts {
  const chosen = readPreference ?? owner.readPreference;
  const mode = typeof chosen === 'string' ? chosen : chosen?.mode;
  return mode === undefined || mode === 'primary' ? 'primary' : 'elsewhere';
}

/** A read, repeated; in a transaction it is a step of it. */
export function readCall(
  patience: Patience,
  owner: { readonly readPreference?: ReadPreference | undefined },
  operation: string,
  at: number,
  args: readonly unknown[],
  call: Call,
): Promise<unknown> {
  const options = optionsOf(args, at);
  if (options.session?.inTransaction()) return transactionStep(patience, () => call(args));
  const where = whereabouts(options, owner);
  return protectedRead(patience, operation, () => call(args), options, where);
}

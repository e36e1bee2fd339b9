/** The options that hold at a place of a pattern. */
import { InvalidPattern, UnknownPattern } from './syntax.ts';

export interface Options {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly extended: boolean;
  /** Quantifiers are lazy unless a `?` makes them greedy. */
  readonly ungreedy: boolean;
}

/** The options with letters switched on and off, as `(?i-m)` has it. */
export function optionsWith(options: Options, reset: boolean, on: string, off: string): Options {
  const base = reset
    ? { ...options, ignoreCase: false, multiline: false, dotAll: false, extended: false }
    : options;
  const known: Readonly<Record<string, keyof Options>> = {
    i: 'ignoreCase',
    m: 'multiline',
    s: 'dotAll',
    x: 'extended',
    U: 'ungreedy',
  };
  const changed: { -readonly [Name in keyof Options]: boolean } = { ...base };
  for (const [letters, value] of [
    [on, true],
    [off, false],
  ] as const) {
    for (const letter of letters) {
      const name = known[letter];
      if (name !== undefined) changed[name] = value;
      else if (letter === 'J' || letter === 'n')
        throw new UnknownPattern(`the option (?${letter})`);
      else throw new InvalidPattern('unrecognized character after (? or (?-');
    }
  }
  return changed;
}

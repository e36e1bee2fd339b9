/**
 * Regular expressions as MongoDB has them, in bounded time.
 *
 * JavaScript's engine is fast and may run away; it gets a pattern only for texts so short that even
 * the worst way through them is soon gone. Other texts, and what JavaScript cannot write (atomic
 * groups, possessive quantifiers, references to groups), go to a machine of our own.
 */
import { ServerError } from '../server-error.ts';
import { costOf, toJavaScript } from './javascript.ts';
import { runProgram, TooManySteps } from './machine.ts';
import { parsePattern } from './parser.ts';
import { compileProgram, type Program } from './program.ts';
import { InvalidPattern, type Pattern, UnknownPattern } from './syntax.ts';

/** What a match took, in UTF-16 units of the text. */
export interface RegexMatch {
  readonly begin: number;
  readonly end: number;
  /** What the groups took, from the first on; nothing for one that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** Steps of JavaScript's engine that are allowed at worst: some hundredth of a second. */
const mostSteps = 2e7;
const longestPattern = 32_764;

export class Regex {
  readonly #pattern: Pattern;
  readonly #quick: RegExp | undefined;
  /** The longest text that JavaScript's engine may have. */
  readonly #longest: number;
  #program: Program | undefined;

  /**
   * @throws {ServerError} 51091 for a pattern that PCRE2 would refuse, 51108 for unknown flags, 238 for what is not there
   */
  constructor(source: string, flags: string) {
    checkSource(source, flags);
    this.#pattern = understood(source, () => parsePattern(source, flags));
    const { ways, power } = costOf(this.#pattern.root);
    this.#longest = Math.floor((mostSteps / ways) ** (1 / (power + 1))) - 1;
    const script = this.#longest < 1 ? undefined : toJavaScript(this.#pattern.root);
    this.#quick = script === undefined ? undefined : understood(source, () => javaScript(script));
    if (this.#quick === undefined) this.#own();
  }

  /** The names of the groups that have one, with their places among `groups`. */
  get names(): ReadonlyMap<string, number> {
    return this.#pattern.names;
  }

  /** @throws {ServerError} 51156 when the pattern takes too long for this text */
  test(text: string): boolean {
    return this.#quick !== undefined && text.length <= this.#longest
      ? this.#quick.test(text)
      : this.#run(text, 0) !== undefined;
  }

  /** The first match from a place on. Throws 51156 when the pattern takes too long for this text. */
  find(text: string, from = 0): RegexMatch | undefined {
    const [begin, end, ...slots] = this.#run(text, from) ?? [];
    if (begin === undefined || end === undefined) return undefined;
    const groups = Array.from({ length: this.#pattern.groups }, (_, index) => {
      const [first = -1, last = -1] = slots.slice(index * 2, index * 2 + 2);
      return first < 0 || last < 0 ? undefined : text.slice(first, last);
    });
    return { begin, end, groups };
  }

  #own(): Program {
    this.#program ??= understood('', () => compileProgram(this.#pattern));
    return this.#program;
  }

  #run(text: string, from: number): number[] | undefined {
    try {
      return runProgram(this.#own(), text, from, this.#pattern.groups);
    } catch (error) {
      if (!(error instanceof TooManySteps)) throw error;
      throw new ServerError(
        51156,
        'Error occurred while executing the regular expression: match limit exceeded',
      );
    }
  }
}

/** One flag for the whole is faster than one for each character. */
function javaScript(script: string): RegExp {
  const letters = script.split('(?i:').length - 1;
  const sets = script.split('[').length - 1;
  return letters > 0 && letters === sets
    ? new RegExp(script.replaceAll('(?i:', '(?:'), 'iu')
    : new RegExp(script, 'u');
}

function checkSource(source: string, flags: string): void {
  const unknown = /[^imsxu]/.exec(flags)?.[0];
  if (unknown !== undefined) {
    throw new ServerError(51108, `invalid flag in regex options: ${unknown}`);
  }
  if (source.includes('\0')) {
    throw new ServerError(2, 'Regular expression cannot contain an embedded null byte');
  }
  if (Buffer.byteLength(source) > longestPattern) {
    throw new ServerError(51091, 'Regular expression is invalid: regular expression is too large');
  }
}

function understood<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnknownPattern) {
      throw new ServerError(
        238,
        `regular expressions with ${error.message} are not supported: ${source}`,
      );
    }
    if (error instanceof InvalidPattern || error instanceof SyntaxError) {
      throw new ServerError(51091, `Regular expression is invalid: ${error.message}`);
    }
    throw error;
  }
}

/** Goes through the text of a pattern, and reads what single characters and classes stand for. */
import {
  complement,
  escaped,
  escapedClasses,
  posixClass,
  propertyClass,
} from './character-class.ts';
import { InvalidPattern } from './syntax.ts';

export class Scanner {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get ended(): boolean {
    return this.#at >= this.#source.length;
  }

  sees(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  take(text: string): boolean {
    if (!this.sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** What stands before a text, which is taken too; nothing when it does not come. */
  until(text: string): string | undefined {
    const end = this.#source.indexOf(text, this.#at);
    if (end < 0) return undefined;
    const before = this.#source.slice(this.#at, end);
    this.#at = end + text.length;
    return before;
  }

  rest(): string {
    const rest = this.#source.slice(this.#at);
    this.#at = this.#source.length;
    return rest;
  }

  back(length: number): void {
    this.#at -= length;
  }

  /** Takes what a sticky expression matches here. */
  takeMatch(regex: RegExp): RegExpExecArray | undefined {
    regex.lastIndex = this.#at;
    const match = regex.exec(this.#source);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  character(): string {
    if (this.ended) throw new InvalidPattern('\\ at end of pattern');
    const next = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    this.#at += next.length;
    return next;
  }

  /** The character that a backslash and a letter stand for. */
  escapedCode(letter: string): number {
    const plain = plainEscapes[letter];
    if (plain !== undefined) return plain;
    switch (letter) {
      case '0':
        return Number.parseInt(this.takeMatch(/[0-7]{0,2}/y)?.[0] || '0', 8);
      case 'o': {
        const match = this.takeMatch(/\{([0-7]+)\}/y);
        if (match === undefined) throw new InvalidPattern('missing opening brace after \\o');
        return checkCode(Number.parseInt(match[1] ?? '', 8));
      }
      case 'x': {
        const match = this.takeMatch(/(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{0,2}))/y);
        return checkCode(Number.parseInt(match?.[1] ?? (match?.[2] || '0'), 16));
      }
      case 'c': {
        const control = this.character().toUpperCase().codePointAt(0) ?? 0;
        if (control > 0x7f)
          throw new InvalidPattern('\\c must be followed by a printable ASCII character');
        return control ^ 0x40;
      }
      default:
    }
    if (/[a-zA-Z]/.test(letter)) throw new InvalidPattern('unrecognized character follows \\');
    return letter.codePointAt(0) ?? 0;
  }

  /** What stands behind `\\p` or, negated, `\\P`: a member of a class. */
  property(negated: boolean): string {
    const match = this.takeMatch(/(?:\{([^}]*)\}|([A-Za-z]))/y);
    if (match === undefined) throw new InvalidPattern('malformed \\P or \\p sequence');
    return propertyClass(match[1] ?? match[2] ?? '', negated);
  }

  /** What stands behind `[`, as a class of JavaScript. */
  characterClass(): string {
    const negated = this.take('^');
    const members: string[] = [];
    let low: number | undefined;
    const flush = () => {
      if (low !== undefined) members.push(escaped(low));
      low = undefined;
    };
    for (let first = true; first || !this.sees(']'); first = false) {
      if (this.ended) throw new InvalidPattern('missing terminating ] for character class');
      const ranged = low !== undefined && this.takeMatch(/-(?!\])/y) !== undefined;
      const member = this.#classMember();
      if (ranged && typeof member === 'number' && low !== undefined) {
        if (member < low) throw new InvalidPattern('range out of order in character class');
        members.push(`${escaped(low)}-${escaped(member)}`);
        low = undefined;
        continue;
      }
      if (ranged) {
        if (typeof member === 'string' && member !== '') {
          throw new InvalidPattern('invalid range in character class');
        }
        members.push(escaped(0x2d));
      }
      flush();
      if (typeof member === 'number') low = member;
      else members.push(member);
    }
    flush();
    this.#at += 1;
    return `[${negated ? '^' : ''}${members.join('')}]`;
  }

  /** One character, or the members of a class within the class. */
  #classMember(): number | string {
    const posix = this.takeMatch(/\[:(\^?[a-z]*):\]/y);
    if (posix !== undefined) return posixClass(posix[1] ?? '');
    const next = this.character();
    if (next !== '\\') return next.codePointAt(0) ?? 0;
    const letter = this.character();
    const lower = letter.toLowerCase();
    const known = escapedClasses[lower];
    if (known !== undefined) return letter === lower ? known : complement(known);
    if (lower === 'p') return this.property(letter === 'P');
    if (letter === 'b') return 8;
    if (letter === 'Q' || letter === 'E') return '';
    if (/[1-7]/.test(letter)) {
      this.#at -= 1;
      return Number.parseInt(this.takeMatch(/[0-7]{1,3}/y)?.[0] ?? '', 8);
    }
    return this.escapedCode(letter);
  }
}

const plainEscapes: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

function checkCode(code: number): number {
  if (code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) return code;
  throw new InvalidPattern('character code point value in \\x{} or \\o{} is too large');
}

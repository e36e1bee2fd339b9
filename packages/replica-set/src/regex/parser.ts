/** Reads a pattern into its tree. */
import { escaped, escapedClasses } from './character-class.ts';
import { requireFixedLength } from './length.ts';
import { type Options, optionsWith } from './options.ts';
import { Scanner } from './scanner.ts';
import {
  type Assertion,
  InvalidPattern,
  type Pattern,
  type RegexNode,
  UnknownPattern,
} from './syntax.ts';

const deepest = 250;
const mostRepeats = 65_535;
const infinite = Number.POSITIVE_INFINITY;

/**
 * Reads a pattern; `flags` are of `imsxu`.
 *
 * @throws {InvalidPattern} when PCRE2 would not read it
 * @throws {UnknownPattern} when PCRE2 would, and this does not: recursion, conditions, verbs
 */
export function parsePattern(source: string, flags: string): Pattern {
  const parser = new Parser(source);
  return parser.pattern({
    ignoreCase: flags.includes('i'),
    multiline: flags.includes('m'),
    dotAll: flags.includes('s'),
    extended: flags.includes('x'),
    ungreedy: false,
  });
}

class Parser {
  readonly #scanner: Scanner;
  /** How many groups there will be. */
  readonly #total: number;
  #groups = 0;
  #depth = 0;
  readonly #names = new Map<string, number>();
  readonly #references: { readonly key: number | string }[] = [];

  constructor(source: string) {
    this.#scanner = new Scanner(source);
    this.#total = countGroups(source);
  }

  pattern(options: Options): Pattern {
    for (const verb of ['(*UTF)', '(*UTF8)']) this.#scanner.take(verb);
    const root = this.#choice(options);
    if (!this.#scanner.ended) throw new InvalidPattern('unmatched closing parenthesis');
    for (const { key } of this.#references) {
      const known = typeof key === 'number' ? key <= this.#groups : this.#names.has(key);
      if (!known) throw new InvalidPattern('reference to non-existent subpattern');
    }
    return { root, groups: this.#groups, names: this.#names };
  }

  /** Branches up to a closing parenthesis or the end; options set inside hold to the end of it. */
  #choice(given: Options): RegexNode {
    if (++this.#depth > deepest) throw new InvalidPattern('parentheses are too deeply nested');
    let options = given;
    const branches: RegexNode[] = [];
    let parts: RegexNode[] = [];
    const close = () => {
      branches.push(parts.length === 1 ? (parts[0] as RegexNode) : { kind: 'sequence', parts });
      parts = [];
    };
    for (;;) {
      this.#skipRemarks(options);
      if (this.#scanner.ended || this.#scanner.sees(')')) break;
      if (this.#scanner.take('|')) {
        close();
        continue;
      }
      const set = this.#inlineOptions(options);
      if (set !== undefined) {
        options = set;
        continue;
      }
      if (this.#scanner.take('\\Q')) {
        const quoted = this.#scanner.until('\\E') ?? this.#scanner.rest();
        const letters = Array.from(quoted, (letter) => literal(letter, options));
        const last = letters.pop();
        parts.push(...letters);
        if (last !== undefined) parts.push(this.#quantified(last, options));
        continue;
      }
      if (this.#scanner.take('\\E')) continue;
      const atom = this.#atom(options);
      if (atom !== undefined) parts.push(this.#quantified(atom, options));
    }
    close();
    this.#depth -= 1;
    return branches.length === 1 ? (branches[0] as RegexNode) : { kind: 'choice', branches };
  }

  #skipRemarks({ extended }: Options): void {
    for (;;) {
      if (this.#scanner.take('(?#')) {
        if (this.#scanner.until(')') === undefined) {
          throw new InvalidPattern('missing ) after (?# comment');
        }
      } else if (!extended || this.#scanner.takeMatch(/(?:[\t-\r ]+|#[^\n]*)/y) === undefined) {
        return;
      }
    }
  }

  /** `(?i)`, which holds for what follows. */
  #inlineOptions(options: Options): Options | undefined {
    const match = this.#scanner.takeMatch(/\(\?(?!R\))(\^?)([a-zA-Z]*)(?:-([a-zA-Z]*))?\)/y);
    if (match === undefined) return undefined;
    return optionsWith(options, match[1] === '^', match[2] ?? '', match[3] ?? '');
  }

  #atom(options: Options): RegexNode | undefined {
    const next = this.#scanner.character();
    switch (next) {
      case '(':
        return this.#group(options);
      case '[':
        return set(this.#scanner.characterClass(), options.ignoreCase);
      case '\\':
        return this.#escape(options);
      case '.':
        return set(options.dotAll ? '[\\u{0}-\\u{10ffff}]' : '[^\\n]', false);
      case '^':
        return assertion(options.multiline ? 'lineStart' : 'start');
      case '$':
        return assertion(options.multiline ? 'lineEnd' : 'end');
      case '*':
      case '+':
      case '?':
        throw new InvalidPattern('quantifier does not follow a repeatable item');
      default:
        return literal(next, options);
    }
  }

  #quantified(atom: RegexNode, options: Options): RegexNode {
    this.#skipRemarks(options);
    const match = this.#scanner.takeMatch(/(?:([*+?])|\{(\d+)(,?)(\d*)\})/y);
    if (match === undefined) return atom;
    const [, sign, low, comma, high] = match;
    const least = sign === undefined ? Number(low) : sign === '+' ? 1 : 0;
    const most =
      sign === undefined
        ? comma === ''
          ? least
          : high === ''
            ? infinite
            : Number(high)
        : sign === '?'
          ? 1
          : infinite;
    if (least > mostRepeats || (most !== infinite && most > mostRepeats)) {
      throw new InvalidPattern('number too big in {} quantifier');
    }
    if (most < least) throw new InvalidPattern('numbers out of order in {} quantifier');
    this.#skipRemarks(options);
    const possessive = this.#scanner.take('+');
    const lazy = !possessive && this.#scanner.take('?');
    if (atom.kind === 'assertion' || atom.kind === 'keep') {
      return least === 0 ? { kind: 'sequence', parts: [] } : atom;
    }
    const part: RegexNode = {
      kind: 'repeat',
      part: atom,
      least,
      most,
      greedy: possessive || lazy === options.ungreedy,
    };
    return this.#quantified(possessive ? { kind: 'atomic', part } : part, options);
  }

  #group(options: Options): RegexNode {
    if (this.#scanner.take('*')) throw new UnknownPattern('verbs, (*…),');
    const inside = (given: Options): RegexNode => {
      const part = this.#choice(given);
      if (!this.#scanner.take(')')) throw new InvalidPattern('missing closing parenthesis');
      return part;
    };
    if (!this.#scanner.take('?')) return this.#capture(undefined, () => inside(options));
    if (this.#scanner.take(':')) return inside(options);
    if (this.#scanner.take('|'))
      throw new UnknownPattern('groups that share their numbers, (?|…),');
    if (this.#scanner.take('>')) return { kind: 'atomic', part: inside(options) };
    for (const [sign, ahead, negative] of looks) {
      if (!this.#scanner.take(sign)) continue;
      const part = inside(options);
      if (!ahead) requireFixedLength(part);
      return { kind: 'look', part, ahead, negative };
    }
    const name = this.#scanner.takeMatch(/(?:P?<(\w+)>|'(\w+)')/y);
    if (name !== undefined) return this.#capture(name[1] ?? name[2], () => inside(options));
    const reference = this.#scanner.takeMatch(/P=(\w+)\)/y);
    if (reference !== undefined) return this.#backreference(reference[1] ?? '', options);
    const set = this.#scanner.takeMatch(/(\^?)([a-zA-Z]*)(?:-([a-zA-Z]*))?:/y);
    if (set !== undefined) {
      return inside(optionsWith(options, set[1] === '^', set[2] ?? '', set[3] ?? ''));
    }
    if (this.#scanner.takeMatch(/R\)|\(|&|[+-]?\d|P>|C/y) !== undefined) {
      throw new UnknownPattern('recursion, conditions and call-outs');
    }
    throw new InvalidPattern('unrecognized character after (? or (?-');
  }

  #capture(name: string | undefined, inside: () => RegexNode): RegexNode {
    const group = ++this.#groups;
    if (name !== undefined) {
      if (/^\d/.test(name)) {
        throw new InvalidPattern('subpattern name must start with a non-digit');
      }
      if (this.#names.has(name)) {
        throw new InvalidPattern('two named subpatterns have the same name');
      }
      this.#names.set(name, group);
    }
    return { kind: 'capture', part: inside(), group };
  }

  #backreference(key: string, { ignoreCase }: Options): RegexNode {
    const number = /^[+-]?\d+$/.test(key) ? Number(key) : undefined;
    const names = this.#names;
    const group =
      number === undefined
        ? undefined
        : key.startsWith('-')
          ? this.#groups + 1 + number
          : key.startsWith('+')
            ? this.#groups + number
            : number;
    if (group !== undefined && group < 1) {
      throw new InvalidPattern('reference to non-existent subpattern');
    }
    this.#references.push({ key: group ?? key });
    return {
      kind: 'backreference',
      // A name may stand behind its use.
      get group() {
        return group ?? names.get(key) ?? 0;
      },
      ignoreCase,
    };
  }

  #escape(options: Options): RegexNode | undefined {
    const letter = this.#scanner.character();
    const found = assertions[letter];
    if (found !== undefined) return assertion(found);
    const lower = letter.toLowerCase();
    const members = letter === 'N' ? '\\n' : escapedClasses[lower];
    if (members !== undefined) return set(`[${letter === lower ? '' : '^'}${members}]`, false);
    switch (letter) {
      case 'K':
        return { kind: 'keep' };
      case 'R':
        return newline;
      case 'p':
      case 'P':
        return set(`[${this.#scanner.property(letter === 'P')}]`, false);
      case 'k': {
        const match = this.#scanner.takeMatch(/(?:<(\w+)>|'(\w+)'|\{(\w+)\})/y);
        if (match === undefined) throw new InvalidPattern('\\k is not followed by a name');
        return this.#backreference(match[1] ?? match[2] ?? match[3] ?? '', options);
      }
      case 'g': {
        const match = this.#scanner.takeMatch(/(?:([+-]?\d+)|\{([+-]?\d+|\w+)\})/y);
        if (match === undefined) throw new UnknownPattern('recursion, \\g<…>,');
        return this.#backreference(match[1] ?? match[2] ?? '', options);
      }
      case 'X':
      case 'C':
        throw new UnknownPattern(`\\${letter}`);
      default:
    }
    if (/[1-9]/.test(letter)) {
      const digits = letter + (this.#scanner.takeMatch(/\d*/y)?.[0] ?? '');
      if (digits.length === 1 || Number(digits) <= this.#total) {
        return this.#backreference(digits, options);
      }
      this.#scanner.back(digits.length);
      const octal = this.#scanner.takeMatch(/[0-7]{1,3}/y);
      return literal(
        octal === undefined
          ? this.#scanner.character()
          : String.fromCodePoint(Number.parseInt(octal[0], 8)),
        options,
      );
    }
    return literal(String.fromCodePoint(this.#scanner.escapedCode(letter)), options);
  }
}

const looks = [
  ['=', true, false],
  ['!', true, true],
  ['<=', false, false],
  ['<!', false, true],
] as const;

const assertions: Readonly<Record<string, Assertion>> = {
  A: 'start',
  G: 'start',
  Z: 'end',
  z: 'veryEnd',
  b: 'wordEdge',
  B: 'noWordEdge',
};

function set(source: string, ignoreCase: boolean): RegexNode {
  return { kind: 'set', source: source === '[]' ? '[^\\u{0}-\\u{10ffff}]' : source, ignoreCase };
}

function literal(letter: string, { ignoreCase }: Options): RegexNode {
  return set(`[${escaped(letter.codePointAt(0) ?? 0)}]`, ignoreCase);
}

function assertion(kind: Assertion): RegexNode {
  return { kind: 'assertion', assertion: kind };
}

/** `\R`: the two characters of a line's end are taken together. */
const newline: RegexNode = {
  kind: 'atomic',
  part: {
    kind: 'choice',
    branches: [
      { kind: 'sequence', parts: [set('[\\r]', false), set('[\\n]', false)] },
      set(`[${escapedClasses.v}]`, false),
    ],
  },
};

/** How many groups capture, to tell `\12` as a reference from an octal number. */
function countGroups(source: string): number {
  const plain = source.replaceAll(
    /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]/g,
    '',
  );
  return [...plain.matchAll(/\((?!\?)|\(\?(?:P?<(?![=!])|')/g)].length;
}

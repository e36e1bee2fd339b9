/** Classes of characters, written as JavaScript writes them under the flag `u`. */
import { InvalidPattern, UnknownPattern } from './syntax.ts';

/** What stands for a class behind a backslash; ASCII alone, as PCRE2 has it. */
export const escapedClasses: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  s: '\\t-\\r ',
  h: '\\t \\u{a0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}',
  v: '\\n-\\r\\u{85}\\u{2028}\\u{2029}',
};

/** The classes of POSIX, `[:alpha:]`. */
const posixClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\u{0}-\\u{7f}',
  blank: '\\t ',
  cntrl: '\\u{0}-\\u{1f}\\u{7f}',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t-\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** Everything but the members of a class, as members of another. */
export function complement(members: string): string {
  const ranges = [
    ...members.matchAll(/(\\u\{[0-9a-f]+\}|\\.|[^\\])(?:-(\\u\{[0-9a-f]+\}|\\.|[^\\]))?/gu),
  ]
    .map(([, low = '', high = low]) => [codeOf(low), codeOf(high)] as const)
    .sort(([a], [b]) => a - b);
  let next = 0;
  const rest: string[] = [];
  for (const [low, high] of ranges) {
    if (low > next) rest.push(`${escaped(next)}-${escaped(low - 1)}`);
    next = high + 1;
  }
  rest.push(`${escaped(next)}-\\u{10ffff}`);
  return rest.join('');
}

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

function codeOf(member: string): number {
  if (member.startsWith('\\u{')) return Number.parseInt(member.slice(3, -1), 16);
  if (!member.startsWith('\\')) return member.codePointAt(0) ?? 0;
  const name = member.slice(1);
  return controls[name] ?? name.codePointAt(0) ?? 0;
}

/** A character as a member of a class. */
export function escaped(code: number): string {
  return `\\u{${code.toString(16)}}`;
}

export function posixClass(name: string): string {
  const negated = name.startsWith('^');
  const members = posixClasses[negated ? name.slice(1) : name];
  if (members === undefined) throw new InvalidPattern('unknown POSIX class name');
  return negated ? complement(members) : members;
}

/** PCRE's own properties. */
const ownProperties: Readonly<Record<string, string>> = {
  Xan: '\\p{L}\\p{N}',
  Xps: '\\p{Z}\\t-\\r\\u{85}',
  Xsp: '\\p{Z}\\t-\\r\\u{85}',
  Xwd: '\\p{L}\\p{N}_',
};

/** A property of Unicode, `\p{Greek}`, as a member of a class. */
export function propertyClass(name: string, negated: boolean): string {
  const plain = name.replaceAll(/[\s_-]/g, '');
  const turned = plain.startsWith('^') !== negated;
  const property = plain.replace('^', '');
  const letter = turned ? 'P' : 'p';
  if (property === 'Any') return turned ? '' : '\\u{0}-\\u{10ffff}';
  if (property === 'L&') return `\\${letter}{LC}`;
  const own = ownProperties[property];
  if (own !== undefined) {
    if (turned) throw new UnknownPattern(`what is not of the property ${property}`);
    return own;
  }
  for (const form of [property, `scx=${property}`, `scx=${name.replace('^', '')}`, name]) {
    const source = `\\${letter}{${form}}`;
    try {
      new RegExp(source, 'u');
      return source;
    } catch {
      // The next form may be known.
    }
  }
  throw new InvalidPattern('unknown property after \\P or \\p');
}

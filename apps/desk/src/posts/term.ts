/** A holding and what people call it. */
export interface HoldingTerms {
  readonly symbol: string;
  /** `$AAPL` is a cashtag, `#apple` a hashtag; anything else is a word or a phrase. */
  readonly terms: readonly string[];
}

export interface MatchedTerm {
  readonly symbol: string;
  readonly term: string;
}

/**
 * Prepares to find the holdings that a text speaks of.
 *
 * Terms match as whole words and whatever their case: `ipad` is in "my iPad's" and in "#iPad",
 * not in "ipads" or "@ipad". The space of a phrase also matches a hyphen, so `coca cola` is in
 * "Coca-Cola". Scripts that do not part words by spaces bound a word as a space would. Each
 * holding is named at most once, with the term that comes first in the text, in the order given.
 *
 * @throws {TypeError} when a term is empty
 * @example
 * const match = termMatcher([{ symbol: 'KO', terms: ['coke', '$KO'] }]);
 * match('A Coke for $KO'); // => [{ symbol: 'KO', term: 'coke' }]
 */
export function termMatcher(
  holdings: readonly HoldingTerms[],
): (text: string) => readonly MatchedTerm[] {
  const patterns = holdings
    .filter(({ terms }) => terms.length > 0)
    .map(({ symbol, terms }) => ({
      symbol,
      terms,
      pattern: new RegExp(terms.map((term) => `(${termPattern(term)})`).join('|'), 'iv'),
    }));

  return (text) => {
    const normal = text.normalize('NFC');
    return patterns.flatMap(({ symbol, terms, pattern }) => {
      const groups = pattern.exec(normal)?.slice(1);
      const term = terms[groups?.findIndex((group) => group !== undefined) ?? -1];
      return term === undefined ? [] : [{ symbol, term }];
    });
  };
}

const unspaced = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{Script=${script}}`)
  .join('');
const letter = `[[\\p{L}\\p{N}\\p{M}_]--[${unspaced}]]`;

function termPattern(term: string): string {
  const words = term.normalize('NFC').trim();
  if (words === '') throw new TypeError('a term must hold a word');
  const body = words.split(/\s+/).map(escaped).join('[\\s\\-\\u2010-\\u2015]+');
  // A share class is another share: `$BRK.B` does not speak of `$BRK`.
  const end = words.startsWith('$') ? `(?!${letter}|[.\\-]\\p{L})` : `(?!${letter})`;
  const start = /^[$#]/.test(words) ? `(?<!${letter}|[$#])` : `(?<!${letter}|[$@])`;
  return `${start}${body}${end}`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/\-#&!%,:;<=>@`~'"]/g, (sign) => {
    const code = sign.charCodeAt(0).toString(16).padStart(2, '0');
    return `\\x${code}`;
  });
}

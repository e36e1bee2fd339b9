/** A paragraph: single spaces between words, none at its ends, no control characters. */
export interface Block {
  readonly text: string;
}

/** In UTF-16 units; far above any post, so that a hostile one cannot stall the page. */
const longestText = 100_000;

const lineBreak = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/u;

/** Controls, byte order marks, and marks that could turn the order of what stands around them. */
const unwanted = /(?!\t)[\p{Cc}\ufeff\u202a-\u202e\u2066-\u2069]/gu;

/** White space at which a line may break; the no-break spaces are part of their word. */
const whiteSpace = /[\t \u1680\u2000-\u2006\u2008-\u200a\u205f\u3000]+/gu;

/**
 * The paragraphs of a plain text, cleaned so that they are safe to lay out and to show.
 *
 * Every line break ends a paragraph, as people mean it in posts; empty paragraphs are left out.
 * White space becomes single spaces, control characters and directional overrides go, half a
 * surrogate pair becomes U+FFFD. No-break spaces and joiners stay. A text of more than
 * 100,000 UTF-16 units is cut there and ends in `…`.
 *
 * @example
 * fromText('Rates  up.\n\n\tBanks up.'); // => [{ text: 'Rates up.' }, { text: 'Banks up.' }]
 */
export function fromText(text: string): Block[] {
  return bounded(text)
    .toWellFormed()
    .split(lineBreak)
    .map((line) => ({ text: line.replace(unwanted, '').replace(whiteSpace, ' ').trim() }))
    .filter((block) => block.text !== '');
}

function bounded(text: string): string {
  if (text.length <= longestText) return text;
  return `${text.slice(0, longestText).replace(/[\ud800-\udbff]$/, '')}…`;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const printableAscii = /^[\x20-\x7e]*$/;
const invisible = /^[\p{M}\p{Cf}\p{Cc}]*$/u;
const halfWidth = /^[\uff61-\uffdc]/u;
const fullWidth =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\u3000-\u303f\u30fb\u30fc\uff01-\uff60\uffe0-\uffe6]/u;
const emoji = /\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;

/** The characters as a reader counts them: a family emoji or a letter with its accents is one. */
export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/**
 * The columns a text takes in a fixed-width font: one for a grapheme, two for full-width
 * letters and emoji, none for joiners and other marks that cannot be seen.
 */
export function graphemeColumns(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let columns = 0;
  for (const grapheme of graphemes(text)) columns += columnsOf(grapheme);
  return columns;
}

function columnsOf(grapheme: string): number {
  if (invisible.test(grapheme)) return 0;
  if (emoji.test(grapheme)) return 2;
  return fullWidth.test(grapheme) && !halfWidth.test(grapheme) ? 2 : 1;
}

import { graphemes } from './grapheme.ts';

/** What a line is made of: it is never broken inside. */
export interface Word {
  readonly text: string;
  readonly width: number;
  /** Whether a space stands before it in its paragraph. */
  readonly spaced: boolean;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Letters and full-width punctuation of scripts that put no spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3001-\u303f\uff01-\uff60]/u;

const mayNotBeginLine =
  /^(?![#@])[\p{Pe}\p{Pf}\p{Po}\p{Pd}\p{M}ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々〻〜%°]/u;
const mayNotEndLine = /[\p{Ps}\p{Pi}#@\p{Sc}]$/u;

/**
 * The words of a paragraph in order, each at most `columns` wide where that can be.
 *
 * Words stand between spaces; where a script writes none, between the words `Intl.Segmenter`
 * finds, closing punctuation staying with the word before it and opening with the one after.
 * A wider word is cut between graphemes, without a hyphen.
 */
export function splitWords(
  text: string,
  columns: number,
  measure: (text: string) => number,
): Word[] {
  const words: Word[] = [];
  for (const chunk of text.split(' ')) {
    let spaced = words.length > 0;
    for (const piece of unspaced.test(chunk) ? splitUnspaced(chunk) : [chunk]) {
      const width = measure(piece);
      const fitting = width > columns ? cut(piece, columns, measure) : [{ text: piece, width }];
      for (const part of fitting) {
        words.push({ ...part, spaced });
        spaced = false;
      }
    }
  }
  return words;
}

function splitUnspaced(chunk: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let last = '';
  for (const { segment } of segmenter.segment(chunk)) {
    if (piece !== '' && mayBreak(last, segment)) {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
    last = segment;
  }
  return [...pieces, piece];
}

function mayBreak(before: string, after: string): boolean {
  if (!unspaced.test(before) && !unspaced.test(after)) return false;
  return !mayNotEndLine.test(before) && !mayNotBeginLine.test(after);
}

function cut(
  piece: string,
  columns: number,
  measure: (text: string) => number,
): { text: string; width: number }[] {
  const parts: { text: string; width: number }[] = [];
  let text = '';
  let width = 0;
  for (const grapheme of graphemes(piece)) {
    const wider = measure(grapheme);
    if (text !== '' && width + wider > columns) {
      parts.push({ text, width });
      text = '';
      width = 0;
    }
    text += grapheme;
    width += wider;
  }
  return [...parts, { text, width }];
}

import type { Word } from './word.ts';

/** A paragraph's words side by side on one endless line, each with its place. */
export interface Row {
  readonly words: readonly Word[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

export function rowOf(words: readonly Word[], space: number): Row {
  const starts: number[] = [];
  const ends: number[] = [];
  let end = 0;
  for (const word of words) {
    const start = end + (word.spaced ? space : 0);
    end = start + word.width;
    starts.push(start);
    ends.push(end);
  }
  return { words, starts, ends };
}

/** From the start of word `from` to the end of the word before `to`. */
export function extent({ starts, ends }: Row, from: number, to: number): [number, number] {
  return [starts[from] ?? 0, ends[to - 1] ?? 0];
}

export function middle(row: Row, from: number, to: number): number {
  const [start, end] = extent(row, from, to);
  return (start + end) / 2;
}

/** What stands before a word: a space, or nothing. */
export function gapBefore({ words }: Row, index: number): '' | ' ' {
  return words[index]?.spaced ? ' ' : '';
}

/** The words `from` up to `to`, with what stands between them. */
export function textOf(row: Row, from: number, to: number): string {
  let text = '';
  for (let index = from; index < to; index++) {
    if (index > from) text += gapBefore(row, index);
    text += row.words[index]?.text ?? '';
  }
  return text;
}

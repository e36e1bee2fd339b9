import type { Block } from './block.ts';
import { type Direction, directionOf, isMixed } from './direction.ts';
import { graphemeColumns } from './grapheme.ts';
import { bestBreaks } from './line-breaks.ts';
import { extent, gapBefore, middle, rowOf, textOf } from './row.ts';
import { splitWords } from './word.ts';

export interface LayoutOptions {
  /** The longest line, in the unit of `measure`. */
  readonly columns: number;
  /**
   * The width of a word, a grapheme or a space: finite, not negative, always the same.
   * By default graphemes: one column each, two if full-width.
   */
  readonly measure?: (text: string) => number;
}

/** A line; `before + axis + after` is its text, spaces included. */
export interface Line {
  /** Index of its block. */
  readonly block: number;
  readonly before: string;
  /** The word that covers the middle of the line, or lies nearest to it. */
  readonly axis: string;
  readonly after: string;
  /** What parts it from the next line of its block: a space, or nothing inside a word. */
  readonly gap: '' | ' ';
  readonly width: number;
  /** From the middle of the line to the middle of its axis word; positive when it lies after. */
  readonly axisOffset: number;
  /** That of its paragraph. */
  readonly direction: Direction;
  /** Whether it holds letters of both directions: then it is not read in one sweep. */
  readonly mixed: boolean;
}

/**
 * Lays blocks out in lines whose middle falls in a word that can carry the eye.
 *
 * Of all ways to break a paragraph into lines no wider than `columns`, takes the one with the
 * least sum of slack² + imbalance², the imbalance being the difference between the two sides
 * of the axis word (the last line's slack is free): even lines around a middle word. Only a single grapheme wider than `columns` makes a wider line. The
 * texts of a block's lines, joined by their gaps, are the text of the block.
 *
 * @throws {RangeError} when `columns` is not positive and finite
 * @throws {RangeError} when a measured width is negative or not finite
 * @example
 * layoutLines(fromText('Rates rise and banks follow.'), { columns: 16 }).map(
 *   ({ before, axis, after }) => `${before}*${axis}*${after}`,
 * ); // => ['Rates *rise* and', 'banks *follow.*']
 */
export function layoutLines(
  blocks: readonly Block[],
  { columns, measure = graphemeColumns }: LayoutOptions,
): Line[] {
  if (!(columns > 0 && columns < Infinity)) {
    throw new RangeError(`columns must be positive and finite, not ${columns}`);
  }
  const widthOf = (text: string): number => checkedWidth(text, measure(text));
  return blocks.flatMap((block, index) => linesOf(block.text, index, columns, widthOf));
}

function linesOf(
  text: string,
  block: number,
  columns: number,
  widthOf: (text: string) => number,
): Line[] {
  const row = rowOf(splitWords(text, columns, widthOf), widthOf(' '));
  const direction = directionOf(text);
  return bestBreaks(row, columns).map(({ from, to, axis }) => {
    const [start, end] = extent(row, from, to);
    return {
      block,
      before: axis > from ? textOf(row, from, axis) + gapBefore(row, axis) : '',
      axis: textOf(row, axis, axis + 1),
      after: axis + 1 < to ? gapBefore(row, axis + 1) + textOf(row, axis + 1, to) : '',
      gap: gapBefore(row, to),
      width: end - start,
      axisOffset: middle(row, axis, axis + 1) - (start + end) / 2,
      direction,
      mixed: isMixed(textOf(row, from, to)),
    };
  });
}

function checkedWidth(text: string, width: number): number {
  if (width >= 0 && width < Infinity) return width;
  const word = JSON.stringify(text.slice(0, 40));
  throw new RangeError(`measure must give a finite width of 0 or more, not ${width} for ${word}`);
}

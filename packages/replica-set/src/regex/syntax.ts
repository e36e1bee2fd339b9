/** Regular expressions as PCRE2 reads them, which is how MongoDB does: the tree of a pattern. */

/** What a place in a text has to be for the match to go on. */
export type Assertion =
  | 'start'
  | 'lineStart'
  | 'end'
  | 'lineEnd'
  | 'veryEnd'
  | 'wordEdge'
  | 'noWordEdge';

export type RegexNode =
  /** One character: a class as JavaScript writes it under the flag `u`. */
  | { readonly kind: 'set'; readonly source: string; readonly ignoreCase: boolean }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly RegexNode[] }
  | {
      readonly kind: 'repeat';
      readonly part: RegexNode;
      readonly least: number;
      readonly most: number;
      readonly greedy: boolean;
    }
  | { readonly kind: 'capture'; readonly part: RegexNode; readonly group: number }
  /** What its part takes first it keeps. */
  | { readonly kind: 'atomic'; readonly part: RegexNode }
  | {
      readonly kind: 'look';
      readonly part: RegexNode;
      readonly ahead: boolean;
      readonly negative: boolean;
    }
  | { readonly kind: 'backreference'; readonly group: number; readonly ignoreCase: boolean }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  /** The match counts from here: `\K`. */
  | { readonly kind: 'keep' };

export interface Pattern {
  readonly root: RegexNode;
  /** How many groups capture. */
  readonly groups: number;
  /** The names of those that have one. */
  readonly names: ReadonlyMap<string, number>;
}

/** The pattern is none; the message says why. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern';
}

/** PCRE2 knows it, this house does not; the message names it. */
export class UnknownPattern extends Error {
  override readonly name = 'UnknownPattern';
}

import type { Matrix } from '@holdfast/linalg';

/** Prices of several symbols, a row a day. */
export interface PriceTable {
  /** `YYYY-MM-DD`, ascending, each once. */
  readonly dates: readonly string[];
  /** As the file writes them, each once. */
  readonly symbols: readonly string[];
  /** dates × symbols, each above 0; NaN on a day without a price. */
  readonly prices: Matrix;
  /** One a symbol, as the file writes it; undefined where it says nothing. */
  readonly currencies: readonly (string | undefined)[];
}

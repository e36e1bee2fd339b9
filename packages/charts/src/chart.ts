/** A picture and the data behind it: whoever cannot see the one can read the other. */
export interface Chart {
  /**
   * A whole `<svg>` element with role, title and description. It styles by presentation attributes
   * alone, so `style-src 'self'` lets it through; labels take the colour of the text around it.
   */
  readonly svg: string;
  readonly table: ChartTable;
}

/** What a page needs for a `<table>`: plain text, not escaped. */
export interface ChartTable {
  readonly caption: string;
  /** The first heads the row labels and may be empty. */
  readonly columns: readonly string[];
  /** A label, then a cell for each further column, written as in the picture. */
  readonly rows: readonly (readonly string[])[];
}

/** Writes a number with two decimals and a true minus sign. */
export function twoDecimals(value: number): string {
  return value
    .toFixed(2)
    .replace(/^-(?=.*[1-9])/, '−')
    .replace(/^-/, '');
}

/** Writes with `format` what is finite, and a dash for what is not. */
export function numberText(value: number, format: (value: number) => string): string {
  return Number.isFinite(value) ? format(value) : '–';
}

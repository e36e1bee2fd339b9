/**
 * Data that cannot carry a figure: every error that this package throws because of what is in a
 * file or a table. Wrong arguments are a `TypeError` or a `RangeError` instead.
 */
export class PortfolioError extends Error {
  override readonly name: string = 'PortfolioError';
}

export type { Matrix, MatrixLike } from '@holdfast/linalg';
export { rowsOf } from '@holdfast/linalg';
export {
  type AlignedPrices,
  type AlignmentGap,
  type AlignmentReport,
  alignPrices,
} from './align-prices.ts';
export { AlignmentError, type AlignmentErrorCode } from './alignment-error.ts';
export { correlationMatrix, covarianceMatrix, volatility } from './covariance.ts';
export { PortfolioError } from './portfolio-error.ts';
export { PriceFileError, type PriceFileErrorCode } from './price-file-error.ts';
export type { PriceTable } from './price-table.ts';
export { readPrices } from './read-prices.ts';
export { dailyReturns, portfolioReturns, type ReturnTable, returnsOf } from './returns.ts';
export {
  diversificationRatio,
  portfolioVolatility,
  type RiskContributions,
  riskContributions,
} from './risk.ts';

import { asMatrix, type Matrix, type MatrixLike, multiply } from '@holdfast/linalg';

/** Where the volatility of a portfolio comes from; arrays are in the order of the weights. */
export interface RiskContributions {
  /** √(w′Σw), of the period of Σ. */
  readonly volatility: number;
  /** Σw/σ: how much volatility a little more weight adds. */
  readonly marginal: readonly number[];
  /** w · marginal: they sum to the volatility. */
  readonly contribution: readonly number[];
  /** contribution / volatility: they sum to 1. Below 0 for a holding that lowers the risk. */
  readonly share: readonly number[];
}

/**
 * The volatility of a portfolio, √(w′Σw), of the period of Σ (daily for daily returns).
 *
 * Σ has to be the covariance. With the correlation matrix in its place the result has no unit and
 * is no volatility at any scale.
 *
 * @param weights parts of the portfolio, 0.3 for 30 %; below 0 when short; any sum
 * @param covariance n × n and symmetric, which is not checked
 * @throws {RangeError} when sizes differ, an entry is not finite, or w′Σw is below 0, as it never is
 *   for a covariance
 * @example
 * portfolioVolatility([0.5, 0.5], [[0.01, 0.008], [0.008, 0.16]]); // => 0.21563858652847825
 */
export function portfolioVolatility(weights: ArrayLike<number>, covariance: MatrixLike): number {
  return riskOf(weights, covariance).volatility;
}

/**
 * Shares the volatility of a portfolio out to its holdings (Euler): contributions sum to it.
 *
 * A portfolio without volatility has marginals, contributions and shares of 0.
 *
 * @throws {RangeError} as `portfolioVolatility`
 */
export function riskContributions(
  weights: ArrayLike<number>,
  covariance: MatrixLike,
): RiskContributions {
  const { volatility, pull } = riskOf(weights, covariance);
  const marginal = pull.map((each) => (volatility === 0 ? 0 : each / volatility));
  const contribution = marginal.map((each, i) => each * (weights[i] as number));
  const share = contribution.map((each) => (volatility === 0 ? 0 : each / volatility));
  return { volatility, marginal, contribution, share };
}

/**
 * The weighted average of the holdings' volatilities over that of the portfolio: w′s/σ.
 *
 * Long only, it is 1 when all move as one and grows with diversification. NaN when both are 0.
 *
 * @throws {RangeError} as `portfolioVolatility`
 */
export function diversificationRatio(weights: ArrayLike<number>, covariance: MatrixLike): number {
  const { volatility, matrix } = riskOf(weights, covariance);
  const average = Array.from(weights)
    .map((weight, i) => weight * Math.sqrt(matrix.data[i * matrix.columns + i] as number))
    .reduce((sum, each) => sum + each, 0);
  return average / volatility;
}

interface Risk {
  readonly volatility: number;
  /** Σw. */
  readonly pull: readonly number[];
  readonly matrix: Matrix;
}

function riskOf(weights: ArrayLike<number>, covariance: MatrixLike): Risk {
  const matrix = asMatrix(covariance);
  const n = weights.length;
  if (matrix.rows !== n || matrix.columns !== n) {
    throw new RangeError(`${n} weights do not fit a ${matrix.rows} × ${matrix.columns} covariance`);
  }
  const column = { rows: n, columns: 1, data: Float64Array.from(weights) };
  if (!column.data.every(Number.isFinite)) throw new RangeError('a weight is not a finite number');
  if (!matrix.data.every(Number.isFinite)) throw new RangeError('a covariance is not finite');
  const pull = [...multiply(matrix, column).data];
  const terms = pull.map((each, i) => each * (column.data[i] as number));
  return { volatility: Math.sqrt(varianceOf(terms)), pull, matrix };
}

/** The sum of wᵢ(Σw)ᵢ; what rounding leaves below 0 for a perfect hedge counts as 0. */
function varianceOf(terms: readonly number[]): number {
  const variance = terms.reduce((sum, each) => sum + each, 0);
  if (variance >= 0) return variance;
  const size = terms.reduce((sum, each) => sum + Math.abs(each), 0);
  if (variance > -1e-12 * size) return 0;
  throw new RangeError('the portfolio has a variance below 0: this matrix is no covariance');
}

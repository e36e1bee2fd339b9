import { DeskError } from '../desk-error.ts';

/** A symbol and its share of the money. */
export interface Weight {
  readonly symbol: string;
  readonly weight: number;
}

const form = 'Write them as MSFT=0.3,AAPL=0.5,KO=0.2';

/**
 * Reads weights as the command line writes them, in their order.
 *
 * @throws {DeskError} `usage`, when the list is empty, malformed, or names a symbol twice
 * @example
 * parseWeights('MSFT=0.3, KO=0.7'); // => [{ symbol: 'MSFT', weight: 0.3 }, { symbol: 'KO', weight: 0.7 }]
 */
export function parseWeights(list: string): readonly Weight[] {
  const weights = list.split(',').map((part) => parseWeight(part.trim()));
  const symbols = weights.map(({ symbol }) => symbol);
  const twice = symbols.find((symbol, place) => symbols.indexOf(symbol) < place);
  if (twice !== undefined) {
    throw new DeskError('usage', `--weights names ${twice} twice`, 'Add its weights up.');
  }
  return weights;
}

function parseWeight(part: string): Weight {
  const [, symbol, number] =
    /^([^=\s]+)\s*=\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.exec(part) ?? [];
  const weight = Number(number);
  if (symbol === undefined || !Number.isFinite(weight)) {
    const what = part === '' ? 'an empty weight' : `"${part}"`;
    throw new DeskError('usage', `--weights: ${what} cannot be read`, `${form}.`);
  }
  return { symbol, weight };
}

/** How far a sum of weights may be from 1: what rounding in the last digit can do. */
const tolerance = 1e-9;

/**
 * Returns weights that sum to 1: the same ones, or rescaled ones if `normalise` says so.
 *
 * @throws {DeskError} `data`, when they do not sum to 1, or to nothing that could be rescaled
 */
export function wholeWeights(
  weights: readonly Weight[],
  { normalise }: { readonly normalise: boolean },
): readonly Weight[] {
  const sum = weights.reduce((total, { weight }) => total + weight, 0);
  if (Math.abs(sum - 1) <= tolerance) return weights;
  const shown = Number(sum.toPrecision(10));
  if (!normalise) {
    throw new DeskError(
      'data',
      `the weights sum to ${shown}, not to 1`,
      'Correct them, or add --normalise to rescale them.',
    );
  }
  if (sum <= tolerance) {
    throw new DeskError(
      'data',
      `the weights sum to ${shown} and cannot be rescaled to 1`,
      'The money held must outweigh the money owed.',
    );
  }
  return weights.map(({ symbol, weight }) => ({ symbol, weight: weight / sum }));
}

import { closestNames } from './closest-names.ts';
import type { Layer } from './layer.ts';

/** The cost of the last layer: what a net is trained by when nothing else is said. */
export class Default {
  readonly kind = 'default';
}

/** How a `Dropout` leaves inputs out. */
export interface DropoutOptions {
  /** How likely an input of a layer is to be kept; ½ if not given. */
  readonly defaultInputIncludeProb?: number;
  /** By the name of the layer whose inputs they are: 1 leaves them alone. */
  readonly inputIncludeProbs?: Readonly<Record<string, number>>;
  /** What kept inputs are multiplied by; 2 if not given. */
  readonly defaultInputScale?: number;
  readonly inputScales?: Readonly<Record<string, number>>;
  /** Whether each example has a mask of its own, or the whole batch one; true if not given. */
  readonly perExample?: boolean;
}

/**
 * The cost of the last layer with inputs of each layer left out at random (Hinton and others, 2012).
 *
 * A kept input counts `scale` times while the net is trained; where it is used, all count once.
 * Monitored figures are taken without masks.
 */
export class Dropout {
  readonly kind = 'dropout';
  readonly perExample: boolean;
  readonly #options: DropoutOptions;

  /** @throws {RangeError} when a probability is not above 0 and at most 1, or a scale is no number */
  constructor(options: DropoutOptions = {}) {
    const { defaultInputIncludeProb = 0.5, defaultInputScale = 2 } = options;
    const probabilities = { ...options.inputIncludeProbs, default: defaultInputIncludeProb };
    for (const [name, value] of Object.entries(probabilities)) {
      if (value > 0 && value <= 1) continue;
      throw new RangeError(
        `the include probability of ${name} must be above 0 and at most 1, not ${value}`,
      );
    }
    for (const [name, value] of Object.entries({
      ...options.inputScales,
      default: defaultInputScale,
    })) {
      if (Number.isFinite(value)) continue;
      throw new RangeError(`the input scale of ${name} must be a number, not ${value}`);
    }
    this.perExample = options.perExample ?? true;
    this.#options = options;
  }

  /** How inputs of a layer are treated. */
  of({ layerName }: Layer): { readonly includeProb: number; readonly scale: number } {
    const { defaultInputIncludeProb = 0.5, inputIncludeProbs = {} } = this.#options;
    const { defaultInputScale = 2, inputScales = {} } = this.#options;
    return {
      includeProb: inputIncludeProbs[layerName] ?? defaultInputIncludeProb,
      scale: inputScales[layerName] ?? defaultInputScale,
    };
  }

  /** The layers that are named. */
  get layerNames(): readonly string[] {
    const { inputIncludeProbs = {}, inputScales = {} } = this.#options;
    return [...Object.keys(inputIncludeProbs), ...Object.keys(inputScales)];
  }
}

/** How much each layer's weights cost: a number a layer in order, or by name; 0 where not named. */
export type DecayCoeffs = readonly number[] | Readonly<Record<string, number>>;

abstract class Decay {
  readonly coeffs: DecayCoeffs;

  /** @throws {RangeError} when a coefficient is no number of at least 0 */
  constructor(coeffs: DecayCoeffs) {
    for (const [name, value] of Object.entries(coeffs)) {
      if (value >= 0 && value < Infinity) continue;
      throw new RangeError(
        `the coefficient of ${name} must be a number of at least 0, not ${value}`,
      );
    }
    this.coeffs = coeffs;
  }
}

/** coeff · Σ W² over the weights of each layer; biases cost nothing. The gradient is 2 · coeff · W. */
export class WeightDecay extends Decay {
  readonly kind = 'weight_decay';
}

/** coeff · Σ |W| over the weights of each layer; biases cost nothing. */
export class L1WeightDecay extends Decay {
  readonly kind = 'l1_penalty';
}

/** One of the costs that a `SumOfCosts` adds up. */
export type CostTerm = Default | Dropout | WeightDecay | L1WeightDecay;

/**
 * Several costs at once, each with a weight if it comes as a pair.
 *
 * One of them, and only one, is `Default` or `Dropout`.
 *
 * @example
 * new SumOfCosts([new Default(), new WeightDecay({ hidden: 1e-3 })]);
 */
export class SumOfCosts {
  readonly kind = 'sum';
  readonly costs: readonly (CostTerm | readonly [coeff: number, cost: CostTerm])[];

  /** @throws {TypeError} when not exactly one cost looks at the examples */
  constructor(costs: readonly (CostTerm | readonly [coeff: number, cost: CostTerm])[]) {
    this.costs = [...costs];
    const looking = this.costs
      .map(termOf)
      .filter(({ cost }) => 'kind' in cost && isOfExamples(cost));
    if (looking.length !== 1) {
      throw new TypeError(`a sum has one Default or Dropout, not ${looking.length}`);
    }
  }
}

/** What a net can be trained by. */
export type Cost = Default | Dropout | SumOfCosts;

/** A cost taken apart: what training and monitoring need of it, for the layers of one net. */
export interface CostPlan {
  /** What the last layer's cost is multiplied by. */
  readonly coeff: number;
  readonly dropout: Dropout | undefined;
  /** One a layer: what Σ W² and Σ |W| cost. */
  readonly squares: readonly number[];
  readonly sizes: readonly number[];
  /** The terms of a sum, in order, by the names of their channels. */
  readonly terms: readonly PlannedTerm[];
}

/** A term of a sum: the last layer's cost, or its part of `squares` or `sizes`. */
interface PlannedTerm {
  readonly channel: string;
  readonly coeffs: readonly number[];
  readonly of: 'examples' | 'squares' | 'sizes';
}

/**
 * Takes a cost apart.
 *
 * @throws {RangeError} when it names a layer that the net has not, or has not a number a layer
 */
export function costPlan(cost: Cost, layers: readonly Layer[]): CostPlan {
  const squares = layers.map(() => 0);
  const sizes = layers.map(() => 0);
  const terms: PlannedTerm[] = [];
  let looking: { coeff: number; dropout: Dropout | undefined } = { coeff: 1, dropout: undefined };
  const costs = cost.kind === 'sum' ? cost.costs.map(termOf) : [{ coeff: 1, cost }];
  for (const [i, { coeff, cost: term }] of costs.entries()) {
    if (isOfExamples(term)) {
      const dropout = term.kind === 'dropout' ? term : undefined;
      for (const name of dropout?.layerNames ?? []) checkLayerName(name, layers);
      looking = { coeff, dropout };
      terms.push({ channel: `term_${i}`, coeffs: [], of: 'examples' });
      continue;
    }
    const coeffs = coeffsOf(term.coeffs, layers);
    const into = term.kind === 'weight_decay' ? squares : sizes;
    for (const [l, each] of coeffs.entries()) into[l] = (into[l] as number) + coeff * each;
    const of = term.kind === 'weight_decay' ? 'squares' : 'sizes';
    terms.push({ channel: `term_${i}_${term.kind}`, coeffs, of });
  }
  return { ...looking, squares, sizes, terms: cost.kind === 'sum' ? terms : [] };
}

function termOf(each: CostTerm | readonly [coeff: number, cost: CostTerm]): {
  readonly coeff: number;
  readonly cost: CostTerm;
} {
  if ('kind' in each) return { coeff: 1, cost: each };
  const [coeff, cost] = each;
  if (!Number.isFinite(coeff)) throw new RangeError(`a cost cannot be weighed by ${coeff}`);
  return { coeff, cost };
}

function isOfExamples(cost: CostTerm): cost is Default | Dropout {
  return cost.kind === 'default' || cost.kind === 'dropout';
}

function coeffsOf(coeffs: DecayCoeffs, layers: readonly Layer[]): readonly number[] {
  if (isList(coeffs)) {
    if (coeffs.length === layers.length) return coeffs;
    throw new RangeError(`${coeffs.length} coefficients do not fit ${layers.length} layers`);
  }
  for (const name of Object.keys(coeffs)) checkLayerName(name, layers);
  return layers.map(({ layerName }) => coeffs[layerName] ?? 0);
}

function isList(coeffs: DecayCoeffs): coeffs is readonly number[] {
  return Array.isArray(coeffs);
}

function checkLayerName(name: string, layers: readonly Layer[]): void {
  const names = layers.map(({ layerName }) => layerName);
  if (!names.includes(name)) throw new RangeError(`there is no layer ${closestNames(name, names)}`);
}

import type { ruleNumbers } from './kernel-layout.ts';

/** How the parameters follow their gradients; by momentum if no rule is named. */
export type DescentStep = MomentumStep | AdaGradStep | RMSPropStep | AdamStep;

/**
 * velocity = momentum · velocity − learningRate · gradient, and parameter += velocity; Nesterov's form
 * adds momentum · velocity − learningRate · gradient, with the new velocity, instead.
 */
export interface MomentumStep {
  readonly rule?: 'momentum';
  readonly learningRate: number;
  /** From 0 to below 1; 0 if not given. */
  readonly momentum?: number;
  /** Nesterov's form of momentum; false if not given. */
  readonly nesterov?: boolean;
}

/** square += gradient², and parameter −= learningRate · gradient / max(1 / maxScaling, √square). */
export interface AdaGradStep {
  readonly rule: 'adaGrad';
  readonly learningRate: number;
  /** Above 0; 1e5 if not given. */
  readonly maxScaling?: number;
}

/** As `AdaGradStep`, with square = decay · square + (1 − decay) · gradient². */
export interface RMSPropStep {
  readonly rule: 'rmsProp';
  readonly learningRate: number;
  /** From 0 to below 1; 0.9 if not given. */
  readonly decay?: number;
  /** Above 0; 1e5 if not given. */
  readonly maxScaling?: number;
}

/**
 * velocity = beta1 · velocity + (1 − beta1) · gradient, square likewise with beta2 and gradient², and
 * parameter −= learningRate · (velocity / c₁) / (√(square / c₂) + epsilon), where c₁ at step t is
 * 1 − beta1ᵗ, and c₂ likewise. Kingma and Ba (2015), algorithm 1.
 */
export interface AdamStep {
  readonly rule: 'adam';
  readonly learningRate: number;
  /** From 0 to below 1; 0.9 and 0.999 if not given. */
  readonly beta1?: number;
  readonly beta2?: number;
  /** Above 0; 1e-8 if not given. */
  readonly epsilon?: number;
}

/** A step, checked, in the numbers that the record of a net holds. */
export interface StepPlan {
  readonly rule: keyof typeof ruleNumbers;
  readonly learningRate: number;
  readonly keep: number;
  readonly take: number;
  readonly keepSquare: number;
  readonly takeSquare: number;
  readonly floor: number;
  readonly power: number;
  readonly powerSquare: number;
}

/**
 * Checks a step, of a net that has taken so many, and fills in what was not given.
 *
 * @throws {RangeError} when a number is out of range
 * @throws {TypeError} when there is no such rule
 */
export function stepPlan(step: DescentStep, steps: number): StepPlan {
  const { learningRate } = step;
  if (!Number.isFinite(learningRate)) {
    throw new RangeError(`learningRate must be a finite number, not ${learningRate}`);
  }
  const numbers = { keep: 0, take: 1, keepSquare: 1, takeSquare: 1, floor: 0 };
  const rest = { learningRate, power: 1, powerSquare: 1, ...numbers };
  switch (step.rule) {
    case 'adaGrad':
      return { rule: 'scaled', ...rest, floor: floorOf(step.maxScaling) };
    case 'rmsProp': {
      const decay = fraction('decay', step.decay ?? 0.9);
      const means = { keepSquare: decay, takeSquare: 1 - decay };
      return { rule: 'scaled', ...rest, ...means, floor: floorOf(step.maxScaling) };
    }
    case 'adam': {
      const beta1 = fraction('beta1', step.beta1 ?? 0.9);
      const beta2 = fraction('beta2', step.beta2 ?? 0.999);
      return {
        ...{ rule: 'adam', learningRate, floor: positive('epsilon', step.epsilon ?? 1e-8) },
        ...{ keep: beta1, take: 1 - beta1, power: power(beta1, steps) },
        ...{ keepSquare: beta2, takeSquare: 1 - beta2, powerSquare: power(beta2, steps) },
      };
    }
    case undefined:
    case 'momentum': {
      const keep = fraction('momentum', step.momentum ?? 0);
      return { rule: step.nesterov === true ? 'nesterov' : 'momentum', ...rest, keep };
    }
    default: {
      const { rule } = step satisfies never as { readonly rule: string };
      throw new TypeError(`there is no rule ${rule}; there are momentum, adaGrad, rmsProp, adam`);
    }
  }
}

function floorOf(maxScaling = 1e5): number {
  return 1 / positive('maxScaling', maxScaling);
}

function fraction(name: string, value: number): number {
  if (value >= 0 && value < 1) return value;
  throw new RangeError(`${name} must be at least 0 and below 1, not ${value}`);
}

function positive(name: string, value: number): number {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new RangeError(`${name} must be a number above 0, not ${value}`);
}

/** A whole power by products alone, which are the same on every machine; `**` need not be. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

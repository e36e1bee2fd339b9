import type { DescentStep } from '@holdfast/linalg';
import type { TouchedRows } from './backpropagation.ts';
import type { FloatArray } from './float-array.ts';
import type { Parameter } from './layer.ts';

/** How a gradient changes a parameter. A rule remembers what it needs for each parameter by itself. */
export interface LearningRule {
  /** Changes a parameter in place. The rate is the algorithm's; the parameter's scaler is not in it. */
  step(parameter: Parameter, gradient: FloatArray, learningRate: number): void;
  /**
   * The same for a gradient that is 0 but in the rows that are named.
   *
   * Missing when what a gradient of 0 does to a weight cannot be put off: `step` is then given the
   * whole gradient.
   */
  readonly sparse?: {
    /** Does for these rows what `step` has put off. Called before a batch looks at them. */
    catchUp(parameter: Parameter, touched: TouchedRows): void;
    /** Changes the rows that are named; what a step does to the others may be put off. */
    step(
      parameter: Parameter,
      gradient: FloatArray,
      learningRate: number,
      touched: TouchedRows,
    ): void;
    /** Does all that was put off. Called when an epoch ends. */
    settle(): void;
  };
  /** The same for the kernels of linalg, an epoch at a time; missing when they do not know the rule. */
  readonly kernels?: {
    /** The rule as it is now. */
    step(learningRate: number): DescentStep;
    /** What it remembers of a parameter, as the kernels call it, to be read and written. */
    memoryOf(parameter: Parameter): RuleMemory;
  };
  /** What is monitored of the rule, by channel. */
  channels?(): Readonly<Record<string, number>>;
}

/** What the kernels of linalg keep beside a parameter, as far as a rule has it. */
export interface RuleMemory {
  readonly velocities?: FloatArray;
  readonly squares?: FloatArray;
  /** How many steps the parameter has taken. */
  steps?: number;
}

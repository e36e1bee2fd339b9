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
   * Missing when a gradient of 0 still moves a weight: `step` is then given the whole gradient.
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
  /** What is monitored of the rule, by channel. */
  channels?(): Readonly<Record<string, number>>;
}

import { gradientStep } from './kernels/steps.ts';
import type { LearningRule } from './learning-rule.ts';

/** The plain step: p ← p − rate·g. */
export const gradientDescent: LearningRule = {
  step({ values, lrScaler }, gradient, learningRate) {
    gradientStep(values, gradient, learningRate * lrScaler, 0, values.length);
  },
  sparse: {
    catchUp() {},
    step({ values, columns, lrScaler }, gradient, learningRate, { rows, count }) {
      for (let i = 0; i < count; i++) {
        const from = (rows[i] as number) * columns;
        gradientStep(values, gradient, learningRate * lrScaler, from, from + columns);
      }
    },
    settle() {},
  },
  kernels: {
    step: (learningRate) => ({ learningRate }),
    memoryOf: () => ({}),
  },
};

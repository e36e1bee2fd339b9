import type { FoldJob } from '../../src/index.node.ts';

/** Tells what it was given. */
export default function recipe({ fold, train, valid }: FoldJob): Record<string, number> {
  const sum = (values: Float64Array) => values.reduce((total, each) => total + each, 0);
  return {
    fold,
    train: train.size,
    valid: valid.size,
    trainSum: sum(train.X.data),
    validSum: sum(valid.X.data),
  };
}

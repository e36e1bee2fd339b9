import type { DenseDesignMatrix } from './dense-design-matrix.ts';
import type { SparseDesignMatrix } from './sparse-design-matrix.ts';

/** Examples to learn from or to be judged by. */
export type DesignMatrix = DenseDesignMatrix | SparseDesignMatrix;

export { Cholesky, type CholeskyOptions } from './cholesky.ts';
export { DenseNet, type DenseNetOptions, type NetExamples, type NetNumbers } from './dense-net.ts';
export type {
  AdaGradStep,
  AdamStep,
  DescentStep,
  MomentumStep,
  RMSPropStep,
} from './descent-step.ts';
export { type Gemm, gemm } from './gemm.ts';
export { type Gemv, gemv } from './gemv.ts';
export type { ElementName, Floats } from './kernel-memory.ts';
export { LinalgError, type LinalgErrorCode } from './linalg-error.ts';
export { asMatrix, type Matrix, type MatrixLike, multiply, rowsOf } from './matrix.ts';
export type { Activation, DenseLayer, LayerNumbers } from './net-engine.ts';
export {
  type SymmetricEigen,
  type SymmetricEigenCall,
  symmetricEigen,
  symmetricEigenvalues,
} from './symmetric-eigen.ts';
export { type Syrk, syrk } from './syrk.ts';
export { solveTriangular, type TriangularSolve } from './triangular-solve.ts';

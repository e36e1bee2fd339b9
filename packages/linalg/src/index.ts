export { type Gemm, gemm } from './gemm.ts';
export { asMatrix, type Matrix, type MatrixLike, multiply, rowsOf } from './matrix.ts';

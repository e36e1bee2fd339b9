import {
  add,
  instruction,
  mul,
  type Operand,
  operandOf,
  sub,
  type Type,
  type Value,
} from './value.ts';

/** What one set of kernels works on: each is written once and built for f32 and for f64. */
export interface Element {
  readonly name: 'f32' | 'f64';
  readonly scalar: 'f32' | 'f64';
  readonly vector: 'f32x4' | 'f64x2';
  /** Bytes of a number. */
  readonly size: 4 | 8;
  /** Numbers in a vector. */
  readonly lanes: 4 | 2;
  /** Whether products may be fused with the sum they go into. */
  readonly fused: boolean;
  /** a · b + c on vectors. */
  madd(a: Operand, b: Operand, c: Operand): Value;
  /** c − a · b on vectors. */
  nmadd(a: Operand, b: Operand, c: Operand): Value;
}

/**
 * The element of a name.
 *
 * Fused, it uses WebAssembly's relaxed instructions: rounded once where the processor can, twice
 * where it cannot. Not fused, each product and each sum is rounded, on every machine.
 */
export function element(name: 'f32' | 'f64', fused: boolean): Element {
  const vector = name === 'f32' ? 'f32x4' : 'f64x2';
  const relaxed = (operation: string) => (a: Operand, b: Operand, c: Operand) =>
    ternary(vector, operation, [a, b, c]);
  return {
    name,
    scalar: name,
    vector,
    size: name === 'f32' ? 4 : 8,
    lanes: name === 'f32' ? 4 : 2,
    fused,
    madd: fused ? relaxed('relaxedMadd') : (a, b, c) => add(c, mul(operandOf(vector, a), b)),
    nmadd: fused ? relaxed('relaxedNmadd') : (a, b, c) => sub(c, mul(operandOf(vector, a), b)),
  };
}

function ternary(type: Type, operation: string, operands: readonly Operand[]): Value {
  const code = operands.flatMap((each) => operandOf(type, each).code);
  return { type, code: [...code, ...instruction(type, operation)] };
}

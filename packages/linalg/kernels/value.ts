/**
 * Values of the kernels: expressions of WebAssembly's stack code, each knowing its type.
 *
 * A plain number stands for a constant of the other operand's type, so that kernels read as
 * formulas: `add(mul(x, y), 1)`.
 */
import { float, signed, unsigned } from './encoding.ts';

/** Numbers, and vectors of 128 bits by their lanes. */
export type Type = 'i32' | 'i64' | 'f32' | 'f64' | 'i32x4' | 'i64x2' | 'f32x4' | 'f64x2';

/** Code that leaves one value on the stack. */
export interface Value {
  readonly type: Type;
  readonly code: readonly number[];
}

/** A value, or a number to be made a constant of the type that the place asks for. */
export type Operand = Value | number;

const prefix = 0xfd;

/** Opcodes by type and name, as the specification numbers them; vectors take the SIMD prefix. */
const opcodes: Record<Type, Record<string, number>> = {
  i32: {
    eqz: 0x45,
    eq: 0x46,
    ne: 0x47,
    lt: 0x48,
    gt: 0x4a,
    le: 0x4c,
    ge: 0x4e,
    add: 0x6a,
    sub: 0x6b,
    mul: 0x6c,
    div: 0x6d,
    and: 0x71,
    or: 0x72,
    shl: 0x74,
    shr: 0x75,
    load: 0x28,
    store: 0x36,
  },
  i64: { add: 0x7c, sub: 0x7d, and: 0x83, or: 0x84, shl: 0x86, shr: 0x87, load: 0x29, store: 0x37 },
  f32: {
    eq: 0x5b,
    ne: 0x5c,
    lt: 0x5d,
    gt: 0x5e,
    le: 0x5f,
    ge: 0x60,
    abs: 0x8b,
    neg: 0x8c,
    sqrt: 0x91,
    add: 0x92,
    sub: 0x93,
    mul: 0x94,
    div: 0x95,
    min: 0x96,
    max: 0x97,
    load: 0x2a,
    store: 0x38,
  },
  f64: {
    eq: 0x61,
    ne: 0x62,
    lt: 0x63,
    gt: 0x64,
    le: 0x65,
    ge: 0x66,
    abs: 0x99,
    neg: 0x9a,
    sqrt: 0x9f,
    add: 0xa0,
    sub: 0xa1,
    mul: 0xa2,
    div: 0xa3,
    min: 0xa4,
    max: 0xa5,
    load: 0x2b,
    store: 0x39,
  },
  i32x4: { splat: 0x11, shl: 0xab, add: 0xae, load: 0x00, store: 0x0b },
  i64x2: { splat: 0x12, shl: 0xcb, add: 0xce, load: 0x00, store: 0x0b },
  f32x4: {
    load: 0x00,
    store: 0x0b,
    loadSplat: 0x09,
    splat: 0x13,
    lane: 0x1f,
    lt: 0x43,
    gt: 0x44,
    ge: 0x46,
    abs: 0xe0,
    neg: 0xe1,
    sqrt: 0xe3,
    add: 0xe4,
    sub: 0xe5,
    mul: 0xe6,
    div: 0xe7,
    min: 0xe8,
    max: 0xe9,
    pmin: 0xea,
    pmax: 0xeb,
    relaxedMadd: 0x105,
    relaxedNmadd: 0x106,
  },
  f64x2: {
    load: 0x00,
    store: 0x0b,
    loadSplat: 0x0a,
    splat: 0x14,
    lane: 0x21,
    lt: 0x49,
    gt: 0x4a,
    ge: 0x4c,
    abs: 0xec,
    neg: 0xed,
    sqrt: 0xef,
    add: 0xf0,
    sub: 0xf1,
    mul: 0xf2,
    div: 0xf3,
    min: 0xf4,
    max: 0xf5,
    pmin: 0xf6,
    pmax: 0xf7,
    relaxedMadd: 0x107,
    relaxedNmadd: 0x108,
  },
};

const scalars = { i32x4: 'i32', i64x2: 'i64', f32x4: 'f32', f64x2: 'f64' } as const;

/** Whether values of the type have lanes. */
export function isVector(type: Type): type is keyof typeof scalars {
  return type in scalars;
}

/** The bytes of an instruction. */
export function instruction(type: Type, name: string): number[] {
  const opcode = opcodes[type][name];
  if (opcode === undefined) throw new Error(`${type} has no ${name}`);
  return isVector(type) ? [prefix, ...unsigned(opcode)] : [opcode];
}

/** A number of the type; of a vector, in each lane. */
export function constant(type: Type, value: number | bigint): Value {
  switch (type) {
    case 'i32':
      return { type, code: [0x41, ...signed(value)] };
    case 'i64':
      return { type, code: [0x42, ...signed(value)] };
    case 'f32':
      return { type, code: [0x43, ...float(Number(value), 32)] };
    case 'f64':
      return { type, code: [0x44, ...float(Number(value), 64)] };
    default:
      return splat(type, constant(scalars[type], value));
  }
}

/** The constant 0 of the type. */
export function zero(type: Type): Value {
  return constant(type, 0);
}

/** The operand as a value of the type; an error when it has another one. */
export function operandOf(type: Type, operand: Operand): Value {
  if (typeof operand === 'number') return constant(type, operand);
  if (operand.type !== type) throw new Error(`a ${type} is due, not a ${operand.type}`);
  return operand;
}

function binary(name: string, result?: Type): (a: Operand, b: Operand) => Value {
  return (a, b) => {
    const type = typeof a === 'number' ? (b as Value).type : a.type;
    const operands = [...operandOf(type, a).code, ...operandOf(type, b).code];
    return { type: result ?? type, code: [...operands, ...instruction(type, name)] };
  };
}

function unary(name: string): (a: Value) => Value {
  return (a) => ({ type: a.type, code: [...a.code, ...instruction(a.type, name)] });
}

type Binary = (a: Operand, b: Operand) => Value;
type Unary = (a: Value) => Value;

export const add: Binary = binary('add');
export const sub: Binary = binary('sub');
export const mul: Binary = binary('mul');
export const div: Binary = binary('div');
export const max: Binary = binary('max');
export const and: Binary = binary('and');
export const or: Binary = binary('or');
export const abs: Unary = unary('abs');
export const neg: Unary = unary('neg');
export const sqrt: Unary = unary('sqrt');

/** Comparisons of numbers: 1 or 0. */
export const eq: Binary = binary('eq', 'i32');
export const ne: Binary = binary('ne', 'i32');
export const lt: Binary = binary('lt', 'i32');
export const gt: Binary = binary('gt', 'i32');
export const le: Binary = binary('le', 'i32');
export const ge: Binary = binary('ge', 'i32');

/** Comparisons of vectors: lanes of all ones or none, for `choose`. */
export const lanesBelow: Binary = binary('lt');
export const lanesFrom: Binary = binary('ge');

/** `limit` where a vector is above it, or below it; NaN stays. One instruction, unlike `max`. */
export const atMost: Binary = binary('pmin');
export const atLeast: Binary = binary('pmax');

/** Bits moved up; of a vector, within each lane. */
export function shl(a: Value, count: Operand): Value {
  const by = operandOf(isVector(a.type) ? 'i32' : a.type, count);
  return { type: a.type, code: [...a.code, ...by.code, ...instruction(a.type, 'shl')] };
}

/** Bits moved down, the sign bit entering. */
export const shr: Binary = binary('shr');

/** A vector whose lanes are all the number. */
export function splat(type: keyof typeof scalars, value: Operand): Value {
  const code = [...operandOf(scalars[type], value).code, ...instruction(type, 'splat')];
  return { type, code };
}

/** One lane of a vector of floats. */
export function lane(vector: Value, index: number): Value {
  if (!isVector(vector.type)) throw new Error(`a ${vector.type} has no lanes`);
  const code = [...vector.code, ...instruction(vector.type, 'lane'), index];
  return { type: scalars[vector.type], code };
}

const reinterpretations: Record<string, number> = { 'i64 of f64': 0xbd, 'f64 of i64': 0xbf };

/** The same bits under another name. */
export function reinterpret(type: Type, value: Value): Value {
  const opcode = reinterpretations[`${type} of ${value.type}`];
  if (opcode !== undefined) return { type, code: [...value.code, opcode] };
  if (isVector(type) && isVector(value.type)) return { type, code: value.code };
  throw new Error(`a ${value.type} does not become a ${type}`);
}

const conversions: Record<string, number> = {
  'f64 of f32': 0xbb,
  'f32 of f64': 0xb6,
  'f64 of i32': 0xb7,
  'f64 of i64': 0xb9,
  'f32 of i32': 0xb2,
};

/** The number in another type, rounded to nearest; a value of that type already is as it was. */
export function convert(type: Type, value: Value): Value {
  if (type === value.type) return value;
  const opcode = conversions[`${type} of ${value.type}`];
  if (opcode === undefined) throw new Error(`no conversion of ${value.type} to ${type}`);
  return { type, code: [...value.code, opcode] };
}

/** `yes` where the mask of a comparison is set, else `no`, lane by lane. */
export function choose(mask: Value, yes: Operand, no: Operand): Value {
  const operands = [yes, no].flatMap((each) => operandOf(mask.type, each).code);
  return { type: mask.type, code: [...operands, ...mask.code, prefix, 0x52] };
}

/** 0 where the mask of a comparison is set, else the vector, lane by lane. */
export function zeroWhere(mask: Value, vector: Value): Value {
  return { type: vector.type, code: [...vector.code, ...mask.code, prefix, 0x4f] };
}

/** `yes` when the condition is not 0, else `no`; both are evaluated. */
export function select(condition: Value, yes: Value, no: Value): Value {
  const operands = [...yes.code, ...no.code, ...condition.code];
  const code = isVector(yes.type) ? [...operands, 0x1c, 1, 0x7b] : [...operands, 0x1b];
  return { type: yes.type, code };
}

/** A vector of the lanes listed, those of a counting from 0 and those of b after them. */
export function shuffle(a: Value, b: Value, lanes: readonly number[]): Value {
  const size = 16 / lanes.length;
  const bytes = lanes.flatMap((from) => Array.from({ length: size }, (_, i) => from * size + i));
  return { type: a.type, code: [...a.code, ...b.code, prefix, 0x0d, ...bytes] };
}

/** What lies at the address, plus a constant offset in bytes. */
export function load(type: Type, address: Value, offset = 0): Value {
  return { type, code: [...address.code, ...instruction(type, 'load'), 0, ...unsigned(offset)] };
}

/** The number at the address in every lane. */
export function loadSplat(type: 'f32x4' | 'f64x2', address: Value, offset = 0): Value {
  const code = [...address.code, ...instruction(type, 'loadSplat'), 0, ...unsigned(offset)];
  return { type, code };
}

import { name, section, unsigned, vector } from './encoding.ts';
import { FunctionBuilder, type Local } from './function-builder.ts';
import { isVector, type Operand, operandOf, type Type, type Value } from './value.ts';

/** A function that is in the module. */
export interface Kernel {
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly result: Type | undefined;
  /** Its place in the module: what `call` encodes. */
  readonly index: number;
}

const typeBytes: Partial<Record<Type, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

function typeByte(type: Type): number {
  return isVector(type) ? 0x7b : (typeBytes[type] ?? 0);
}

/** Gathers kernels into one module, which imports its memory as `env.memory`. */
export class ModuleBuilder {
  readonly #kernels: Kernel[] = [];
  readonly #bodies: (readonly number[])[] = [];

  /** Adds a function, exported by its name; `write` is given its parameters by theirs. */
  define<P extends Record<string, Type>>(
    kernelName: string,
    parameters: P,
    result: Type | undefined,
    write: (f: FunctionBuilder, locals: { readonly [K in keyof P]: Local }) => void,
  ): Kernel {
    const types = Object.values(parameters);
    const f = new FunctionBuilder(types);
    const locals = Object.fromEntries(
      Object.keys(parameters).map((each, index) => [each, f.parameter(index)]),
    ) as { readonly [K in keyof P]: Local };
    write(f, locals);
    const kernel = { name: kernelName, parameters: types, result, index: this.#kernels.length };
    this.#kernels.push(kernel);
    const declared = f.locals.map((type) => [1, typeByte(type)]);
    this.#bodies.push([...vector(declared), ...f.prologue, ...f.code, 0x0b]);
    return kernel;
  }

  /** The module in WebAssembly's binary format. */
  bytes(): Uint8Array<ArrayBuffer> {
    const types = this.#kernels.map(({ parameters, result }) => [
      0x60,
      ...vector(parameters.map((type) => [typeByte(type)])),
      ...vector(result === undefined ? [] : [[typeByte(result)]]),
    ]);
    const memory = [...name('env'), ...name('memory'), 2, 0, 0];
    const indices = this.#kernels.map(({ index }) => unsigned(index));
    const exported = this.#kernels.map((each) => [...name(each.name), 0, ...unsigned(each.index)]);
    const bodies = this.#bodies.map((body) => [...unsigned(body.length), ...body]);
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, vector(types)),
      ...section(2, vector([memory])),
      ...section(3, vector(indices)),
      ...section(7, vector(exported)),
      ...section(10, vector(bodies)),
    ]);
  }
}

/** The result of a kernel for these arguments. */
export function call(kernel: Kernel, ...operands: readonly Operand[]): Value {
  if (operands.length !== kernel.parameters.length) {
    throw new Error(`${kernel.name} takes ${kernel.parameters.length} arguments`);
  }
  const code = kernel.parameters.flatMap((type, i) => operandOf(type, operands[i] ?? 0).code);
  return { type: kernel.result ?? 'i32', code: [...code, 0x10, ...unsigned(kernel.index)] };
}

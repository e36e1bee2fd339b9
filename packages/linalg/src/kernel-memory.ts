import { fusedKernels, steadyKernels } from './kernel-bytes.ts';
import { LinalgError } from './linalg-error.ts';
import {
  type WasmMemory,
  type WasmModule,
  type WebAssemblyApi,
  webAssembly,
} from './web-assembly.ts';

/** The name of what an array holds. */
export function elementOf(data: Floats): ElementName {
  return data instanceof Float32Array ? 'f32' : 'f64';
}

/** A function of the module: numbers in, a number out; addresses are bytes. */
export type Kernel = (...numbers: readonly number[]) => number;

/** f64 or f32, as the kernels name it. */
export type ElementName = 'f64' | 'f32';

/** The arrays that hold it. */
export type Floats = Float64Array | Float32Array;

/** The module, compiled, and what compiled it. */
interface CompiledKernels {
  readonly api: WebAssemblyApi;
  readonly module: WasmModule;
}

const pageBytes = 65536;
// Addresses are compared as signed numbers.
const greatestPages = 32767;

/**
 * The kernels with one memory, which grows, and from which room is taken in order.
 *
 * A view is of the memory as it is: it is dead once the memory has grown, so take room first.
 */
export class KernelMemory {
  readonly #exports: Readonly<Record<string, Kernel>>;
  readonly #memory: WasmMemory;
  // Address 0 stands for "none".
  #used = 16;

  constructor({ api, module }: CompiledKernels) {
    this.#memory = new api.Memory({ initial: 1, maximum: greatestPages });
    const { exports } = new api.Instance(module, { env: { memory: this.#memory } });
    this.#exports = exports as Record<string, Kernel>;
  }

  /** The kernel of that name for f64 or f32, such as `Product`. */
  kernel(element: ElementName, name: string): Kernel {
    const kernel = this.#exports[element + name];
    if (kernel === undefined) throw new Error(`there is no kernel ${element}${name}`);
    return kernel;
  }

  /** Bytes in all. */
  get size(): number {
    return this.#memory.buffer.byteLength;
  }

  /** How much is taken: what `release` takes. */
  get used(): number {
    return this.#used;
  }

  /** Gives back what was taken since `used` was this. */
  release(used: number): void {
    this.#used = used;
  }

  /**
   * The address of so many bytes, in whole vectors; they hold what was there before.
   *
   * @throws {LinalgError} `memory-exhausted`
   */
  take(bytes: number): number {
    const address = this.#used;
    const end = address + Math.ceil(bytes / 16) * 16;
    if (end > this.size) this.#grow(Math.ceil((end - this.size) / pageBytes));
    this.#used = end;
    return address;
  }

  /** Room for so many numbers, as `take`. */
  takeFloats(element: ElementName, length: number): number {
    return this.take(length * (element === 'f32' ? 4 : 8));
  }

  floats(element: ElementName, address: number, length: number): Floats {
    const Type = element === 'f32' ? Float32Array : Float64Array;
    return new Type(this.#memory.buffer, address, length);
  }

  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length);
  }

  i32(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  #grow(pages: number): void {
    try {
      this.#memory.grow(pages);
    } catch (cause) {
      const megabytes = Math.ceil((this.size + pages * pageBytes) / 2 ** 20);
      throw new LinalgError(
        'memory-exhausted',
        `the kernels need ${megabytes} MB of memory, which could not be had (2047 MB at most); use smaller matrices`,
        { cause },
      );
    }
  }
}

/**
 * Fresh kernels with a memory of their own, or undefined where the engine has no WebAssembly SIMD or
 * a page's policy forbids it: then the plain version, which gives the same, has to do.
 *
 * With `fma` the fused kernels if the engine has relaxed SIMD, else those that round each step.
 */
export function kernelMemory({ fma }: { readonly fma: boolean }): KernelMemory | undefined {
  const module = (fma ? fusedModule() : undefined) ?? steadyModule();
  return module === undefined ? undefined : new KernelMemory(module);
}

// Above this a memory is let go after use: one large product should not be paid for ever after.
const keptBytes = 64 * 2 ** 20;
const shared = new Map<boolean, KernelMemory>();

/**
 * Lends kernels with a memory that all short calls use in turn, and takes all room back at the end.
 * Gives what `use` gives; undefined where there are no kernels.
 */
export function withKernels<T>(fma: boolean, use: (memory: KernelMemory) => T): T | undefined {
  const memory = shared.get(fma) ?? kernelMemory({ fma });
  if (memory === undefined) return undefined;
  shared.set(fma, memory);
  const { used } = memory;
  try {
    return use(memory);
  } finally {
    memory.release(used);
    if (memory.size > keptBytes) shared.delete(fma);
  }
}

const steadyModule = onceOnly(() => compiled(steadyKernels));
const fusedModule = onceOnly(() => compiled(fusedKernels));

function compiled(base64: string): CompiledKernels | undefined {
  if (webAssembly === undefined) return undefined;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (!webAssembly.validate(bytes)) return undefined;
  try {
    return { api: webAssembly, module: new webAssembly.Module(bytes) };
  } catch (error) {
    // The bytes are valid, so this is a content security policy without 'wasm-unsafe-eval'.
    if (error instanceof webAssembly.CompileError) return undefined;
    throw error;
  }
}

function onceOnly<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

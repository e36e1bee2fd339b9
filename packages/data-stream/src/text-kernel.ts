import { textKernelBytes } from './text-kernel-bytes.ts';

/** Writes short texts in modified UTF-8 into memory of its own. */
export interface TextKernel {
  /**
   * What was written last, from its beginning: to be moved in double words.
   *
   * As doubles these keep their bits: only those of a NaN may change, which has a byte of `f0` or
   * more, and none of modified UTF-8 is above `ef`.
   */
  readonly written: DataView;
  /** Writes a text of at most `longestKernelText` units, and returns how many bytes it takes. */
  readonly encode: (text: string, length: number) => number;
}

/** The most units of a text that the kernel writes. */
export const longestKernelText = 24;

/** The part of WebAssembly's JavaScript interface that is used here. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array, options: { readonly builtins: string[] }) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

interface Engine {
  readonly WebAssembly?: WebAssemblyApi;
  readonly process?: { readonly release?: { readonly name?: string } };
  readonly Deno?: unknown;
  readonly Bun?: unknown;
}

/**
 * The kernel, on Node: to read a string unit by unit is most of what writing it costs, and
 * WebAssembly, with the builtin functions that Node has for it, does so in half the time.
 *
 * Undefined elsewhere: Deno is slower that way, and the policy of a page may forbid WebAssembly and
 * have each try reported. Undefined, too, where Node was told to do without it.
 */
export function textKernel(): TextKernel | undefined {
  const { WebAssembly, process, Deno, Bun } = globalThis as Engine;
  const isNode = process?.release?.name === 'node' && Deno === undefined && Bun === undefined;
  if (!isNode || WebAssembly === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(textKernelBytes), (character) => character.charCodeAt(0));
    const module = new WebAssembly.Module(bytes, { builtins: ['js-string'] });
    const { memory, encode } = new WebAssembly.Instance(module, {}).exports as {
      readonly memory: { readonly buffer: ArrayBuffer };
      readonly encode: TextKernel['encode'];
    };
    return { written: new DataView(memory.buffer), encode };
  } catch {
    // It has no such builtins, it may not compile, or there is no room for a memory.
    return undefined;
  }
}

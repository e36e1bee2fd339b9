import { textKernelBytes } from './text-kernel-bytes.ts';

/** Writes and reads short texts in modified UTF-8. */
export interface TextKernel {
  /**
   * What was written last, from the beginning of the kernel's memory: to be moved in double words.
   *
   * As doubles these keep their bits: only those of a NaN may change, which has a byte of `f0` or
   * more, and none of modified UTF-8 is above `ef`.
   */
  readonly written: DataView;
  /**
   * Writes a text of at most `longestKernelText` units, and returns how many bytes it takes. It
   * pays for texts of at most `longestShortText` units, and for those that are not Latin.
   */
  readonly encode: (text: string, length: number) => number;
  /**
   * Reads a text of 1 to 16 bytes, which are given as two little-endian doubles with anything
   * behind the last, and neither of which is NaN; null when they are malformed.
   */
  readonly decode: (low: number, high: number, length: number) => string | null;
}

/** The most units of a text that the kernel writes: those that surely fit its memory. */
export const longestKernelText = 21_845;
/** The most units of a text that the kernel writes in steps of four. */
export const longestShortText = 24;

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
 * The kernel, on Node: to take a string apart and to put one together is most of what writing and
 * reading it cost, and WebAssembly, with the builtin functions that Node has for it, is faster.
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
    const { memory, encode, decode } = new WebAssembly.Instance(module, {}).exports as Pick<
      TextKernel,
      'encode' | 'decode'
    > & { readonly memory: { readonly buffer: ArrayBuffer } };
    return { written: new DataView(memory.buffer), encode, decode };
  } catch {
    // It has no such builtins, it may not compile, or there is no room for a memory.
    return undefined;
  }
}

/** The kernel that the package uses. */
export const loadedKernel: TextKernel | undefined = textKernel();

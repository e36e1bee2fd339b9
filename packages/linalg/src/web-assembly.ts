/** A compiled module. */
export type WasmModule = object;

/** Memory that grows by pages of 64 KB; growing it puts a new buffer in the place of the old one. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The part of WebAssembly's JavaScript interface that is used here. */
export interface WebAssemblyApi {
  readonly CompileError: new () => Error;
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
  }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
}

/** The engine's WebAssembly, where it has one: its types come with the DOM's, which are not here. */
export const webAssembly: WebAssemblyApi | undefined = (
  globalThis as { readonly WebAssembly?: WebAssemblyApi }
).WebAssembly;

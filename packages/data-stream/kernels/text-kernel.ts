import { compile } from 'watr';
import { decodeFunction } from './read-text.ts';
import { encodeFunction } from './write-text.ts';

/** The text of `src/text-kernel-bytes.ts`. */
export function textKernelSource(): string {
  const bytes = Buffer.from(compile(textKernel())).toString('base64');
  return `// Built from ../kernels by \`npm run kernels -w packages/data-stream\`; not to be edited.

/** The kernel that writes and reads short texts, as a module of WebAssembly in base64. */
export const textKernelBytes: string =
  '${bytes}';
`;
}

/** The kernel of `src/text-kernel.ts` in WebAssembly's text format. */
function textKernel(): string {
  return `(module
  (type $units (array (mut i16)))
  (import "wasm:js-string" "charCodeAt" (func $unitAt (param externref i32) (result i32)))
  (import "wasm:js-string" "fromCharCodeArray"
    (func $fromUnits (param (ref null $units) i32 i32) (result (ref extern))))
  (memory (export "memory") 1)
  ;; The units of the text that is being read.
  (global $text (ref $units) (array.new $units (i32.const 0) (i32.const 16)))
${encodeFunction()}
${decodeFunction()})
`;
}

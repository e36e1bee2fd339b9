import { decodeFunction } from './read-text.ts';
import { encodeFunction } from './write-text.ts';

/** The kernel of `src/text-kernel.ts` in WebAssembly's text format. */
export function textKernel(): string {
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

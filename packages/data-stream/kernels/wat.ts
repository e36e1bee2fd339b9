/** Instructions of WebAssembly's text format that several functions use. */

export function or(a: string, b: string): string {
  return `(i32.or ${a} ${b})`;
}

/** The binary format of WebAssembly: numbers, vectors and sections. */

/** An unsigned LEB128 number, of at most 32 bits. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** A signed LEB128 number, of at most 64 bits. */
export function signed(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

/** The little-endian bytes of an IEEE 754 number. */
export function float(value: number, bits: 32 | 64): number[] {
  const numbers = bits === 32 ? Float32Array.of(value) : Float64Array.of(value);
  return [...new Uint8Array(numbers.buffer)];
}

/** A name: its length, then its characters. */
export function name(text: string): number[] {
  return [...unsigned(text.length), ...new TextEncoder().encode(text)];
}

/** A counted sequence. */
export function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

/** A numbered section with its length. */
export function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

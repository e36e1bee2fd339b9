/**
 * Numbers from 0 to 1 that a seed and a name decide: Mulberry32, by Tommy Ettinger.
 *
 * Good enough to spread time-outs, and for nothing secret.
 */
export function seededRandom(seed: number, name: string): () => number {
  let state = Math.trunc(seed) >>> 0;
  for (const letter of name) state = (Math.imul(state, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

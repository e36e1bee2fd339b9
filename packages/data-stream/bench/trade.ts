import { type DataType, double, int, long, record, utf } from '../src/index.ts';

/** The record of the bench: what a recording of trades may hold. */
export interface Trade {
  readonly id: number;
  readonly at: bigint;
  readonly price: number;
  readonly symbol: string;
}

export const trade: DataType<Trade> = record({ id: int, at: long, price: double, symbol: utf });

/**
 * Trades of made-up shares, always the same: symbols of 6 to 14 letters, one in 16 of which has an
 * accent.
 *
 * @param symbols how many symbols there are; each trade has one of its own where undefined
 */
export function tradesOf(count: number, symbols?: number): readonly Trade[] {
  const next = chance(20_261_123);
  const names =
    symbols === undefined ? undefined : Array.from({ length: symbols }, () => nameOf(next));
  return Array.from({ length: count }, (_, i) => ({
    id: Math.floor(next() * 1e9),
    at: BigInt(1_669_204_800_000 + i),
    price: next() * 1000,
    symbol: names?.[Math.floor(next() * names.length)] ?? nameOf(next),
  }));
}

function nameOf(next: () => number): string {
  const letters = Array.from({ length: 6 + Math.floor(next() * 9) }, () =>
    String.fromCharCode(97 + Math.floor(next() * 26)),
  );
  if (next() < 1 / 16) letters[0] = 'é';
  return flat(letters.join(''));
}

/** The text as one piece of memory, as a parser makes it, not as pieces yet to be joined. */
export function flat(text: string): string {
  return Buffer.from(text).toString();
}

/** Numbers from 0 to 1 that look random (Park and Miller's). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

import { units } from './hex.ts';
import { doubleBits, floatBits, readKinds } from './value-kind.ts';

const names = ['MSFT', 'AAPL', 'KO', '', 'ÜBER', 'BRK.B', 'a name of 32 characters and so on'];
const oddBits = [0, 1, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffffffff];
const utfBytes = '61 00 7f 80 bf c0 c3 df e0 e2 ed f0'.split(' ');
const lineBytes = ['61', 'e9', '0a', '0d'];
const blockBytes = '77 77 7a 79 70 73 74 7e 6f 7f 00 01 02 03 ff'.split(' ');

/** Values and inputs by chance; the same seed gives the same ones. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 32 bits, unsigned (mulberry32). */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  below(end: number): number {
    return this.bits() % end;
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }

  /** A kind of value and what it is, as the tests' Java program would say it. */
  value(): readonly [kind: string, said: string] {
    const kinds = ['boolean', 'byte', 'short', 'char', 'int', 'long', 'float', 'double', 'utf'];
    const kind = this.one(kinds);
    switch (kind) {
      case 'boolean':
        return [kind, String(this.below(2) === 1)];
      case 'long':
        return [
          kind,
          String(BigInt.asIntN(64, (BigInt(this.bits()) << 32n) | BigInt(this.bits()))),
        ];
      case 'float':
        return [kind, floatBits(this.#float(this.#oddBits()))];
      case 'double':
        return [kind, doubleBits(this.#double(this.#oddBits(), this.below(4)))];
      case 'utf':
        return [kind, units(this.#text())];
      default:
        return [kind, String(this.bits() | 0)];
    }
  }

  /** A kind of reading, and bytes in hexadecimal that are cut short, malformed, or only odd. */
  oddInput(): readonly [kind: string, bytes: string] {
    const dice = this.below(6);
    if (dice < 3) {
      const body = this.#some(12, utfBytes);
      const length = this.below(2) === 0 ? body.length / 2 : this.below(13);
      return ['utf', length.toString(16).padStart(4, '0') + body];
    }
    if (dice === 3) return ['line', this.#some(6, lineBytes)];
    const bytes = Array.from({ length: this.below(10) }, () => this.#byte()).join('');
    return [this.one(readKinds), bytes];
  }

  /** The bytes of an object stream, in hexadecimal, right or wrong. */
  objectStream(): string {
    const header = this.below(10) === 0 ? this.#some(5, ['ac', 'ed', '00', '05']) : 'aced0005';
    let blocks = '';
    for (let i = this.below(4); i > 0; i--) {
      const size = this.below(5);
      const body = Array.from({ length: size }, () => this.#byte()).join('');
      const long = this.below(3) === 0;
      blocks += long
        ? `7a${size.toString(16).padStart(8, '0')}`
        : `77${size.toString(16).padStart(2, '0')}`;
      blocks += body;
    }
    if (this.below(2) === 0) return header + blocks;
    return header + blocks + this.#some(8, blockBytes);
  }

  #some(most: number, of: readonly string[]): string {
    return Array.from({ length: this.below(most + 1) }, () => this.one(of)).join('');
  }

  #byte(): string {
    return this.below(256).toString(16).padStart(2, '0');
  }

  #oddBits(): number {
    return this.below(2) === 0 ? this.bits() : this.one(oddBits);
  }

  #float(bits: number): number {
    return new Float32Array(Uint32Array.of(bits).buffer)[0] ?? 0;
  }

  #double(high: number, low: number): number {
    return new Float64Array(Uint32Array.of(low, high).buffer)[0] ?? 0;
  }

  #text(): string {
    const kind = this.below(1000);
    if (kind < 250) return this.one(names);
    if (kind === 999) return 'x'.repeat(65_535 - this.below(3));
    const length = kind < 350 ? this.below(400) : this.below(20);
    const isAscii = this.below(2) === 0;
    let text = '';
    for (let i = 0; i < length; i++) {
      const dice = isAscii ? 0 : this.below(6);
      if (dice <= 1) text += String.fromCharCode(1 + this.below(127));
      else if (dice === 2) text += String.fromCharCode(this.below(0x800));
      else if (dice === 3) text += String.fromCodePoint(0x10000 + this.below(0x1000));
      else text += String.fromCharCode(this.below(0x10000));
    }
    return text;
  }
}

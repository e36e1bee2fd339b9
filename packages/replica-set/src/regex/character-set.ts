import { InvalidPattern } from './syntax.ts';

/** The characters that one place of a pattern takes. */
export class CharacterSet {
  readonly #regex: RegExp;
  /** For ASCII: 0 is not known yet, 1 is no, 2 is yes. */
  readonly #known = new Uint8Array(128);

  constructor(source: string, ignoreCase: boolean) {
    try {
      this.#regex = new RegExp(`^${source}`, ignoreCase ? 'iu' : 'u');
    } catch (error) {
      throw new InvalidPattern((error as Error).message);
    }
  }

  has(code: number): boolean {
    if (code >= 128) return this.#regex.test(String.fromCodePoint(code));
    if (this.#known[code] === 0) {
      this.#known[code] = this.#regex.test(String.fromCodePoint(code)) ? 2 : 1;
    }
    return this.#known[code] === 2;
  }
}

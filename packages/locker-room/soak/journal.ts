/** What a worker notes down as it happens: it is in the file before the worker does anything else. */
import { openSync, readFileSync, writeSync } from 'node:fs';
import { now } from './clock.ts';
import type { Ask, SideName } from './side.ts';

/** How a write ended, as its worker was told; `refused` promises that nothing was changed. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown' | 'failed';

export type Entry =
  | ({ readonly kind: 'ask'; readonly side: SideName } & Ask)
  | { readonly kind: 'granted'; readonly request: string; readonly token?: number }
  | {
      readonly kind: 'write';
      readonly request: string;
      readonly write: string;
      readonly to: 'counter' | 'history';
    }
  | {
      readonly kind: 'told';
      readonly request: string;
      readonly write: string;
      readonly outcome: Outcome;
      /** Why it was refused, or what it failed with. */
      readonly reason?: string;
    }
  | { readonly kind: 'lost'; readonly request: string }
  | { readonly kind: 'releasing'; readonly request: string }
  | {
      readonly kind: 'end';
      readonly request: string;
      readonly outcome: 'released' | 'late' | 'timeout' | 'failed';
      readonly reason?: string;
    }
  /** Its event loop stood still without a pause of the soak's. */
  | { readonly kind: 'stall'; readonly from: number };

/** An entry, with the monotonic time at which it was made. */
export type Noted = Entry & { readonly at: number };

export class Journal {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  note(entry: Entry): void {
    writeSync(this.#file, `${JSON.stringify({ at: now(), ...entry })}\n`);
  }
}

/** All entries of a file, whose writer may have been killed in the middle of its last line. */
export function readJournal(path: string): Noted[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Noted);
}

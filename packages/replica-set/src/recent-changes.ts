/** The newest changes in a range of namespaces, read from the log once for all streams that follow it. */
import type { LoggedChange } from './log-history.ts';

type Read = (after: number, through: number) => Iterable<LoggedChange>;

/** Who asks for more entries at once is behind, and reads the log by itself. */
const mostEntries = 100;
/** Payloads beyond this are not kept. */
const mostBytes = 1024 * 1024;

export class RecentChanges {
  readonly #read: Read;
  /** All changes behind `#after` and up to `#through` are here, oldest first. */
  #after = 0;
  #through = 0;
  #changes: LoggedChange[] = [];
  #bytes = 0;

  /** `read` gives the changes of a part of the log. */
  constructor(read: Read) {
    this.#read = read;
  }

  /** Those behind `after` and up to `through`; nothing when they are too many or no longer here. */
  between(after: number, through: number): readonly LoggedChange[] | undefined {
    if (through - after > mostEntries || after < this.#after) return undefined;
    if (after > this.#through) this.#beginBehind(after);
    if (through > this.#through) {
      for (const change of this.#read(this.#through, through)) {
        this.#changes.push(change);
        this.#bytes += bytesOf(change);
      }
      this.#through = through;
    }
    const start = this.#changes.findLastIndex(({ position }) => position <= after) + 1;
    const end = this.#changes.findLastIndex(({ position }) => position <= through) + 1;
    const found = this.#changes.slice(start, end);
    if (this.#bytes > mostBytes) this.#dropOldest();
    return found;
  }

  #beginBehind(position: number): void {
    this.#after = position;
    this.#through = position;
    this.#changes = [];
    this.#bytes = 0;
  }

  /** Half of what may be kept stays, so that this is seldom done. Of a transaction a part may. */
  #dropOldest(): void {
    let dropped = 0;
    for (const change of this.#changes) {
      if (this.#bytes <= mostBytes / 2) break;
      this.#after = change.position;
      this.#bytes -= bytesOf(change);
      dropped += 1;
    }
    this.#changes = this.#changes.slice(dropped);
  }
}

function bytesOf({ payload, undo }: LoggedChange): number {
  return payload.length + undo.length;
}

/** The newest entries of the log, kept in memory for the members that are about to ask for them. */
import type { LogEntry } from './operation.ts';

/** Payloads beyond this are left to the disk. */
const mostBytes = 4 * 1024 * 1024;
/** And entries beyond this, or small ones would fill the heap, and make the garbage collector pause. */
const mostEntries = 2048;

export class RecentEntries {
  /** Without gaps, oldest first. */
  #entries: LogEntry[] = [];
  #bytes = 0;

  /** Takes the entry that follows the one added last. */
  add(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.operation.payload.length;
    const { length } = this.#entries;
    if (this.#bytes > mostBytes || length > mostEntries) this.#dropHalf();
  }

  clear(): void {
    this.#entries = [];
    this.#bytes = 0;
  }

  /** Those behind `after` and up to `through`, `count` at most; nothing when some of them are not here. */
  between(after: number, through: number, count: number): LogEntry[] | undefined {
    const [oldest] = this.#entries;
    if (oldest === undefined || after + 1 < oldest.position) return undefined;
    const start = after + 1 - oldest.position;
    return this.#entries.slice(start, Math.min(start + count, through - oldest.position + 1));
  }

  #dropHalf(): void {
    const kept = this.#entries.slice(Math.ceil(this.#entries.length / 2));
    this.clear();
    for (const entry of kept) this.add(entry);
  }
}

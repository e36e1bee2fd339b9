import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The right to run the embedded database of one data directory. */
export interface Claim {
  /** Gives the right up, so that another process may take it. */
  release(): void;
}

/**
 * Claims a data directory for this process; null when another process holds it.
 *
 * The claim is an exclusive lock on a small SQLite file. The operating system lets go of it when
 * its holder ends, however it ends, so no stale claim is ever left behind.
 */
export function claimDirectory(directory: string): Claim | null {
  const path = join(directory, 'claim.sqlite');
  const file = new DatabaseSync(path);
  try {
    file.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    chmodSync(path, 0o600);
    return { release: () => file.close() };
  } catch (error) {
    file.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

/** SQLITE_BUSY: someone else has the lock. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}

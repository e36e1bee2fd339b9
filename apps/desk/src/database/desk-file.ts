import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeskError } from '../desk-error.ts';
import { systemFault } from '../system-fault.ts';

/** How another process of this user finds the embedded database of a data directory. */
export interface DeskFile {
  readonly schema: 1;
  /** The port of the embedded database on 127.0.0.1. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The process that runs the database. */
  readonly pid: number;
  /** The database that its desk uses. */
  readonly database: string;
}

const deskFile: z.ZodType<DeskFile> = z.object({
  schema: z.literal(1),
  port: z.int().min(1).max(65_535),
  user: z.string().min(1),
  password: z.string().min(16),
  pid: z.int(),
  database: z.string().min(1),
});

const nameOf = (directory: string) => join(directory, 'desk.json');

/**
 * Reads `desk.json`; null when there is none.
 *
 * @throws {DeskError} `data`, when it is there and cannot be read or understood
 */
export function readDeskFile(directory: string): DeskFile | null {
  const path = nameOf(directory);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    const fault = systemFault(error);
    if (fault === undefined) throw error;
    throw new DeskError(
      'data',
      `${path}: ${fault}`,
      'Only the user who runs the desk may read it.',
    );
  }
  const parsed = deskFile.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  throw new DeskError(
    'data',
    `${path} cannot be understood`,
    'Stop every desk, delete this file, and start again; it holds no posts.',
  );
}

/** Replaces `desk.json` in one step, readable by its owner only. */
export function writeDeskFile(directory: string, content: DeskFile): void {
  const path = nameOf(directory);
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, path);
}

/** A password that cannot be guessed: 192 random bits. */
export function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

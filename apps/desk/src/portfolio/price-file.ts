import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { PriceFileError, type PriceTable, readPrices } from '@holdfast/portfolio';
import { DeskError } from '../desk-error.ts';
import { systemFault } from '../system-fault.ts';

/**
 * Reads the bytes of a price file; `-` is stdin.
 *
 * @throws {DeskError} `data`, which names the file
 */
export async function readPriceBytes(path: string): Promise<Uint8Array> {
  try {
    // Read synchronously, a pipe that is still empty is an error.
    return path === '-' ? await buffer(process.stdin) : await readFile(path);
  } catch (error) {
    const fault = systemFault(error);
    if (fault === undefined) throw error;
    throw new DeskError(
      'data',
      `${path === '' ? '""' : path}: ${fault}`,
      'Name a CSV file of prices with --prices.',
      { cause: error },
    );
  }
}

/**
 * Understands a price file, whole or not at all.
 *
 * @throws {DeskError} `data`, which names the file and the line
 */
export function parsePrices(path: string, bytes: Uint8Array): PriceTable {
  try {
    return readPrices(bytes, { file: path === '-' ? '(stdin)' : path });
  } catch (error) {
    if (!(error instanceof PriceFileError)) throw error;
    throw new DeskError('data', error.message, undefined, { cause: error });
  }
}

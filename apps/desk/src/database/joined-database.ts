import type { MongoClient } from 'mongodb';
import { DeskError } from '../desk-error.ts';
import { connect } from './connection.ts';
import { readDeskFile } from './desk-file.ts';
import { embeddedUri } from './embedded-set.ts';

/** The database of a desk that runs. */
export interface JoinedDatabase {
  readonly client: MongoClient;
  /** The database that the desk uses; null where only the desk knows. */
  readonly database: string | null;
}

const firstAnswer = 2_000;

/**
 * Joins the desk that runs on a data directory.
 *
 * @throws {DeskError} `unreachable`, when none runs there
 */
export async function joinDatabase(directory: string): Promise<JoinedDatabase> {
  const file = readDeskFile(directory);
  if (file === null) throw noDesk(directory);
  try {
    return { client: await connect(embeddedUri(file), firstAnswer), database: file.database };
  } catch (error) {
    if (error instanceof DeskError) throw noDesk(directory, error);
    throw error;
  }
}

function noDesk(directory: string, cause?: unknown): DeskError {
  return new DeskError(
    'unreachable',
    `no desk runs on ${directory}`,
    'Start one: holdfast start --demo. For another directory or database add --data or --mongo-uri.',
    { cause },
  );
}

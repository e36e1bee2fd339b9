import type { Command } from 'commander';
import type { Db } from 'mongodb';
import { dataDirectory } from '../data-directory.ts';

/** Which desk a command is about. */
export interface DatabaseChoice {
  readonly data?: string;
  readonly mongoUri?: string;
  readonly demo?: true;
}

/** Adds the options that choose a desk. */
export function withDatabaseChoice(command: Command): Command {
  return command
    .option('--data <dir>', `the data directory of the desk (default: ${dataDirectory(undefined)})`)
    .option('--mongo-uri <uri>', 'the database of the desk, where it is not the embedded one')
    .option('--demo', 'with --mongo-uri: the demo’s database');
}

const firstAnswer = 5_000;

/**
 * Runs `work` on the database of the chosen desk and closes the connection afterwards.
 *
 * @throws {DeskError} `unreachable`, when it does not run
 */
export async function withDatabase<T>(
  { data, mongoUri, demo }: DatabaseChoice,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  const { connect } = await import('../database/connection.ts');
  const { joinDatabase } = await import('../database/joined-database.ts');
  const { databaseName } = await import('../opened-desk.ts');
  const { client, database } =
    mongoUri === undefined
      ? await joinDatabase(dataDirectory(data))
      : { client: await connect(mongoUri, firstAnswer), database: null };
  try {
    return await work(client.db(database ?? databaseName(demo ?? false)));
  } finally {
    await client.close();
  }
}

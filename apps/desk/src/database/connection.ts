import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { MongoClient } from 'mongodb';
import { DeskError } from '../desk-error.ts';
import { type Log, withoutPasswords } from '../log.ts';

/** Milliseconds for which an operation is repeated while the database is away. */
const patience = 20_000;

/**
 * Connects to a database and makes sure that it answers.
 *
 * Operations of the client ride out fail-overs, and its writes are safe by default.
 *
 * @param timeout milliseconds to wait for a first answer
 * @throws {DeskError} `unreachable`, without the password of the address
 */
export async function connect(uri: string, timeout: number, log?: Log): Promise<MongoClient> {
  const client = mongoClient(uri, timeout);
  try {
    await client.db('admin').command({ ping: 1 });
  } catch (error) {
    await client.close();
    const detail = withoutPasswords(error instanceof Error ? error.message : String(error));
    throw new DeskError(
      'unreachable',
      `the database at ${withoutPasswords(uri)} does not answer: ${detail}`,
      'Check that it runs, its address, and the user and password in it.',
      { cause: error },
    );
  }
  return mongoProxy(client, {
    patience,
    onRetry: ({ operation, attempt, error, delay }) =>
      log?.debug({ operation, attempt, err: error, delay }, 'the database is away; trying again'),
  });
}

function mongoClient(uri: string, timeout: number): MongoClient {
  try {
    return new MongoClient(uri, {
      ...safeClientOptions,
      appName: 'holdfast desk',
      serverSelectionTimeoutMS: timeout,
    });
  } catch (error) {
    const detail = withoutPasswords(error instanceof Error ? error.message : String(error));
    throw new DeskError(
      'usage',
      `--mongo-uri cannot be read: ${detail}`,
      'It looks like mongodb://HOST:PORT/?replicaSet=rs0',
      { cause: error },
    );
  }
}

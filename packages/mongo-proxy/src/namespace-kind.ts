import { type ClientSession, type Document, type MongoClient, MongoServerError } from 'mongodb';
import { readTrial } from './cursor-hooks.ts';
import type { CursorInside, Opening } from './cursor-inside.ts';
import type { Obstacle } from './obstacle.ts';
import type { CallOptions, Patience } from './patience.ts';

const known = new WeakMap<MongoClient, Map<string, Obstacle | undefined>>();

/**
 * Why what the cursor reads cannot be read in a total order at a fixed time, if so.
 *
 * Asked of the server once for each collection and client.
 */
export async function namespaceObstacle(
  patience: Patience,
  { client, namespace: { db, collection = '' } }: CursorInside,
  call: CallOptions,
): Promise<Obstacle | undefined> {
  const namespace = `${db}.${collection}`;
  const answers = known.get(client) ?? new Map<string, Obstacle | undefined>();
  known.set(client, answers);
  if (answers.has(namespace)) return answers.get(namespace);
  const list = () => client.db(db).listCollections({ name: collection }).toArray();
  try {
    const [info] = await patience.run('listCollections', readTrial('listCollections', list), call);
    // One that is not there may yet become anything.
    if (info === undefined) return undefined;
    const obstacle = obstacleOf(info);
    answers.set(namespace, obstacle);
    return obstacle;
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    const detail = `the server does not tell what kind of collection it is (${error.message})`;
    const obstacle: Obstacle = { code: 'namespace', detail };
    answers.set(namespace, obstacle);
    return obstacle;
  }
}

function obstacleOf({ type, options }: Document): Obstacle | undefined {
  const kind =
    type === 'view'
      ? 'a view'
      : type === 'timeseries'
        ? 'a time series'
        : options?.capped === true
          ? 'a capped collection'
          : options?.collation !== undefined
            ? 'a collection with a collation'
            : undefined;
  return kind === undefined ? undefined : { code: 'namespace', detail: `it reads ${kind}` };
}

/** Why this session rules it out. */
export function sessionObstacle(session: ClientSession): Obstacle | undefined {
  if (session.inTransaction()) {
    return { code: 'session', detail: 'it reads in a transaction, which ends with its server' };
  }
  if (!session.snapshotEnabled) return undefined;
  return { code: 'session', detail: 'it reads in a snapshot session' };
}

/** Why the server that answered rules it out. */
export function deploymentObstacle({ server, response }: Opening): Obstacle | undefined {
  const { type } = server.description;
  if (!type.startsWith('RS')) {
    const detail = `it reads from a server that is no member of a replica set (${type})`;
    return { code: 'deployment', detail };
  }
  if (response.operationTime !== null) return undefined;
  return { code: 'deployment', detail: 'the server tells no time' };
}

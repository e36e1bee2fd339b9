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
export function deploymentObstacle(
  { client }: CursorInside,
  { server, response }: Opening,
): Obstacle | undefined {
  // Members may be of unknown kind for a moment; the kind of the whole is more constant.
  const { topology } = client as unknown as { topology?: { description: { type: string } } };
  const kinds = [topology?.description.type, server.description.type];
  if (kinds.some((kind) => kind !== undefined && sharded.has(kind))) {
    const detail = 'it reads from a sharded cluster, where an _id need not be unique';
    return { code: 'deployment', detail };
  }
  if (response.operationTime !== null) return undefined;
  return { code: 'deployment', detail: 'it reads from a server that is in no replica set' };
}

const sharded: ReadonlySet<string> = new Set(['Sharded', 'LoadBalanced', 'Mongos', 'LoadBalancer']);

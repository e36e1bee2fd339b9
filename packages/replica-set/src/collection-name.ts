/** Which names databases and collections may have. */
import { ServerError } from './server-error.ts';

const longestDatabase = 63;
const longestNamespace = 255;

/** Refuses (73) to make a collection of a name that MongoDB allows none. */
export function requireCollectionName(database: string, namespace: string): void {
  const collection = namespace.slice(database.length + 1);
  if (database === '' || database.length > longestDatabase || /[/\\. "$\0]/.test(database)) {
    throw new ServerError(73, `Invalid database name: '${database}'`);
  }
  if (collection.includes('$') || collection.startsWith('.') || collection.endsWith('.')) {
    throw new ServerError(73, `Invalid collection name: ${collection}`);
  }
  if (collection.startsWith('system.') && !systemNames.has(collection)) {
    throw new ServerError(73, `Invalid system namespace: ${namespace}`);
  }
  if (Buffer.byteLength(namespace) > longestNamespace) {
    throw new ServerError(
      73,
      `Fully qualified namespace is too long. Namespace: ${namespace} Max: ${longestNamespace}`,
    );
  }
}

/** Refuses (13297) to make a collection of a database whose name another one has, but for its case. */
export function requireDatabaseName(
  database: string,
  collections: Iterable<{ readonly namespace: string }>,
): void {
  for (const { namespace } of collections) {
    if (namespace[database.length] !== '.' || namespace.startsWith(database)) continue;
    const other = namespace.slice(0, database.length);
    if (other.toLowerCase() !== database.toLowerCase()) continue;
    throw new ServerError(
      13297,
      `db already exists with different case already have: [${other}] trying to create [${database}]`,
    );
  }
}

/** What tools write to of their own accord. */
const systemNames = new Set([
  'system.js',
  'system.views',
  'system.profile',
  'system.users',
  'system.roles',
]);

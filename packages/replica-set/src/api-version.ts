/** The Stable API: what clients that declare an `apiVersion` are promised, and what they may not ask for. */
import { type BsonDocument, isDocument } from './bson-document.ts';
import { ServerError } from './server-error.ts';

/** MongoDB manual, "Stable API Commands", with the logins. */
const versionOne: ReadonlySet<string> = new Set([
  'abortTransaction',
  'aggregate',
  'authenticate',
  'bulkWrite',
  'collMod',
  'commitTransaction',
  'count',
  'create',
  'createIndexes',
  'delete',
  'drop',
  'dropDatabase',
  'dropIndexes',
  'endSessions',
  'explain',
  'find',
  'findAndModify',
  'getMore',
  'hello',
  'insert',
  'killCursors',
  'listCollections',
  'listDatabases',
  'listIndexes',
  'ping',
  'refreshSessions',
  'saslContinue',
  'saslStart',
  'update',
]);

const stagesOutside: ReadonlySet<string> = new Set([
  '$currentOp',
  '$fill',
  '$indexStats',
  '$listLocalSessions',
  '$listSampledQueries',
  '$listSessions',
  '$planCacheStats',
  '$querySettings',
  '$queryStats',
  '$search',
  '$searchMeta',
]);

/**
 * Checks a command against the version that it declares. Throws 322 for a version
 * that is none, 4886600 for conditions without a version, and 323 for what the
 * version does not hold when the client is strict.
 */
export function checkApiVersion(name: string, command: BsonDocument): void {
  const version = command.get('apiVersion');
  if (version === undefined) {
    if (!command.has('apiStrict') && !command.has('apiDeprecationErrors')) return;
    throw new ServerError(
      4886600,
      'apiStrict and apiDeprecationErrors can only be given together with apiVersion',
    );
  }
  if (version !== '1') {
    throw new ServerError(322, `API version must be "1", not ${JSON.stringify(version)}`);
  }
  if (command.get('apiStrict') !== true) return;
  if (!versionOne.has(name)) {
    throw new ServerError(
      323,
      `Provided apiStrict:true, but the command ${name} is not in API Version 1.`,
    );
  }
  const stages = command.get('pipeline');
  for (const stage of Array.isArray(stages) ? stages : []) {
    const [stageName = ''] = isDocument(stage) ? stage.keys() : [];
    if (stagesOutside.has(stageName)) {
      throw new ServerError(323, `stage ${stageName} is not allowed with 'apiStrict: true'`);
    }
  }
}

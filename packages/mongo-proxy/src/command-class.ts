import type { Document } from 'mongodb';

/**
 * How a command may be repeated.
 *
 * - `read`: it changes nothing.
 * - `single`: a write that a server knows by its number.
 * - `many`: a write of many documents, which takes a transaction.
 * - `settled`: its end is the same however often it is sent.
 * - `once`: anything else: sent again only if it was refused or never left.
 * - `driver`: part of a cursor, session or transaction, or numbered by the caller.
 */
export type CommandClass = 'read' | 'single' | 'many' | 'settled' | 'once' | 'driver';

/** The commands of each class by name; all others are `once`. */
export const commandClasses: Readonly<Partial<Record<CommandClass, readonly string[]>>> = {
  read: [
    ...['aggregate', 'count', 'distinct', 'find', 'explain', 'listCollections', 'listDatabases'],
    ...['listIndexes', 'listCommands', 'hello', 'isMaster', 'ping', 'buildInfo', 'serverStatus'],
    ...['dbStats', 'collStats', 'dataSize', 'dbHash', 'validate', 'getParameter', 'getLog'],
    ...['getCmdLineOpts', 'hostInfo', 'connectionStatus', 'connPoolStats', 'currentOp', 'top'],
    ...['replSetGetStatus', 'replSetGetConfig', 'usersInfo', 'rolesInfo', 'whatsmyuri'],
    ...['getDefaultRWConcern', 'getClusterParameter', 'listShards', 'balancerStatus'],
  ],
  single: ['insert', 'findAndModify', 'update', 'delete', 'bulkWrite'],
  settled: [
    ...['create', 'createIndexes', 'collMod', 'dropIndexes', 'profile', 'setParameter'],
    ...['setDefaultRWConcern', 'planCacheClear', 'refreshSessions', 'endSessions', 'killSessions'],
  ],
  driver: ['getMore', 'killCursors', 'commitTransaction', 'abortTransaction', 'startSession'],
};

/** Errors that tell a repetition that the first sending had done it. */
export const settledCodes: Readonly<Record<string, number>> = {
  create: 48, // NamespaceExists
  dropIndexes: 27, // IndexNotFound
  dropUser: 11, // UserNotFound
};

const classOf = new Map<string, CommandClass>(
  Object.entries(commandClasses).flatMap(([kind, names]) =>
    names.map((name) => [name.toLowerCase(), kind as CommandClass] as const),
  ),
);

/** The class of a command by its first key and what decides beside it. */
export function commandClass(command: Document): CommandClass {
  const name = Object.keys(command)[0] ?? '';
  if ('txnNumber' in command || 'lsid' in command || command.writeConcern?.w === 0) return 'driver';
  const kind = classOf.get(name.toLowerCase()) ?? 'once';
  if (kind === 'single' && isMany(command)) return 'many';
  if (name === 'aggregate' && writesOut(command.pipeline)) return 'once';
  if (name === 'validate' && (command.repair || command.fixMultikey)) return 'once';
  if (name === 'explain') return 'read';
  return kind;
}

/** Whether a pipeline ends in `$out` or `$merge`. */
export function writesOut(pipeline: unknown): boolean {
  const last: unknown = Array.isArray(pipeline) ? pipeline.at(-1) : undefined;
  return typeof last === 'object' && last !== null && ('$out' in last || '$merge' in last);
}

function isMany({ updates, deletes, ops }: Document): boolean {
  const has = (list: unknown, test: (each: Document) => boolean): boolean =>
    Array.isArray(list) && list.some((each: unknown) => test((each ?? {}) as Document));
  return (
    has(updates, ({ multi }) => Boolean(multi)) ||
    has(deletes, ({ limit }) => Number(limit) !== 1) ||
    has(ops, ({ multi }) => Boolean(multi))
  );
}

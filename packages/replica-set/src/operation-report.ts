/** What is told of the commands that a member is at work on. */
import type { EncodableDocument } from './bson-document.ts';
import type { RunningOperation } from './running-operations.ts';

/** A command that runs, as `currentOp` and `$currentOp` tell it. */
export function describeOperation(
  { id, session, database, command, startedAt, namespace }: RunningOperation,
  now: Date,
): EncodableDocument {
  const [name = ''] = command.keys();
  const microseconds = Math.round((performance.now() - startedAt) * 1000);
  const shown = [...command].filter(([field]) => !field.startsWith('$'));
  return {
    type: 'op',
    desc: `conn${session.id}`,
    connectionId: session.id,
    client: session.address,
    appName: session.appName,
    active: true,
    currentOpTime: now.toISOString(),
    opid: id,
    secs_running: BigInt(Math.floor(microseconds / 1e6)),
    microsecs_running: BigInt(microseconds),
    op: operationKinds[name] ?? 'command',
    ns: namespace ?? `${database}.$cmd`,
    command: { ...Object.fromEntries(shown), $db: database },
    ...(name === 'createIndexes' && { msg: 'Index Build: scanning collection' }),
    numYields: 0,
    waitingForLock: false,
  };
}

const operationKinds: Readonly<Record<string, string>> = {
  find: 'query',
  getMore: 'getmore',
  insert: 'insert',
  update: 'update',
  delete: 'remove',
};

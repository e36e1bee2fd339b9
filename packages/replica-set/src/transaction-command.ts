/** Commands inside a multi-document transaction: what they may ask for, and what an error does to it. */
import { Binary } from 'bson';
import { type EncodableDocument, isDocument } from './bson-document.ts';
import { type Command, type CommandContext, documentArgument } from './command.ts';
import { awaitReadTime } from './concern.ts';
import { ServerError } from './server-error.ts';
import { snapshotOf } from './snapshot.ts';
import type { Transaction, TransactionName } from './transaction.ts';

const statements: ReadonlySet<string> = new Set([
  'find',
  'aggregate',
  'distinct',
  'getMore',
  'killCursors',
  'insert',
  'update',
  'delete',
  'findAndModify',
  'findandmodify',
  'bulkWrite',
  'create',
  'createIndexes',
]);
const endings: ReadonlySet<string> = new Set(['commitTransaction', 'abortTransaction']);
const cannotBegin: ReadonlySet<string> = new Set(['getMore', 'killCursors']);
const levels: ReadonlySet<unknown> = new Set([undefined, 'local', 'majority', 'snapshot']);

/** True when a command says that it belongs to a transaction. */
export function isTransactional({ command }: CommandContext): boolean {
  return command.has('autocommit') || command.has('startTransaction');
}

/** Runs a command of a transaction; what fails in it aborts it. */
export async function runInTransaction(
  command: Command,
  context: CommandContext,
): Promise<EncodableDocument> {
  const { state } = context;
  const name = checkFields(context);
  state.replica.requirePrimary();
  if (endings.has(context.name)) return command.run(context);
  const transaction = await enter(context, name);
  try {
    const reply = await command.run({ ...context, store: transaction, transaction });
    await state.file.flushed();
    if ('writeErrors' in reply || Number(reply.nErrors ?? 0) > 0) state.sessions.abort(transaction);
    return reply;
  } catch (error) {
    state.sessions.abort(transaction);
    throw error;
  }
}

async function enter(context: CommandContext, name: TransactionName): Promise<Transaction> {
  const { state, command } = context;
  const concern = documentArgument(command, 'readConcern');
  if (command.get('startTransaction') !== true) {
    if (concern.size > 0) {
      throw new ServerError(
        72,
        'Only the first command in a transaction may specify a readConcern',
      );
    }
    return state.sessions.open(name);
  }
  const level = concern.get('level');
  let position: number;
  if (concern.has('atClusterTime')) ({ position } = await snapshotOf(context));
  else {
    await awaitReadTime(context);
    ({ position } = state.replica.end);
  }
  state.replica.requirePrimary();
  return state.sessions.begin(name, position, level === 'majority' || level === 'snapshot');
}

/** Refuses what MongoDB refuses in a transaction; returns which one it is. */
function checkFields(context: CommandContext): TransactionName {
  const { command, name } = context;
  const start = command.get('startTransaction');
  const txnNumber = command.get('txnNumber');
  if (txnNumber === undefined) {
    const field = start === undefined ? 'autocommit' : 'startTransaction';
    throw new ServerError(
      72,
      `'${field}' field requires a transaction number to also be specified`,
    );
  }
  if (!command.has('autocommit')) {
    throw new ServerError(
      72,
      "'startTransaction' field requires 'autocommit' field to also be specified",
    );
  }
  if (command.get('autocommit') !== false) {
    throw new ServerError(72, 'Specifying autocommit=true is not allowed.');
  }
  if (start !== undefined && start !== true) {
    throw new ServerError(72, 'Specifying startTransaction=false is not allowed.');
  }
  const lsid = command.get('lsid');
  const id = isDocument(lsid) ? lsid.get('id') : undefined;
  if (!(id instanceof Binary)) {
    throw new ServerError(72, 'Transaction number requires a session ID to also be specified');
  }
  checkCommand(context, start === true);
  checkConcerns(context);
  return { session: id.buffer.subarray(0, id.position), number: Number(txnNumber) };

  function checkCommand({ database }: CommandContext, begins: boolean): void {
    if (endings.has(name)) {
      if (database !== 'admin') {
        throw new ServerError(13, `${name} may only be run against the admin database.`);
      }
      if (begins) throw new ServerError(263, `Cannot start a transaction with ${name}`);
      return;
    }
    if (!statements.has(name)) {
      const advice =
        name === 'count'
          ? ' Please use $count or $group in an aggregation, as countDocuments of drivers does.'
          : '';
      throw new ServerError(263, `Cannot run '${name}' in a multi-document transaction.${advice}`);
    }
    if (begins && cannotBegin.has(name)) {
      throw new ServerError(263, `Cannot start a transaction with a ${name}`);
    }
    if (internal.has(database) && !cannotBegin.has(name) && name !== 'bulkWrite') {
      throw new ServerError(
        263,
        `Cannot perform data operation on namespace ${database}.${String(command.get(name))} in a multi-document transaction.`,
      );
    }
  }
}

const internal: ReadonlySet<string> = new Set(['admin', 'config', 'local']);

function checkConcerns({ command, name }: CommandContext): void {
  if (command.has('writeConcern') && !endings.has(name)) {
    throw new ServerError(72, 'writeConcern is not allowed within a multi-statement transaction');
  }
  const concern = documentArgument(command, 'readConcern');
  if (concern.size > 0 && endings.has(name)) {
    throw new ServerError(72, `${name} does not support a readConcern`);
  }
  if (!levels.has(concern.get('level'))) {
    throw new ServerError(
      72,
      "The readConcern level must be either 'local' (default), 'majority' or 'snapshot' in order to run in a transaction",
    );
  }
}

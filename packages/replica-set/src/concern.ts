/** Read and write concerns: what a reply has to wait for. */
import { Timestamp } from 'bson';
import { type BsonDocument, type EncodableDocument, isDocument } from './bson-document.ts';
import type { CommandContext } from './command.ts';
import { documentArgument, numberArgument } from './command.ts';
import type { LogEnd } from './replica-log.ts';
import { ServerError } from './server-error.ts';

/** Waits for a write's members; the answer is the reply's `writeConcernError`, if any. */
export async function awaitWriteConcern(
  { state, command }: CommandContext,
  end: LogEnd,
): Promise<EncodableDocument | undefined> {
  const concern = documentArgument(command, 'writeConcern');
  const w = concern.get('w') ?? 'majority';
  if (typeof w === 'string' && w !== 'majority') {
    return concernError(
      79,
      `No write concern mode named '${w}' found in replica set configuration`,
    );
  }
  const members = w === 'majority' ? w : Number(w);
  if (members !== 'majority' && members > state.addresses.length) {
    return concernError(100, 'Not enough data-bearing nodes');
  }
  await state.file.flushed();
  if (members !== 'majority' && members <= 1) return undefined;
  const limit = numberArgument(concern, 'wtimeout') ?? 0;
  const done = await state.replica.acknowledged(
    end,
    members,
    limit > 0 ? limit : Number.POSITIVE_INFINITY,
  );
  if (done) return undefined;
  return concernError(64, 'waiting for replication timed out', { wtimeout: true });
}

function concernError(
  code: number,
  errmsg: string,
  errInfo?: EncodableDocument,
): EncodableDocument {
  const { codeName } = new ServerError(code, errmsg);
  return { code, codeName, errmsg, ...(errInfo && { errInfo }) };
}

const levels = new Set(['local', 'available', 'majority', 'linearizable', 'snapshot']);

/** Waits, before a read, until this member has what the client has seen already. */
export async function awaitReadTime(context: CommandContext): Promise<void> {
  const concern = documentArgument(context.command, 'readConcern');
  levelOf(concern);
  const after = concern.get('afterClusterTime');
  if (!(after instanceof Timestamp)) return;
  const time = { seconds: after.high >>> 0, increment: after.low >>> 0 };
  const { replica } = context.state;
  if (replica.isPrimary && later(time, replica.end)) {
    replica.appendNote('clock');
  }
  const reached = await replica.reached(time, timeLimit(context));
  if (!reached) throw new ServerError(50, 'operation exceeded time limit');
}

function later(a: { seconds: number; increment: number }, b: LogEnd): boolean {
  return a.seconds > b.seconds || (a.seconds === b.seconds && a.increment > b.increment);
}

/** Waits, after a read, until what it saw is as safe as its read concern promises. */
export async function awaitReadConcern(context: CommandContext): Promise<void> {
  const { state, command } = context;
  const { replica } = state;
  const level = levelOf(documentArgument(command, 'readConcern'));
  // What the read saw, noted at once: the log may be another one when it is on the disk.
  let { end } = replica;
  if (level === 'linearizable') {
    replica.requirePrimary();
    end = replica.appendNote('linearizable read');
  }
  await state.file.flushed();
  if (level === 'local' || level === 'available') return;
  const settled = await replica.settled(end, timeLimit(context));
  if (!settled) throw new ServerError(50, 'operation exceeded time limit');
}

function levelOf(concern: BsonDocument): string {
  const level = concern.get('level') ?? 'local';
  if (typeof level !== 'string' || !levels.has(level)) {
    throw new ServerError(9, `readConcern level '${String(level)}' is not there`);
  }
  return level;
}

function timeLimit({ command }: CommandContext): number {
  const limit = numberArgument(command, 'maxTimeMS') ?? 0;
  return limit > 0 ? limit : Number.POSITIVE_INFINITY;
}

/** True when the client takes a secondary's answer. */
export function allowsSecondary(command: BsonDocument): boolean {
  const preference = command.get('$readPreference');
  return isDocument(preference) && preference.get('mode') !== 'primary';
}

/** Read and write concerns: what a reply has to wait for. */
import { Timestamp } from 'bson';
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
} from './bson-document.ts';
import { isNumber, toDouble, typeName } from './bson-order.ts';
import { timeOf } from './cluster-time.ts';
import { type CommandContext, documentArgument, numberArgument } from './command.ts';
import type { TagCounts } from './member-settings.ts';
import type { MemberState } from './member-state.ts';
import type { LogEnd } from './operation.ts';
import { ServerError } from './server-error.ts';

/** Waits for a write's members; the answer is the reply's `writeConcernError`, if any. */
export async function awaitWriteConcern(
  { state, command }: CommandContext,
  end: LogEnd,
): Promise<EncodableDocument | undefined> {
  const concern = documentArgument(command, 'writeConcern');
  const w = parseW(concern);
  const goal = typeof w === 'string' && w !== 'majority' ? modeOf(state, w) : w;
  if (goal === undefined) {
    return concernError(
      79,
      `No write concern mode named '${w}' found in replica set configuration`,
    );
  }
  if (!state.replica.couldAcknowledge(goal)) {
    return concernError(100, 'Not enough data-bearing nodes');
  }
  await state.file.flushed();
  if (typeof goal === 'number' && goal <= 1) return undefined;
  const limit = numberArgument(concern, 'wtimeout') ?? 0;
  const done = await state.replica.acknowledged(
    end,
    goal,
    limit > 0 ? limit : Number.POSITIVE_INFINITY,
  );
  if (done) return undefined;
  return concernError(64, 'waiting for replication timed out', { wtimeout: true });
}

function modeOf({ config: { writeConcernModes = {} } }: MemberState, name: string) {
  return Object.hasOwn(writeConcernModes, name) ? writeConcernModes[name] : undefined;
}

/** Refuses, before anything is written, a write concern that is none (9). */
export function requireWriteConcern({ command }: CommandContext): void {
  parseW(documentArgument(command, 'writeConcern'));
}

/** Throws 72 for a write concern of a command that does not write. */
export function refuseWriteConcern({ command }: CommandContext): void {
  if (!command.has('writeConcern')) return;
  throw new ServerError(72, 'Command does not support writeConcern');
}

/** A number of members, the name of a mode, or how many values of each tag. */
function parseW(concern: BsonDocument): number | string | TagCounts {
  const w = concern.get('w') ?? 'majority';
  if (typeof w === 'string') return w;
  if (isNumber(w)) {
    const members = toDouble(w);
    if (members >= 0 && members <= 50) return Math.trunc(members);
    throw new ServerError(
      9,
      'w has to be a non-negative number and not greater than 50; found: '.concat(String(members)),
    );
  }
  if (!isDocument(w)) {
    throw new ServerError(9, `w has to be a number, string, or object; found: ${typeName(w)}`);
  }
  if (w.size === 0) throw new ServerError(9, 'tagged write concern requires tags');
  const counts = [...w].map(([tag, count]) => {
    if (isNumber(count)) return [tag, toDouble(count)] as const;
    throw new ServerError(
      9,
      `tags must be a single level document with only number values; found: ${tag}`,
    );
  });
  return Object.fromEntries(counts);
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
  const time = timeOf(after);
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

const preferences: ReadonlySet<BsonValue> = new Set([
  'primary',
  'primaryPreferred',
  'secondary',
  'secondaryPreferred',
  'nearest',
]);

/** Throws 9 for a read preference that is none. */
export function requireReadPreference(command: BsonDocument): void {
  const preference = command.get('$readPreference');
  if (!isDocument(preference) || preferences.has(preference.get('mode'))) return;
  throw new ServerError(
    9,
    `Could not parse $readPreference mode '${String(preference.get('mode'))}'. Only the modes 'primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', and 'nearest' are supported.`,
  );
}

/** True when the client takes a secondary's answer. */
export function allowsSecondary(command: BsonDocument): boolean {
  const preference = command.get('$readPreference');
  return isDocument(preference) && preference.get('mode') !== 'primary';
}

/** Throws 72 for a read concern that a command which writes cannot have outside a transaction. */
export function refuseReadConcern({ command, name }: CommandContext): void {
  const level = documentArgument(command, 'readConcern').get('level') ?? 'local';
  if (command.has('autocommit') || level === 'local') return;
  if (name === 'aggregate' && level !== 'linearizable' && level !== 'snapshot') return;
  throw new ServerError(
    72,
    `Command ${name} does not support { readConcern: { level: "${String(level)}" } }`,
  );
}

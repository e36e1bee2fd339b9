/** Read concern `snapshot`: which position of the log a read sees, and reads outside transactions at it. */
import { Timestamp } from 'bson';
import { type EncodableDocument, isDocument } from './bson-document.ts';
import { timestampOf } from './cluster-time.ts';
import { type Command, type CommandContext, documentArgument, numberArgument } from './command.ts';
import { awaitReadTime } from './concern.ts';
import type { LogTime } from './operation.ts';
import { ServerError } from './server-error.ts';
import { SnapshotStore } from './store.ts';

interface Snapshot {
  readonly position: number;
  readonly time: Timestamp;
}

/** The read commands that can be asked for a snapshot outside transactions. */
const snapshotCommands: ReadonlySet<string> = new Set(['find', 'aggregate', 'distinct']);

export function wantsSnapshot({ command }: CommandContext): boolean {
  const concern = command.get('readConcern');
  return isDocument(concern) && concern.get('level') === 'snapshot';
}

/** Runs a read at a snapshot that a majority has; the reply tells of which time it is. */
export async function runAtSnapshot(
  command: Command,
  context: CommandContext,
): Promise<EncodableDocument> {
  const { state, name } = context;
  if (!snapshotCommands.has(name)) throw notSupported(name);
  const { position, time } = await snapshotOf(context);
  const reply = await command.run({ ...context, store: new SnapshotStore(state, position) });
  if (!('cursor' in reply)) return { ...reply, atClusterTime: time };
  return { ...reply, cursor: { ...(reply.cursor as EncodableDocument), atClusterTime: time } };
}

function notSupported(name: string): ServerError {
  return new ServerError(
    72,
    `Command ${name} does not support { readConcern: { level: "snapshot" } }`,
  );
}

/**
 * The snapshot that a command asks for: that of `atClusterTime`, or the newest
 * there is; waits until a majority has it.
 *
 * Throws 239 when the log no longer goes back to that time, 72 for a time that
 * has not come.
 */
export async function snapshotOf(context: CommandContext): Promise<Snapshot> {
  const { log, replica } = context.state;
  const concern = documentArgument(context.command, 'readConcern');
  const at = concern.get('atClusterTime');
  if (at instanceof Timestamp) {
    const time = { seconds: at.high >>> 0, increment: at.low >>> 0 };
    const position = await positionAt(context, time);
    await settle(context, position);
    return { position, time: at };
  }
  await awaitReadTime(context);
  // A member that has just started has yet to learn what a majority has.
  await settle(context, concern.has('afterClusterTime') ? replica.end.position : log.start + 1);
  const position = replica.standing.committed;
  const entry = log.history.pointAt(position);
  if (entry === undefined) {
    throw new ServerError(246, 'Unable to read from a snapshot: none is there yet');
  }
  return { position, time: timestampOf(entry) };
}

async function positionAt(context: CommandContext, time: LogTime): Promise<number> {
  const { log, replica } = context.state;
  const isAhead = () => isLater(time, replica.end);
  if (isAhead() && replica.isPrimary) {
    replica.appendNote('clock');
    if (isAhead()) {
      throw new ServerError(
        72,
        "readConcern value 'atClusterTime' must not be greater than the current clusterTime",
      );
    }
  }
  if (!(await replica.reached(time, limitOf(context)))) throw timeIsUp();
  const { position } = log.history.lastBefore(
    { seconds: time.seconds, increment: time.increment + 1 },
    log.start,
    replica.end.position,
  );
  if (position <= log.start && log.start > 0) {
    throw new ServerError(
      239,
      'Read timestamp is older than the oldest available timestamp: the log no longer goes back to it',
    );
  }
  return position;
}

async function settle(context: CommandContext, position: number): Promise<void> {
  const { log, replica } = context.state;
  const point = { position, term: log.termAt(position) };
  if (!(await replica.settled(point, limitOf(context)))) throw timeIsUp();
}

function isLater(a: LogTime, b: LogTime): boolean {
  return a.seconds > b.seconds || (a.seconds === b.seconds && a.increment > b.increment);
}

function limitOf({ command }: CommandContext): number {
  return numberArgument(command, 'maxTimeMS') || Number.POSITIVE_INFINITY;
}

function timeIsUp(): ServerError {
  return new ServerError(50, 'operation exceeded time limit');
}

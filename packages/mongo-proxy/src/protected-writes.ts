import {
  type ClientSession,
  type Collection,
  type CommandOperationOptions,
  type MongoClient,
  type OperationOptions,
  WriteConcern,
  type WriteConcernOptions,
} from 'mongodb';
import { type NumberedOptions, NumberedWrite } from './numbered-write.ts';
import { noteWrite, type ReplyTimes, startObservedSession } from './own-writes.ts';
import type { CallOptions, Patience } from './patience.ts';

/** The part of a write's options that decides how it is protected. */
export type WriteOptions = OperationOptions &
  WriteConcernOptions &
  CallOptions &
  Pick<CommandOperationOptions, 'explain'>;

/**
 * Whether a write with these options is the driver's own affair: in a transaction, which is
 * repeated as a whole; when nobody acknowledges it (`w: 0`); when it is only explained; and in a
 * session with which the driver refuses writes.
 */
export function isLeftAlone(
  owner: Pick<Collection, 'writeConcern'>,
  options: WriteOptions,
): boolean {
  const { session, explain } = options;
  const writeConcern = WriteConcern.fromOptions(options) ?? owner.writeConcern;
  return (
    writeConcern?.w === 0 ||
    (explain !== undefined && explain !== null) ||
    (session !== undefined &&
      (session.inTransaction() || session.hasEnded || session.snapshotEnabled))
  );
}

/** Sends one write command until it is answered; `isNumbered` where servers know its repetition. */
export async function protectedWrite<T>(
  patience: Patience,
  operation: string,
  client: MongoClient,
  isNumbered: boolean,
  options: WriteOptions,
  send: (options: NumberedOptions) => Promise<T>,
): Promise<T> {
  const numbered = isNumbered && client.options.retryWrites;
  let times: ReplyTimes = {};
  const session = startObservedSession(client, (told) => {
    times = told;
  });
  const write = new NumberedWrite(operation, patience, session, numbered, send);
  try {
    const result = await patience.run(operation, write, options);
    noteWrite(client, times);
    if (options.session) advance(options.session, times);
    return result;
  } finally {
    write.end();
  }
}

/** What happened in a session of ours counts as if it had happened in the caller's. */
export function advance(session: ClientSession, { operationTime, clusterTime }: ReplyTimes): void {
  if (operationTime) session.advanceOperationTime(operationTime);
  if (clusterTime?.signature) session.advanceClusterTime(clusterTime);
}

import type { CommandStartedEvent, Document, MongoClient } from 'mongodb';

/** One write command as it left the client. */
export interface SentWrite {
  readonly name: string;
  readonly session: string;
  /** Absent when it left without one. */
  readonly txnNumber: string | undefined;
}

const writes = ['insert', 'update', 'delete', 'findAndModify', 'bulkWrite'];

/** The write commands a client sends from now on; it must have been made with `monitorCommands`. */
export function watchWrites(client: MongoClient): SentWrite[] {
  const sent: SentWrite[] = [];
  client.on('commandStarted', ({ commandName, command }: CommandStartedEvent) => {
    if (!writes.includes(commandName)) return;
    const { lsid, txnNumber }: Document = command;
    sent.push({
      name: commandName,
      session: lsid?.id.toString('hex') ?? '',
      txnNumber: txnNumber?.toString(),
    });
  });
  return sent;
}

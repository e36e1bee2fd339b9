import { type Document, Long, type MongoClient, type RunCommandOptions } from 'mongodb';
import { driverOptions } from './call.ts';
import { commandClass, settledCodes } from './command-class.ts';
import { manyWrite } from './many-write.ts';
import type { CallOptions, Patience } from './patience.ts';
import { protectedRead } from './protected-reads.ts';
import { protectedWrite } from './protected-writes.ts';
import { settledOperation } from './settled-operation.ts';
import { transactionStep } from './transaction-step.ts';

type Send = (command: Document, options: RunCommandOptions) => Promise<Document>;

/** A raw command, repeated as its class allows. */
export async function protectedCommand(
  patience: Patience,
  client: MongoClient,
  command: Document,
  options: RunCommandOptions & CallOptions,
  send: Send,
): Promise<Document> {
  const name = Object.keys(command)[0] ?? 'command';
  const rest = driverOptions(options);
  const plainly = () => send(command, rest);
  if (options.session?.inTransaction()) return transactionStep(patience, plainly);
  const many = () => {
    const { writeConcern, ...within } = command;
    const owner = { writeConcern: writeConcern ?? client.writeConcern };
    return manyWrite(patience, name, client, owner, options, (session) =>
      send(session.inTransaction() ? within : command, { ...rest, session }),
    );
  };
  switch (commandClass(command)) {
    case 'driver':
      return plainly();
    case 'read':
      return protectedRead(patience, name, plainly, options);
    case 'settled': {
      const settlement = { doneCode: settledCodes[name], done: () => ({ ok: 1 }) };
      return settledOperation(patience, name, options, plainly, settlement);
    }
    case 'many':
      return many();
    case 'single':
      return protectedWrite(
        patience,
        name,
        client,
        true,
        options,
        ({ session, willRetryWrite }) => {
          const txnNumber = Long.fromNumber(session.serverSession.txnNumber);
          return send(willRetryWrite ? { ...command, txnNumber } : command, { ...rest, session });
        },
      );
    case 'once':
      return protectedWrite(patience, name, client, false, options, ({ session }) =>
        send(command, { ...rest, session }),
      );
  }
}

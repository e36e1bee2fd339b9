/** Every command by the name it has on the wire. */
import type { EncodableDocument } from '../bson-document.ts';
import type { Command } from '../command.ts';
import { aggregate } from './aggregate.ts';
import { bulkWrite } from './bulk-write.ts';
import { catalogCommands } from './catalog-commands.ts';
import { explain } from './explain-command.ts';
import { findAndModify } from './find-and-modify.ts';
import { handshakeCommands } from './handshake-commands.ts';
import { indexCommands } from './index-commands.ts';
import { operationCommands } from './operation-commands.ts';
import { parameterCommands } from './parameter-commands.ts';
import { readCommands } from './read-commands.ts';
import { refusedCommands } from './refused-commands.ts';
import { searchCommands } from './search-commands.ts';
import { serverCommands } from './server-commands.ts';
import { sessionCommands } from './session-commands.ts';
import { setCommands } from './set-commands.ts';
import { statisticsCommands } from './statistics-commands.ts';
import { writeCommands } from './write-commands.ts';

export const commands: ReadonlyMap<string, Command> = new Map<string, Command>(
  Object.entries({
    ...catalogCommands,
    ...handshakeCommands,
    ...indexCommands,
    ...operationCommands,
    ...parameterCommands,
    ...readCommands,
    ...refusedCommands,
    ...searchCommands,
    ...serverCommands,
    ...sessionCommands,
    ...setCommands,
    ...statisticsCommands,
    ...writeCommands,
    listCommands: {
      kind: 'any',
      open: true,
      run: () => ({ commands: describeCommands(), ok: 1 }),
    },
    aggregate,
    bulkWrite,
    explain,
    findAndModify,
    findandmodify: findAndModify,
  }),
);

function describeCommands(): EncodableDocument {
  const shown = [...commands].filter(([, { internal }]) => internal !== true);
  return Object.fromEntries(
    shown.map(([name, { kind, open = false }]) => [
      name,
      { help: '', requiresAuth: !open, secondaryOk: kind !== 'write' },
    ]),
  );
}

/** Every command by the name it has on the wire. */
import type { Command } from '../command.ts';
import { catalogCommands } from './catalog-commands.ts';
import { findAndModify } from './find-and-modify.ts';
import { handshakeCommands } from './handshake-commands.ts';
import { readCommands } from './read-commands.ts';
import { serverCommands } from './server-commands.ts';
import { setCommands } from './set-commands.ts';
import { writeCommands } from './write-commands.ts';

export const commands: ReadonlyMap<string, Command> = new Map<string, Command>(
  Object.entries({
    ...catalogCommands,
    ...handshakeCommands,
    ...readCommands,
    ...serverCommands,
    ...setCommands,
    ...writeCommands,
    findAndModify,
    findandmodify: findAndModify,
  }),
);

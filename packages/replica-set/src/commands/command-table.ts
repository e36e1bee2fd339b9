/** Every command by the name it has on the wire. */
import type { Command } from '../command.ts';
import * as catalog from './catalog-commands.ts';
import { findAndModify } from './find-and-modify.ts';
import * as handshake from './handshake-commands.ts';
import * as read from './read-commands.ts';
import * as server from './server-commands.ts';
import * as set from './set-commands.ts';
import * as write from './write-commands.ts';

export const commands: ReadonlyMap<string, Command> = new Map<string, Command>(
  Object.entries({
    ...catalog,
    ...handshake,
    ...read,
    ...server,
    ...set,
    ...write,
    findAndModify,
    findandmodify: findAndModify,
    isMaster: handshake.hello,
    ismaster: handshake.hello,
    buildinfo: server.buildInfo,
  }),
);

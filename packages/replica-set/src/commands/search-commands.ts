/** Search indexes, which are a service of MongoDB Atlas: this server answers as any other without it. */
import type { Command } from '../command.ts';
import { searchNotEnabled } from '../stage/refused.ts';

const refused: Command = {
  kind: 'write',
  run() {
    throw searchNotEnabled();
  },
};

export const searchCommands: Readonly<Record<string, Command>> = {
  createSearchIndexes: refused,
  dropSearchIndex: refused,
  updateSearchIndex: refused,
};

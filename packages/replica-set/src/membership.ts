/**
 * What a member's file tells of its part in the set.
 *
 * A set is founded once, before its first vote, by members whose files are all
 * new. A file that is new in a set that has begun stands for one that was lost,
 * and with it the votes and the writes that its member promised to remember.
 */
import type { DatabaseFile } from './database-file.ts';

export interface Membership {
  /** - `new`: never part of a set; `founder`: of one without a vote yet; `begun`: of one that has voted. */
  readonly stage: 'new' | 'founder' | 'begun';
  /** How many members the set has; nothing when the file does not tell. */
  readonly members: number | undefined;
}

export function readMembership(file: DatabaseFile): Membership {
  const fact = (name: string) =>
    file.statement('select value from facts where name = ?').get(name)?.value;
  const members = fact('members');
  // A vote alone shows nothing: a member that lost its file keeps the terms that it hears of.
  if (members === undefined) return { stage: 'new', members: undefined };
  return {
    stage: fact('ballot') === undefined ? 'founder' : 'begun',
    members: Number(members) || undefined,
  };
}

/** Writes down that this file is of a set of so many members; it is synced when this returns. */
export function found(file: DatabaseFile, members: number): void {
  file.writeAtomically(() => {
    file
      .statement("insert or replace into facts (name, value) values ('members', ?)")
      .run(String(members));
  });
  file.flushNow();
}

/** The term and the vote of a member: on the disk before anybody hears of them. */
import type { DatabaseFile } from './database-file.ts';

export class Ballot {
  readonly #file: DatabaseFile;
  #term = 0;
  #votedFor: number | undefined;

  constructor(file: DatabaseFile) {
    this.#file = file;
    const row = file.statement("select value from facts where name = 'ballot'").get();
    if (row === undefined) return;
    const { term, votedFor } = JSON.parse(String(row.value)) as { term: number; votedFor?: number };
    this.#term = term;
    this.#votedFor = votedFor;
  }

  get term(): number {
    return this.#term;
  }

  /** The member that has this member's vote in this term. */
  get votedFor(): number | undefined {
    return this.#votedFor;
  }

  /** Enters a term, with a vote or without; it is synced when this returns. */
  enter(term: number, votedFor: number | undefined): void {
    this.#file.writeAtomically(() => {
      this.#file
        .statement("insert or replace into facts (name, value) values ('ballot', ?)")
        .run(JSON.stringify({ term, votedFor }));
    });
    this.#file.flushNow();
    this.#term = term;
    this.#votedFor = votedFor;
  }
}

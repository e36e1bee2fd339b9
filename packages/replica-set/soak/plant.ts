/** Bugs that a soak has to find: texts of a source and what stands there instead. */

export interface Plant {
  /** Of the file in `src`. */
  readonly file: string;
  readonly changes: readonly { readonly text: string; readonly by: string }[];
}

export const plants: Readonly<Record<string, Plant>> = {
  'acknowledge-before-sync': {
    file: 'database-file.ts',
    changes: [
      {
        text: `    setImmediate(() => {
      try {
        this.flushNow();`,
        by: `    setImmediate(() => {
      this.#settle();
      this.#watcher.committed();
      setImmediate(() => {
        try {
          this.flushNow();
        } catch {}
      });
      if (this.#open) return;
      try {
        this.flushNow();`,
      },
    ],
  },
  'record-outside-commit': {
    file: 'replica-log.ts',
    changes: [
      {
        text: `      if (record !== undefined) this.#records.write(position, seconds, record, this.#settled);
`,
        by: '',
      },
      {
        text: `    this.#recent.add(entry);
`,
        by: `    this.#recent.add({ ...entry, record: undefined });
    if (record === undefined) return;
    setImmediate(() => {
      setImmediate(() => {
        this.#file.writeAtomically(() => {
          this.#records.write(position, seconds, record, this.#settled);
        });
      });
    });
`,
      },
    ],
  },
  'vote-not-persisted': {
    file: 'ballot.ts',
    changes: [
      {
        text: `    this.#file.writeAtomically(() => {
      this.#file
        .statement("insert or replace into facts (name, value) values ('ballot', ?)")
        .run(JSON.stringify({ term, votedFor }));
    });
    this.#file.flushNow();
`,
        by: '',
      },
    ],
  },
  'majority-served-local': {
    file: 'concern.ts',
    changes: [
      {
        text: "if (level === 'local' || level === 'available') return;",
        by: "if (level !== 'linearizable') return;",
      },
    ],
  },
  'no-conflict-check': {
    file: 'transaction.ts',
    changes: [
      {
        text: `    if (base.past.has(record)) throw writeConflict();
    this.#take(held.document`,
        by: '    this.#take(held.document',
      },
    ],
  },
  'torn-transaction': {
    file: 'sessions.ts',
    changes: [
      {
        text: `      const end =
        operations.length === 0`,
        by: `      const [first, ...rest] = operations;
      if (rest.length > 0) {
        const before = replica.append(first);
        setImmediate(() => {
          setImmediate(() => {
            for (const operation of rest) replica.append(operation);
          });
        });
        this.#end(transaction, 'committed', before);
        return;
      }
      const end =
        operations.length === 0`,
      },
    ],
  },
};

/**
 * The source with the bug in it.
 *
 * @throws {Error} when a text is not there exactly once: then the source has changed, and the plant must too
 */
export function planted(name: string, { file, changes }: Plant, source: string): string {
  return changes.reduce((changed, { text, by }) => {
    const [before = '', after, ...more] = changed.split(text);
    if (after === undefined || more.length > 0) {
      const count = after === undefined ? 0 : more.length + 1;
      throw new Error(`${name}: src/${file} holds the text to replace ${count} times: ${text}`);
    }
    return before + by + after;
  }, source);
}

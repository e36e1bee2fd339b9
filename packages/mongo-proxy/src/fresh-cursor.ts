import type { AbstractCursor, ClientSession } from 'mongodb';
import type { FreshRead } from './fresh-read.ts';
import { recordRead } from './read-explanation.ts';

/** The methods of a cursor that ask the server; all its other ways of reading go through them. */
const asking = ['next', 'hasNext', 'tryNext'] as const;

/**
 * Lets a cursor that was made with the options of `read` ask by it; returns the same cursor.
 *
 * The read's session lasts until the server has given the last batch, the cursor is closed, or an
 * attempt has failed for good. A cursor that is rewound, and a clone, get another one.
 */
export function freshCursor<C extends AbstractCursor>(cursor: C, read: FreshRead): C {
  recordRead(cursor, read.record);
  let underWay = 0;
  const isOpened = () => cursor.id !== undefined;
  const isOver = () => cursor.closed || cursor.id?.isZero() === true;

  for (const name of asking) {
    const ask = cursor[name].bind(cursor) as () => Promise<unknown>;
    const value = async (): Promise<unknown> => {
      if (!isOpened() && !cursor.closed && underWay === 0) begin(cursor, read);
      underWay += 1;
      try {
        return await read.ask(ask, isOpened);
      } finally {
        underWay -= 1;
        if (underWay === 0 && isOver()) await read.end();
      }
    };
    Object.defineProperty(cursor, name, { value, writable: true, configurable: true });
  }
  // While it is asked it may be closed by a failure, rewound and asked again.
  cursor.on('close', () => {
    if (underWay === 0) void read.end();
  });
  const clone = cursor.clone.bind(cursor);
  const value = () => freshCursor(clone(), read.again());
  Object.defineProperty(cursor, 'clone', { value, writable: true, configurable: true });
  return cursor;
}

/** Not in the driver's published types: which session a cursor asks in, unless it is its own. */
function begin(cursor: AbstractCursor, read: FreshRead): void {
  read.record.isAnswered = false;
  (cursor as unknown as { session: ClientSession }).session = read.session;
  read.record.readPreference = cursor.readPreference;
  read.record.readConcern = cursor.readConcern;
}

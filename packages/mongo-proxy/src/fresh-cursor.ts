import type { AbstractCursor } from 'mongodb';
import { type CursorInside, hook, inherited, insideOf } from './cursor-inside.ts';
import type { FreshRead } from './fresh-read.ts';
import { recordRead } from './read-explanation.ts';

/**
 * Lets a cursor that was made with the options of `read` ask by it; returns the same cursor.
 *
 * The read's session begins with the cursor's first request and ends with the cursor, which closes
 * itself with its last batch and when it fails. A cursor that is rewound asks by the same read, a
 * clone by another one.
 */
export function freshCursor<C extends AbstractCursor>(cursor: C, read: FreshRead): C {
  recordRead(cursor, read.record);
  const inside = insideOf<CursorInside>(cursor);
  const clone = cursor.clone.bind(cursor);
  hook(inside, {
    cursorInit: () => {
      read.record.isAnswered = false;
      read.record.readPreference = cursor.readPreference;
      read.record.readConcern = cursor.readConcern;
      inside.cursorSession = read.session;
      return read.ask(() => inherited(inside).cursorInit.call(inside));
    },
    clone: () => freshCursor(clone(), read.again()),
  });
  cursor.on('close', () => void read.end());
  return cursor;
}

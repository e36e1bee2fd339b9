/** How a lock's document changed: who was granted the lock, and who holds it no longer. */
import type { Document } from 'mongodb';

/** One who holds the lock. Times are by the server's clock, in milliseconds. */
export interface Holder {
  readonly owner: string;
  readonly token: number;
  readonly timestamp: number;
  readonly expiresAt: number;
}

/** What of a lock's document is looked at; `status` shows the same. */
export interface LockState {
  /** That of the last grant. */
  readonly token: number;
  readonly holders: readonly Holder[];
}

export interface LockChange extends LockState {
  readonly kind: 'lock';
  readonly seenAt: number;
  readonly name: string;
  readonly granted: Holder | undefined;
  /** As they were before. */
  readonly ended: readonly Holder[];
}

/** What is new in a lock's state; nothing when that is the same. */
export function changeOf(
  name: string,
  seenAt: number,
  before: LockState | undefined,
  after: LockState,
): LockChange | undefined {
  const { token: last, holders: old } = before ?? { token: 0, holders: [] };
  const isIn = (holders: readonly Holder[]) => {
    const tokens = new Set(holders.map(({ token }) => token));
    return ({ token }: Holder) => tokens.has(token);
  };
  const wasThere = isIn(old);
  const isThere = isIn(after.holders);
  const granted = after.holders.find((holder) => !wasThere(holder));
  const ended = old.filter((holder) => !isThere(holder));
  const isRenewed = after.holders.some(({ token, expiresAt }) => {
    return old.some((each) => each.token === token && each.expiresAt !== expiresAt);
  });
  if (after.token === last && !granted && ended.length === 0 && !isRenewed) return undefined;
  return { kind: 'lock', seenAt, name, granted, ended, ...after };
}

/** The state that a lock's document tells of. */
export function stateOf({ token, holders = [] }: Document): LockState {
  return {
    token: Number(token ?? 0),
    holders: (holders as Document[]).map((holder) => ({
      owner: String(holder.owner),
      token: Number(holder.token),
      timestamp: (holder.timestamp as Date).getTime(),
      expiresAt: (holder.expiresAt as Date).getTime(),
    })),
  };
}

/** Brings a document to where an event of a change stream says that it is. */
export function follow(document: Document, event: Document): void {
  const { updatedFields = {}, removedFields = [], truncatedArrays = [] } = event.updateDescription;
  for (const { field, newSize } of truncatedArrays) {
    const [parent, name] = placeOf(document, field);
    (parent[name] as unknown[]).length = newSize;
  }
  for (const path of removedFields as string[]) {
    const [parent, name] = placeOf(document, path);
    delete parent[name];
  }
  for (const [path, value] of Object.entries(updatedFields)) {
    const [parent, name] = placeOf(document, path);
    parent[name] = value;
  }
}

/** The object or array that holds what lies at the path, and its name there. */
function placeOf(document: Document, path: string): [parent: Document, name: string] {
  const names = path.split('.');
  const name = names.pop() ?? '';
  return [names.reduce((parent: Document, each) => parent[each], document), name];
}

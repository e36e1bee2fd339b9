import { BSON, type Db, type Document, MongoServerError } from 'mongodb';
import type { NumberedOptions } from './numbered-write.ts';
import type { CallOptions, Patience } from './patience.ts';
import { protectedRead } from './protected-reads.ts';
import { protectedWrite, type WriteOptions } from './protected-writes.ts';
import { settledOperation } from './settled-operation.ts';

/** What tells a collection from another of the same name: its UUID; a view's is its definition. */
type Identity = string;

/** The collections of a database, by name. */
export type Identities = ReadonlyMap<string, Identity>;

/** What a look at the collections tells of an operation whose answer was lost. */
type Judgement = 'done' | 'not-done' | 'unknown';

/**
 * Repeats a drop or a rename without ever hitting a collection that somebody made in the meantime.
 *
 * Collections are looked at before the first sending; when an answer is lost, another look tells
 * whether it was done. Where looking is not allowed, the operation is sent once.
 */
export async function identifiedOperation<T>(
  patience: Patience,
  operation: string,
  db: Db,
  options: WriteOptions,
  send: (options?: NumberedOptions) => Promise<T>,
  judge: (before: Identities, now: Identities) => Judgement,
  done: () => T,
): Promise<T> {
  const look = () => identities(patience, db, options);
  let before: Identities;
  try {
    before = await look();
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    return protectedWrite(patience, operation, db.client, false, options, send);
  }
  const isDone = async (): Promise<boolean> => {
    const judgement = judge(before, await look());
    if (judgement === 'unknown') throw new Error('somebody else changed the collections meanwhile');
    return judgement === 'done';
  };
  return settledOperation(patience, operation, options, () => send(), { isDone, done });
}

async function identities(patience: Patience, db: Db, call: CallOptions): Promise<Identities> {
  const infos = await protectedRead(
    patience,
    'listCollections',
    () => db.listCollections().toArray(),
    call,
  );
  return new Map(infos.map((info: Document) => [info.name as string, identity(info)]));
}

function identity({ info, options }: Document): Identity {
  return info?.uuid?.toString('hex') ?? BSON.EJSON.stringify(options ?? {});
}

/** Of a drop: whether the collection looked at before is gone, or another has taken its name. */
export const isDropped =
  (name: string) =>
  (before: Identities, now: Identities): Judgement =>
    now.get(name) === before.get(name) && now.has(name) ? 'not-done' : 'done';

/** Of a whole database's drop, which may stop half-way and leave some of its collections. */
export function isAllDropped(before: Identities, now: Identities): Judgement {
  const known = new Set(before.values());
  const left = [...now.values()].filter((identity) => known.has(identity)).length;
  if (left === 0) return 'done';
  return left === now.size ? 'not-done' : 'unknown';
}

/** Of a rename: whether the collection looked at before goes by its new name, or still by its old. */
export const isRenamed =
  (from: string, to: string) =>
  (before: Identities, now: Identities): Judgement => {
    const renamed = before.get(from);
    if (renamed !== undefined && now.get(to) === renamed) return 'done';
    return now.get(from) === renamed ? 'not-done' : 'unknown';
  };

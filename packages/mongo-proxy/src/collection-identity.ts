import { BSON, type Db, type Document, MongoServerError } from 'mongodb';
import type { NumberedOptions } from './numbered-write.ts';
import type { CallOptions, Patience } from './patience.ts';
import { protectedRead } from './protected-reads.ts';
import { protectedWrite, type WriteOptions } from './protected-writes.ts';
import { type Settlement, settledOperation } from './settled-operation.ts';

/** What tells a collection from another of the same name: its UUID; a view's is its definition. */
type Identity = string;

/** The collections of a database, by name. */
export type Identities = ReadonlyMap<string, Identity>;

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
  isDone: (before: Identities, now: Identities) => boolean,
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
  const settlement: Settlement<T> = {
    doneCode: 26, // NamespaceNotFound
    isDone: async () => isDone(before, await look()),
    done,
  };
  return settledOperation(patience, operation, options, () => send(), settlement);
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

/** Whether the collection looked at before is gone, or another has taken its name. */
export const isDropped =
  (name: string) =>
  (before: Identities, now: Identities): boolean =>
    now.get(name) !== before.get(name);

/** Whether none of the collections looked at before is left. */
export function isAllDropped(before: Identities, now: Identities): boolean {
  const left = [...now.values()];
  return ![...before.values()].some((identity) => left.includes(identity));
}

/** Whether the collection looked at before goes by its new name. */
export const isRenamed =
  (from: string, to: string) =>
  (before: Identities, now: Identities): boolean =>
    before.has(from) && now.get(to) === before.get(from);

/** The collections that commands about them name. */
import type { Collection } from '../collection.ts';
import type { CommandContext } from '../command.ts';
import { ServerError } from '../server-error.ts';

/** Those of a database. */
export function collectionsOf(collections: Iterable<Collection>, database: string): Collection[] {
  return [...collections].filter(({ namespace }) => namespace.startsWith(`${database}.`));
}

/** Throws 26 for a collection that is not there. */
export function existingCollection({ state }: CommandContext, namespace: string): Collection {
  const collection = state.catalog.get(namespace);
  if (collection === undefined) throw new ServerError(26, `ns does not exist: ${namespace}`);
  return collection;
}

/** Which collation a command works with. */
import type { BsonValue } from './bson-document.ts';
import { Collator, collationArgument } from './collator.ts';
import type { CommandContext } from './command.ts';
import { ServerError } from './server-error.ts';

/**
 * The context with the collation that is asked for, or else with that of the collection.
 *
 * @throws {ServerError} 167 when another collation is asked for than a view has
 */
export function withCollation<T extends CommandContext>(
  context: T,
  namespace: string,
  argument: BsonValue = context.command.get('collation'),
): T {
  const settings = context.store.collection(namespace)?.settings;
  const collator = collationArgument(argument, settings?.collator);
  if (settings?.view !== undefined && !Collator.same(collator, settings.collator)) {
    throw new ServerError(167, `Cannot override the default collation of the view ${namespace}`);
  }
  return collator === context.collator ? context : { ...context, collator };
}

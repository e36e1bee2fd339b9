/** What the reading commands ask for. */
import type { BsonDocument } from '../bson-document.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import { documentArgument, numberArgument, textArgument, wholeArgument } from '../command.ts';
import { splitPath } from '../field-path.ts';
import type { Selection } from '../query.ts';
import { ServerError } from '../server-error.ts';

/** What `find` finds. */
export function findSelection(command: BsonDocument): Selection {
  const [min, max] = ['min', 'max'].map((name) => documentArgument(command, name));
  const given = documentArgument(command, 'sort');
  const natural = naturalOrder(given);
  const hint = command.get('hint');
  return {
    filter: documentArgument(command, 'filter'),
    sort: natural === undefined ? given : new Map(),
    skip: wholeArgument(command, 'skip') ?? 0,
    limit: wholeArgument(command, 'limit') ?? 0,
    hint: natural === undefined ? hint : new Map([['$natural', natural]]),
    ...(min?.size && { min }),
    ...(max?.size && { max }),
  };
}

/** 1 or -1 for a sort by `$natural`: the order of the records, whatever the indexes. */
function naturalOrder(sort: BsonDocument): number | undefined {
  const natural = sort.get('$natural');
  if (natural === undefined) return undefined;
  if (sort.size === 1 && isNumber(natural) && Math.abs(toDouble(natural)) === 1) {
    return toDouble(natural);
  }
  throw new ServerError(
    2,
    '$natural sort cannot be set to a value other than -1 or 1, and is alone',
  );
}

/** What `count` counts. */
export function countSelection(command: BsonDocument): Selection {
  return {
    filter: documentArgument(command, 'query'),
    limit: Math.abs(Math.trunc(numberArgument(command, 'limit') ?? 0)),
    skip: wholeArgument(command, 'skip') ?? 0,
    hint: command.get('hint'),
  };
}

/** The path whose values `distinct` tells, and of which documents. */
export function distinctSelection(command: BsonDocument): {
  readonly path: readonly string[];
  readonly selection: Selection;
} {
  const key = textArgument(command, 'key');
  if (key.includes('\0')) {
    throw new ServerError(31032, 'Key field cannot contain an embedded null byte');
  }
  const selection = { filter: documentArgument(command, 'query'), hint: command.get('hint') };
  return { path: splitPath(key), selection };
}

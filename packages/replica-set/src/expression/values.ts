/** What belongs to no family: chance, sizes, timestamps, metadata, and what this server does not do. */
import { Timestamp } from 'bson';
import { asDouble } from '../arithmetic.ts';
import { type BsonValue, isDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { ServerError } from '../server-error.ts';
import type { Operator, Operators } from './context.ts';
import { type ExpressionValue, isNullish, nameOf } from './evaluator.ts';
import { unary } from './operands.ts';

export const otherOperators: Operators = {
  $rand: (operand, context) => {
    const empty = isDocument(operand)
      ? operand.size === 0
      : Array.isArray(operand) && !operand.length;
    if (!empty) throw new ServerError(3040501, '$rand does not currently accept arguments');
    context.reads();
    return () => asDouble(Math.random());
  },
  $bsonSize: unary('$bsonSize', (value) => {
    if (isNullish(value)) return null;
    if (isDocument(value)) return encodeDocument(value).length;
    throw new ServerError(31393, `$bsonSize requires a document input, found: ${nameOf(value)}`);
  }),
  $tsSecond: unary('$tsSecond', (value) => partOfTimestamp('$tsSecond', 5687301, value, 't')),
  $tsIncrement: unary('$tsIncrement', (value) =>
    partOfTimestamp('$tsIncrement', 5687302, value, 'i'),
  ),
  $meta: refuseMeta,
  $function: () => {
    throw scriptRefused();
  },
  $toHashedIndexKey: refused('$toHashedIndexKey', 'hashed indexes are'),
};

function partOfTimestamp(
  name: string,
  code: number,
  value: ExpressionValue,
  part: 't' | 'i',
): ExpressionValue {
  if (isNullish(value)) return null;
  if (value instanceof Timestamp) return BigInt(value[part]);
  throw new ServerError(code, ` Argument to ${name} must be a timestamp, but is ${nameOf(value)}`);
}

const metadata: ReadonlySet<string> = new Set([
  'geoNearDistance',
  'geoNearPoint',
  'indexKey',
  'randVal',
  'recordId',
  'score',
  'scoreDetails',
  'searchHighlights',
  'searchRootDocumentId',
  'searchScore',
  'searchScoreDetails',
  'searchSequenceToken',
  'sortKey',
  'textScore',
  'timeseriesBucketMaxTime',
  'timeseriesBucketMinTime',
  'vectorSearchScore',
]);

/** All metadata comes from what is not built here: text, geo and search queries. */
function refuseMeta(operand: BsonValue): never {
  if (typeof operand !== 'string') {
    throw new ServerError(17307, '$meta only supports string arguments');
  }
  if (!metadata.has(operand)) {
    throw new ServerError(17308, `Unsupported argument to $meta: ${operand}`);
  }
  throw new ServerError(
    40218,
    `query requires ${operand} metadata, but it is not available: it is not built in this server`,
  );
}

function refused(name: string, what: string): Operator {
  return () => {
    throw new ServerError(238, `${name}: ${what} not built in this server`);
  };
}

/** What `$function` and `$accumulator` are answered: this server runs no JavaScript. */
export function scriptRefused(): ServerError {
  return new ServerError(
    31264,
    'Cannot run server-side javascript without the javascript engine enabled',
  );
}

import { type AggregationCursor, BSON, type Document, type MongoClient } from 'mongodb';
import { type CursorInside, hook, inherited, insideOf } from './cursor-inside.ts';
import { type CursorCall, DurableCursor, type Resumption } from './durable-cursor.ts';
import { exactly } from './keyset.ts';
import type { Obstacle } from './obstacle.ts';
import type { Patience } from './patience.ts';
import { protectedWrite, type WriteOptions } from './protected-writes.ts';
import { optionObstacle } from './read-options.ts';
import { stablePipeline } from './stable-pipeline.ts';

/** What an `AggregationCursor` keeps beside: node-mongodb-native 7.9, `src/cursor/aggregation_cursor.ts`. */
interface AggregationInside extends CursorInside {
  readonly pipeline: Document[];
  readonly aggregateOptions: Document;
}

/**
 * Lets a fresh cursor of `aggregate` ride out fail-overs in whatever way it is read; returns the
 * same cursor. Its clones are protected likewise.
 *
 * A pipeline with `$out` or `$merge` is sent once, unless it is certain that it did nothing.
 *
 * @throws {CursorCutError} (reading) it was cut and could not be resumed
 * @throws {NotDurableError} (first read) `durable` is true and it cannot be
 * @throws {PatienceExhaustedError} (reading) nobody answered for as long as patience lasts
 */
export function protectAggregationCursor<T>(
  patience: Patience,
  client: MongoClient,
  cursor: AggregationCursor<T>,
  call: CursorCall & WriteOptions = {},
): AggregationCursor<T> {
  if (call.durable === false) return cursor;
  const inside = insideOf<AggregationInside>(cursor, ['pipeline', 'aggregateOptions']);
  new DurableCursor(
    patience,
    'aggregate',
    inside,
    resumptionOf(patience, client, inside, call),
    call,
  );
  const clone = () => inherited(inside).clone.call(inside) as AggregationCursor<T>;
  hook(inside, { clone: () => protectAggregationCursor(patience, client, clone(), call) });
  return cursor;
}

function resumptionOf(
  patience: Patience,
  client: MongoClient,
  cursor: AggregationInside,
  call: WriteOptions,
): Resumption<AggregationInside> {
  return {
    obstacle: () => obstacleOf(cursor),
    isWhole: ({ id }) => id.isZero(),
    writes: () => writes(cursor),
    // Neither `$out` nor `$merge` can be in a transaction, or carry a number.
    writeOut: (send) =>
      protectedWrite(patience, 'aggregate', client, false, call, ({ session }) => send(session)),
    first: (most) => {
      const { cursor: given, ...aggregateOptions } = cursor.aggregateOptions;
      const { batchSize = given?.batchSize ?? most } = cursor.cursorOptions;
      const cursorOptions = { ...cursor.cursorOptions, batchSize: Math.min(batchSize, most) };
      return { aggregateOptions, cursorOptions };
    },
    ordered: () => {
      const pipeline = stablePipeline(copyOf(cursor));
      return 'length' in pipeline ? { pipeline } : {};
    },
    rest: (request, { count }) => ({
      pipeline: [...(request.pipeline ?? []), { $skip: count }],
    }),
    later: () =>
      Promise.resolve({
        code: 'snapshot-gone',
        detail: 'its snapshot is gone, and a pipeline cannot be read on at another time',
      }),
  };
}

function obstacleOf(cursor: AggregationInside): Obstacle | undefined {
  const obstacle = optionObstacle(cursor, cursor.aggregateOptions);
  if (obstacle !== undefined) return obstacle;
  if ((cursor.namespace.collection ?? '') === '') {
    return { code: 'namespace', detail: 'it reads from no collection' };
  }
  if (writes(cursor)) return { code: 'pipeline', detail: 'its pipeline writes what it finds' };
  const pipeline = stablePipeline(cursor.pipeline);
  return 'length' in pipeline ? undefined : pipeline;
}

function writes({ pipeline, aggregateOptions }: AggregationInside): boolean {
  const last = pipeline.at(-1) ?? {};
  return '$out' in last || '$merge' in last || aggregateOptions.out !== undefined;
}

/** The pipeline as it is now: its owner may go on using the array. */
function copyOf({ pipeline, cursorOptions }: AggregationInside): Document[] {
  const { ignoreUndefined = false, serializeFunctions = false } =
    cursorOptions as BSON.SerializeOptions;
  const bytes = BSON.serialize({ pipeline }, { ignoreUndefined, serializeFunctions });
  return BSON.deserialize(bytes, exactly).pipeline as Document[];
}

import { BSON, type Document, type FindCursor } from 'mongodb';
import { uncertainPart } from './certain-expression.ts';
import { type CursorInside, hook, inherited, insideOf } from './cursor-inside.ts';
import {
  type CursorCall,
  type Delivered,
  DurableCursor,
  type Request,
  type Resumption,
} from './durable-cursor.ts';
import { arrayPaths, behind, exactly, type OrderField, type Place, placeOf } from './keyset.ts';
import type { Obstacle } from './obstacle.ts';
import type { Patience } from './patience.ts';
import { optionObstacle } from './read-options.ts';
import { isVisible, sortOf, totalOrder } from './total-order.ts';

/** What a `FindCursor` keeps beside: node-mongodb-native 7.9, `src/cursor/find_cursor.ts`. */
interface FindInside extends CursorInside {
  readonly cursorFilter: Document;
  readonly findOptions: Document;
}

/**
 * Lets a fresh cursor of `find` ride out fail-overs in whatever way it is read; returns the same
 * cursor. Its clones are protected likewise.
 *
 * @throws {CursorCutError} (reading) it was cut and could not be resumed
 * @throws {NotDurableError} (first read) `durable` is true and it cannot be
 * @throws {PatienceExhaustedError} (reading) nobody answered for as long as patience lasts
 */
export function protectFindCursor<T>(
  patience: Patience,
  cursor: FindCursor<T>,
  call: CursorCall = {},
): FindCursor<T> {
  if (call.durable === false) return cursor;
  const inside = insideOf<FindInside>(cursor, ['cursorFilter', 'findOptions', 'numReturned']);
  new DurableCursor(patience, 'find', inside, resumptionOf(inside), call);
  const clone = () => inherited(inside).clone.call(inside) as FindCursor<T>;
  hook(inside, { clone: () => protectFindCursor(patience, clone(), call) });
  return cursor;
}

function resumptionOf(cursor: FindInside): Resumption<FindInside> {
  const order = () => totalOrder(cursor.findOptions.sort);
  return {
    obstacle: () => obstacleOf(cursor),
    isWhole: ({ id, batchSize }) => {
      const { limit = 0 } = cursor.findOptions as FindRequest;
      return id.isZero() || (limit > 0 && batchSize >= limit);
    },
    writes: () => false,
    writeOut: () => Promise.reject(new TypeError('a find writes nothing')),
    first: (most) => {
      const { batchSize = most } = cursor.cursorOptions;
      const { limit = 0, singleBatch } = cursor.findOptions as FindRequest;
      const isWhole = singleBatch === true || limit < 0 || (limit > 0 && limit <= batchSize);
      if (isWhole) return {};
      return { cursorOptions: { ...cursor.cursorOptions, batchSize: Math.min(batchSize, most) } };
    },
    ordered: () => ({
      cursorFilter: copyOf(cursor),
      findOptions: { ...cursor.findOptions, sort: sortOf(fieldsOf(order())) },
    }),
    rest: (request, delivered) => {
      const fields = fieldsOf(order());
      const { skip = 0, projection } = requestOf(request).findOptions;
      if (fields[0]?.path === '_id' && isVisible('_id', projection)) {
        const place = placeOf(delivered.last(), fields);
        if ('length' in place) return behindPlace(request, place, delivered);
      }
      // Order and snapshot are fixed, so counting is exact.
      return lessened(request, skip + delivered.count, delivered);
    },
    later: async (request, delivered, has) => {
      const fields = fieldsOf(order());
      const { cursorFilter, findOptions } = requestOf(request);
      const hidden = fields.find(({ path }) => !isVisible(path, findOptions.projection));
      if (hidden !== undefined) {
        const detail = `its snapshot is gone, and the projection hides '${hidden.path}'`;
        return { code: 'hidden-key', detail };
      }
      const place = placeOf(delivered.last(), fields);
      if (!('length' in place))
        return { ...place, detail: `its snapshot is gone, and ${place.detail}` };
      const paths = arrayPaths(place);
      const holdsArray = { $or: paths.map((path) => ({ [path]: { $type: 'array' } })) };
      const probe = {
        cursorFilter: { $and: [cursorFilter, holdsArray] },
        findOptions: { ...findOptions, ...probing },
      };
      if (paths.length > 0 && (await has(probe))) {
        const detail = `its snapshot is gone, and some documents have an array in ${paths.join(' or ')}`;
        return { code: 'array-key', detail };
      }
      return behindPlace(request, place, delivered);
    },
  };
}

/** The parts of a find that are looked at here. */
interface FindRequest {
  readonly limit?: number;
  readonly skip?: number;
  readonly singleBatch?: boolean;
  readonly projection?: unknown;
}

const probing: Document = {
  sort: undefined,
  skip: undefined,
  limit: 1,
  singleBatch: true,
  projection: { _id: 1 },
};

function requestOf({ cursorFilter = {}, findOptions = {} }: Request<FindInside>): {
  readonly cursorFilter: Document;
  readonly findOptions: FindRequest;
} {
  return { cursorFilter, findOptions };
}

function behindPlace(
  request: Request<FindInside>,
  place: Place,
  delivered: Delivered,
): Request<FindInside> {
  const { cursorFilter } = requestOf(request);
  const left = { ...request, cursorFilter: { $and: [cursorFilter, behind(place)] } };
  return lessened(left, 0, delivered);
}

/** The request with another skip, and its limit less what has been delivered. */
function lessened(
  request: Request<FindInside>,
  skip: number,
  { count }: Delivered,
): Request<FindInside> {
  const { findOptions } = requestOf(request);
  const { limit = 0 } = findOptions;
  const less = limit > 0 ? { limit: limit - count } : {};
  return { ...request, findOptions: { ...findOptions, skip, ...less } };
}

function obstacleOf(cursor: FindInside): Obstacle | undefined {
  const { cursorFilter, cursorOptions, findOptions } = cursor;
  const obstacle = optionObstacle(cursor, findOptions);
  if (obstacle !== undefined) return obstacle;
  if ((cursorOptions.batchSize ?? 0) < 0) {
    return { code: 'option', detail: 'its batchSize is negative' };
  }
  const { hint } = findOptions as { hint?: unknown };
  if (hint === '$natural' || (typeof hint === 'object' && hint !== null && '$natural' in hint)) {
    return { code: 'no-total-order', detail: '$natural is no order that another member shares' };
  }
  const uncertain = uncertainPart(cursorFilter) ?? uncertainPart(findOptions.let);
  if (uncertain !== undefined) {
    return { code: 'filter', detail: `${uncertain} need not find the same documents again` };
  }
  const order = totalOrder(findOptions.sort);
  return 'length' in order ? undefined : order;
}

function fieldsOf(order: readonly OrderField[] | Obstacle): readonly OrderField[] {
  return 'length' in order ? order : [];
}

/** The filter as it is now: its owner may go on using the object. */
function copyOf({ cursorFilter, cursorOptions, findOptions }: FindInside): Document {
  if (cursorFilter._bsontype === 'ObjectId') return { _id: cursorFilter };
  const { ignoreUndefined = false, serializeFunctions = false } = {
    ...(findOptions as BSON.SerializeOptions),
    ...(cursorOptions as BSON.SerializeOptions),
  };
  return BSON.deserialize(
    BSON.serialize(cursorFilter, { ignoreUndefined, serializeFunctions }),
    exactly,
  );
}

import type { Document } from 'mongodb';
import type { OrderField } from './keyset.ts';
import type { Obstacle } from './obstacle.ts';

/** Servers refuse longer sorts. */
const mostFields = 32;

/**
 * The order made total: by `_id` where it does not decide already. A tie is broken in the
 * direction of the last field, so that an index on the fields and `_id` serves both ways.
 *
 * @param sort as the driver keeps it, or as the caller wrote it into a pipeline
 */
export function totalOrder(sort: unknown): readonly OrderField[] | Obstacle {
  const fields: OrderField[] = [];
  for (const [path, wanted] of entriesOf(sort)) {
    if (path === '$natural') {
      return { code: 'no-total-order', detail: '$natural is no order that another member shares' };
    }
    const direction = Number(wanted);
    if (direction !== 1 && direction !== -1) {
      return { code: 'no-total-order', detail: `it is sorted by what is computed for '${path}'` };
    }
    fields.push({ path, direction });
  }
  if (fields.some(({ path }) => path === '_id')) return fields;
  if (fields.length >= mostFields) {
    return {
      code: 'no-total-order',
      detail: `its sort has no room for _id, with ${mostFields} fields`,
    };
  }
  return [...fields, { path: '_id', direction: fields.at(-1)?.direction ?? 1 }];
}

/** As a command has it. A map keeps the order of names that look like numbers. */
export function sortOf(order: readonly OrderField[]): Map<string, 1 | -1> {
  return new Map(order.map(({ path, direction }) => [path, direction]));
}

function entriesOf(sort: unknown): [string, unknown][] {
  if (sort instanceof Map) return [...sort] as [string, unknown][];
  return Object.entries((sort ?? {}) as Document);
}

/**
 * Whether a projection leaves the field as it is stored. False also where that is hard to tell.
 *
 * @param path as in a sort, `a.b`
 */
export function isVisible(path: string, projection: unknown): boolean {
  if (projection === undefined || projection === null) return true;
  const entries: [string, unknown][] = Array.isArray(projection)
    ? projection.map((name) => [String(name), 1])
    : Object.entries(projection);
  const isFlag = (value: unknown) => typeof value === 'number' || typeof value === 'boolean';
  const covering = entries.filter(([name]) => within(path, name));
  if (entries.some(([name, value]) => overlaps(path, name) && !isFlag(value))) return false;
  const includes = entries.some(
    ([name, value]) => name !== '_id' && isFlag(value) && Boolean(value),
  );
  const excludes = entries.some(([name, value]) => name !== '_id' && isFlag(value) && !value);
  const root = path.split('.')[0];
  if (root === '_id' && covering.some(([, value]) => Boolean(value))) return true;
  if (root === '_id' && !entries.some(([name]) => overlaps(path, name))) return true;
  if (includes) return covering.some(([, value]) => Boolean(value));
  if (excludes) return !entries.some(([name, value]) => overlaps(path, name) && !value);
  // Nothing but `_id` and what is computed: `{ _id: 0 }` hides it alone, all else hides the rest.
  const hidesIdOnly = entries.every(([name, value]) => name === '_id' && !value);
  return hidesIdOnly && root !== '_id';
}

/** Whether the field `path` is `name` or lies in it. */
function within(path: string, name: string): boolean {
  return path === name || path.startsWith(`${name}.`);
}

function overlaps(path: string, name: string): boolean {
  return within(path, name) || within(name, path);
}

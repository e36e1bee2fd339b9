/**
 * Why a cursor cannot go on elsewhere when its server or its connection is lost.
 *
 * - `no-total-order`: nothing says which document follows which: no `$sort` in a pipeline, or
 *   `$natural`, `$meta`.
 * - `pipeline`: a stage that need not give the same documents again, or copies of an `_id`.
 * - `filter`: `$text`, `$near`, `$where`, `$rand`, `$$NOW` and their like.
 * - `option`: a tailable cursor, bounds of an index, a collation or another option that rules
 *   it out.
 * - `namespace`: a view, a time series or a capped collection; or nobody may know which.
 * - `deployment`: no replica set, an encrypted client.
 * - `session`: a transaction, or a snapshot session of the caller's.
 * - `snapshot-refused`: the server would not read at a fixed time.
 * - `snapshot-gone`: the server no longer knows the time of the read, and the rest cannot be told
 *   from what was delivered.
 * - `hidden-key`, `unorderable-key`, `array-key`: the same, because the last document does not
 *   tell its place in the order: the projection hides it, or its value has none, or arrays are
 *   sorted by one element only.
 */
export type ObstacleCode =
  | 'no-total-order'
  | 'pipeline'
  | 'filter'
  | 'option'
  | 'namespace'
  | 'deployment'
  | 'session'
  | 'snapshot-refused'
  | 'snapshot-gone'
  | 'hidden-key'
  | 'unorderable-key'
  | 'array-key';

/** One such reason, as a sentence without its full stop. */
export interface Obstacle {
  readonly code: ObstacleCode;
  readonly detail: string;
}

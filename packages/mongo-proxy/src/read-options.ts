import type { Document } from 'mongodb';
import type { CursorInside } from './cursor-inside.ts';
import type { Obstacle } from './obstacle.ts';

declare module 'mongodb' {
  interface AbstractCursorOptions {
    /**
     * (mongo-proxy) Whether the cursor has to survive fail-overs: true raises `NotDurableError`
     * where it cannot, false leaves it to the driver altogether. By default it does where it can,
     * and a cut raises `CursorCutError` where it cannot.
     */
    durable?: boolean | undefined;
  }
  interface AggregateOptions {
    /** (mongo-proxy) Whether the cursor has to survive fail-overs; see `AbstractCursorOptions`. */
    durable?: boolean | undefined;
  }
}

/** Options that tie a cursor to its server, or to a place that no order tells. */
const binding = [
  'tailable',
  'awaitData',
  'oplogReplay',
  'exhaust',
  'partial',
  'allowPartialResults',
  'explain',
  'min',
  'max',
  'returnKey',
  'showRecordId',
];
const levels: ReadonlySet<unknown> = new Set([undefined, 'local', 'majority', 'snapshot']);

/** Why these options, the cursor's own included, rule out that it is resumed. */
export function optionObstacle(
  { client, cursorOptions }: CursorInside,
  given: Document,
): Obstacle | undefined {
  const options: Document = { ...given, ...cursorOptions };
  const named = binding.find((name) => options[name] !== undefined && options[name] !== false);
  if (named !== undefined) return { code: 'option', detail: `it has the option ${named}` };
  const { locale = 'simple' } = (options.collation ?? {}) as { locale?: string };
  if (locale !== 'simple') {
    return { code: 'option', detail: `it has a collation of its own (${locale})` };
  }
  const level: unknown = cursorOptions.readConcern?.level;
  if (!levels.has(level)) {
    return { code: 'option', detail: `its read concern is ${level}` };
  }
  if (client.options.autoEncryption === undefined) return undefined;
  return { code: 'deployment', detail: 'the client encrypts by itself' };
}

/** Change streams on the wire: `aggregate` opens them, `getMore` waits for their events. */
import type { BsonValue, EncodableDocument } from '../bson-document.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import { ChangeStream } from '../change-stream.ts';
import { type ChangeStreamSpec, parseChangeStream } from '../change-stream-spec.ts';
import {
  type CommandContext,
  documentArgument,
  namespaceOf,
  numberArgument,
  sessionKey,
} from '../command.ts';
import type { OpenCursor } from '../cursor-store.ts';
import { ServerError } from '../server-error.ts';
import { WatchedNamespace } from '../watched-namespace.ts';

/** How long a `getMore` waits that does not say it. */
const defaultWait = 1000;

/**
 * The codes after which a driver opens the stream again where it was: drivers'
 * specification "Change Streams", "Resumable Error". 43 is one without a label.
 */
const resumableCodes: ReadonlySet<number> = new Set([
  6, 7, 63, 89, 91, 133, 150, 189, 234, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436,
]);
const fatalCodes: ReadonlySet<number> = new Set([280, 286]);

/** Answers `aggregate` whose first stage is `$changeStream` with that operand. */
export function openChangeStream(
  context: CommandContext,
  operand: BsonValue,
  following: readonly BsonValue[],
  batchSize: number,
): Promise<EncodableDocument> {
  return labelled(async () => {
    const { state, command } = context;
    const level = documentArgument(command, 'readConcern').get('level') ?? 'majority';
    if (level !== 'majority') {
      throw new ServerError(
        72,
        `$changeStream cannot run with readConcern level '${String(level)}': 'majority' is the only one`,
      );
    }
    const spec = parseChangeStream(operand, following, context);
    const watched = watchedBy(context, spec);
    const limit = numberArgument(command, 'maxTimeMS') || Number.POSITIVE_INFINITY;
    const stream = await ChangeStream.open(state, watched, spec, limit);
    const { documents, token, done } = await stream.take(batchSize, 0);
    const ns = watched.name;
    const id = done ? 0n : state.cursors.open(ns, stream, sessionKey(command.get('lsid'))).id;
    return {
      cursor: { firstBatch: documents, ...(token && { postBatchResumeToken: token }), id, ns },
      ok: 1,
    };
  });
}

/** Answers `getMore` on a change stream; any error ends its cursor. */
export function moreOfChangeStream(
  { state, command }: CommandContext,
  cursor: OpenCursor,
  stream: ChangeStream,
  batchSize: number,
): Promise<EncodableDocument> {
  return labelled(async () => {
    const wait = numberArgument(command, 'maxTimeMS') || defaultWait;
    try {
      state.failPoints.meetGetMore();
      const { documents, token, done } = await stream.take(batchSize, wait);
      if (done) state.cursors.kill(cursor.id);
      cursor.usedAt = Date.now();
      return {
        cursor: {
          nextBatch: documents,
          ...(token && { postBatchResumeToken: token }),
          id: done ? 0n : cursor.id,
          ns: cursor.namespace,
        },
        ok: 1,
      };
    } catch (error) {
      const inUse = error instanceof ServerError && error.code === 12051;
      if (!inUse) state.cursors.kill(cursor.id);
      throw error;
    }
  });
}

function watchedBy(context: CommandContext, spec: ChangeStreamSpec): WatchedNamespace {
  const { command, database } = context;
  const target = command.get('aggregate');
  const whole = isNumber(target) && toDouble(target) === 1;
  if (spec.allChangesForCluster) {
    if (whole && database === 'admin') return WatchedNamespace.deployment();
    throw new ServerError(
      72,
      "A $changeStream with 'allChangesForCluster:true' may only be opened on the 'admin' database, and with no collection name",
    );
  }
  if (whole) return WatchedNamespace.database(database);
  return WatchedNamespace.collection(database, namespaceOf(context).slice(database.length + 1));
}

async function labelled<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ServerError) || 'errorLabels' in error.fields) throw error;
    const label = resumableCodes.has(error.code)
      ? 'ResumableChangeStreamError'
      : fatalCodes.has(error.code)
        ? 'NonResumableChangeStreamError'
        : undefined;
    if (label === undefined) throw error;
    throw new ServerError(error.code, error.message, { ...error.fields, errorLabels: [label] });
  }
}

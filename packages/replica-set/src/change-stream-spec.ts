/** `$changeStream` and the stages behind it, read and checked before a stream opens. */
import { Timestamp } from 'bson';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { typeName } from './bson-order.ts';
import type { VariableScope } from './expression.ts';
import type { LogTime } from './operation.ts';
import { compilePipeline } from './pipeline.ts';
import { parseToken, type StreamPoint } from './resume-token.ts';
import { ServerError } from './server-error.ts';
import type { Stage } from './stage/stage.ts';

/** What becomes of an event whose document was not kept as it was: it shows null, or ends the stream. */
export type ImageMode = 'whenAvailable' | 'required';

export interface ChangeStreamSpec {
  /** Behind which point to begin, or at which time; at neither, now. */
  readonly after: StreamPoint | undefined;
  readonly startTime: LogTime | undefined;
  /** Updates show the document as it is when they are told. */
  readonly looksUp: boolean;
  /** Updates show the document as it was right after them. */
  readonly afterImage: ImageMode | undefined;
  /** Updates, replacements and deletions show the document as it was before them. */
  readonly beforeImage: ImageMode | undefined;
  /** Events of definitions are told as well, and all events in more detail. */
  readonly expanded: boolean;
  readonly allChangesForCluster: boolean;
  readonly stages: readonly Stage[];
  /** What the stages see beside the events. */
  readonly variables: VariableScope['variables'];
}

const known = new Set([
  'resumeAfter',
  'startAfter',
  'startAtOperationTime',
  'fullDocument',
  'fullDocumentBeforeChange',
  'allChangesForCluster',
  'showExpandedEvents',
]);
const notThere = new Set(['showSystemEvents', 'showRawUpdateDescription']);
/** The operand of a leading `$changeStream`; nothing when the pipeline is another; throws 40602 when it comes later. */
export function changeStreamOf(stages: readonly BsonValue[]): BsonValue {
  const isWatch = (stage: BsonValue) => isDocument(stage) && stage.has('$changeStream');
  if (stages.slice(1).some(isWatch)) {
    throw new ServerError(40602, '$changeStream is only valid as the first stage in a pipeline.');
  }
  const [first] = stages;
  return isDocument(first) ? first.get('$changeStream') : undefined;
}

export function parseChangeStream(
  operand: BsonValue,
  following: readonly BsonValue[],
  around: VariableScope,
): ChangeStreamSpec {
  if (!isDocument(operand)) {
    throw new ServerError(
      50808,
      `$changeStream stage expects a document as argument, found: ${typeName(operand)}`,
    );
  }
  for (const [name, value] of operand) {
    if (notThere.has(name)) {
      if (value !== false) throw new ServerError(238, `'$changeStream.${name}' is not supported`);
    } else if (!known.has(name)) {
      throw new ServerError(40415, `BSON field '$changeStream.${name}' is an unknown field.`);
    }
  }
  const before = oneOf(operand, 'fullDocumentBeforeChange', ['off', ...imageModes]);
  const fullDocument = oneOf(operand, 'fullDocument', ['default', 'updateLookup', ...imageModes]);
  return {
    after: startPointOf(operand),
    startTime: startTimeOf(operand.get('startAtOperationTime')),
    looksUp: fullDocument === 'updateLookup',
    afterImage: imageModes.find((mode) => mode === fullDocument),
    beforeImage: imageModes.find((mode) => mode === before),
    expanded: operand.get('showExpandedEvents') === true,
    allChangesForCluster: operand.get('allChangesForCluster') === true,
    stages: compilePipeline(following, { database: '', ...around }, 'changeStream').stages,
    variables: around.variables,
  };
}

const imageModes: readonly ImageMode[] = ['whenAvailable', 'required'];

function oneOf(operand: BsonDocument, name: string, known: readonly string[]): string | undefined {
  const value = operand.get(name);
  if (value === undefined || (typeof value === 'string' && known.includes(value))) return value;
  throw new ServerError(
    2,
    `Enumeration value '${String(value)}' for field '$changeStream.${name}' is not a valid value.`,
  );
}

function startPointOf(operand: BsonDocument): StreamPoint | undefined {
  const given = ['resumeAfter', 'startAfter', 'startAtOperationTime'].filter((name) =>
    operand.has(name),
  );
  if (given.length > 1) {
    throw new ServerError(
      given.includes('startAtOperationTime') ? 40674 : 50674,
      `Only one type of resume option is allowed, but multiple were found: ${given.join(', ')}`,
    );
  }
  if (operand.has('startAfter')) return parseToken('startAfter', operand.get('startAfter'));
  if (!operand.has('resumeAfter')) return undefined;
  const point = parseToken('resumeAfter', operand.get('resumeAfter'));
  if (point.step !== 'invalidate') return point;
  throw new ServerError(
    260,
    "Attempting to resume a change stream using 'resumeAfter' is not allowed from an invalidate notification.",
  );
}

function startTimeOf(time: BsonValue): LogTime | undefined {
  if (time === undefined) return undefined;
  if (!(time instanceof Timestamp)) {
    throw new ServerError(
      14,
      `BSON field '$changeStream.startAtOperationTime' is the wrong type '${typeName(time)}', expected type 'timestamp'`,
    );
  }
  return { seconds: time.high >>> 0, increment: time.low >>> 0 };
}

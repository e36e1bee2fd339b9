/** The command `aggregate`. */
import { aggregate as runPipeline } from '../aggregation.ts';
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
  RawDocument,
} from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import { changeStreamOf } from '../change-stream-spec.ts';
import {
  arrayArgument,
  type Command,
  type CommandContext,
  documentArgument,
  flagArgument,
  namespaceOf,
  requireFields,
  requireFlags,
  requirePartFields,
  wholeArgument,
} from '../command.ts';
import { withCollation } from '../command-collation.ts';
import { firstBatchSize } from '../cursor-store.ts';
import { compileOutput, hasOutput } from '../output-stage.ts';
import {
  checkTransactionStages,
  compilePipeline,
  isCollectionless,
  stageName,
} from '../pipeline.ts';
import { ServerError } from '../server-error.ts';
import { requireViewCollations } from '../view-definition.ts';
import { openChangeStream } from './change-stream-commands.ts';
import { cursorReply, mapped } from './cursor-reply.ts';
import { explainAggregate } from './explain-command.ts';
import { forEachInSlices } from './read-in-slices.ts';

const fields = [
  'pipeline',
  'cursor',
  'explain',
  'allowDiskUse',
  'bypassDocumentValidation',
  'collation',
  'hint',
  'let',
];

export const aggregate: Command = {
  kind: 'read',
  writes: (command) =>
    hasOutput(arrayArgument(command, 'pipeline')) && !flagArgument(command, 'explain'),
  run(given) {
    const { command, database, transaction } = given;
    requireFields(given, fields);
    requireFlags(command, ['allowDiskUse']);
    if (flagArgument(command, 'explain')) return explainAggregate(given, 'queryPlanner');
    const context = withCollation(given, `${database}.${String(command.get('aggregate'))}`);
    const stages = stagesOf(context);
    if (!command.has('cursor')) {
      throw new ServerError(
        9,
        "The 'cursor' option is required, except for aggregate with the explain argument",
      );
    }
    const options = documentArgument(command, 'cursor');
    requirePartFields(options, 'cursor', ['batchSize']);
    const batchSize = wholeArgument(options, 'batchSize');
    const watched = changeStreamOf(stages);
    if (watched !== undefined) {
      if (transaction !== undefined) {
        throw new ServerError(263, '$changeStream cannot run in a multi-document transaction.');
      }
      return openChangeStream(context, watched, stages.slice(1), batchSize ?? firstBatchSize);
    }
    const pipeline = compilePipeline(stages, context);
    const namespace = targetOf(context, stages);
    requireViewCollations(context, stages);
    if (transaction !== undefined) checkTransactionStages(stages);
    if (hasOutput(stages)) return aggregateInto(context, namespace, stages, pipeline);
    const documents = runPipeline(context, namespace, pipeline, command.get('hint'));
    const encoded = mapped(documents, encodedResult);
    return cursorReply(context, namespace, encoded, { batchSize });
  },
};

const mostBytes = 16 * 1024 * 1024;

/** A document as a cursor gives it. Throws 10334 for one that outgrew what a document may be. */
function encodedResult(document: BsonDocument): RawDocument {
  const bytes = encodeDocument(document);
  if (bytes.length <= mostBytes) return new RawDocument(bytes);
  throw new ServerError(
    10334,
    `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and ${mostBytes}(16MB)`,
  );
}

function stagesOf({ command }: CommandContext): readonly BsonValue[] {
  const stages = arrayArgument(command, 'pipeline');
  if (stages.every(isDocument)) return stages;
  throw new ServerError(14, "Each element of the 'pipeline' array must be an object");
}

/** Runs a pipeline whose last stage writes what comes out of the others. */
async function aggregateInto(
  context: CommandContext,
  namespace: string,
  stages: readonly BsonValue[],
  pipeline: ReturnType<typeof compilePipeline>,
): Promise<EncodableDocument> {
  const output = compileOutput(stages, context);
  const documents = runPipeline(context, namespace, pipeline, context.command.get('hint'));
  const held: BsonDocument[] = [];
  await forEachInSlices(context, documents, (document) => held.push(document));
  await output(context, held);
  return { cursor: { firstBatch: [], id: 0n, ns: namespace }, ok: 1 };
}

/** The namespace of the command, `db.$cmd.aggregate` when it names no collection; throws 73 when its first stage needs another one. */
function targetOf(context: CommandContext, stages: readonly BsonValue[]): string {
  const { command, database } = context;
  const target = command.get('aggregate');
  const first = stageName(stages[0]);
  if (typeof target === 'string') {
    if (!isCollectionless(first)) return namespaceOf(context);
    throw new ServerError(73, `'${first}' can only be run with {aggregate: 1}`);
  }
  if (!isNumber(target) || toDouble(target) !== 1) {
    throw new ServerError(
      9,
      "Invalid command format: the 'aggregate' field must specify a collection name or 1",
    );
  }
  if (isCollectionless(first)) return `${database}.$cmd.aggregate`;
  throw new ServerError(
    73,
    first === ''
      ? '{aggregate: 1} is not valid for an empty pipeline.'
      : `{aggregate: 1} is not valid for '${first}'; a collection is required.`,
  );
}

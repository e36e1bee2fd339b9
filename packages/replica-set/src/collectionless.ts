/** Pipelines over no collection: `{ aggregate: 1 }`, and the stages that can begin them. */
import { Binary } from 'bson';
import { decodeDocument } from './bson-decoder.ts';
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import type { CommandContext } from './command.ts';
import { compileExpression } from './expression.ts';
import { ServerError } from './server-error.ts';

type Source = (operand: BsonValue, context: CommandContext) => readonly BsonDocument[];

const sources: ReadonlyMap<string, Source> = new Map<string, Source>([
  ['$documents', documents],
  ['$listLocalSessions', listLocalSessions],
]);

/** True for a stage that stands first and needs no collection. */
export function needsNoCollection(stage: BsonValue): boolean {
  const [name = ''] = isDocument(stage) ? stage.keys() : [];
  return sources.has(name);
}

/** The documents of the first stage of a pipeline over no collection; throws 73 for any other stage. */
export function readCollectionless(
  stage: BsonValue,
  context: CommandContext,
): readonly BsonDocument[] {
  const [[name, operand] = ['']] = isDocument(stage) ? stage : [];
  const read = sources.get(name);
  if (read !== undefined) return read(operand, context);
  throw new ServerError(73, `{aggregate: 1} is not valid for '${name}'; a collection is required.`);
}

function documents(operand: BsonValue, context: CommandContext): readonly BsonDocument[] {
  const value = compileExpression(operand)(context);
  if (Array.isArray(value) && value.every(isDocument)) return value;
  throw new ServerError(5858203, 'the operand of $documents must be an array of objects');
}

function listLocalSessions(
  _operand: BsonValue,
  { state }: CommandContext,
): readonly BsonDocument[] {
  return state.sessions.keys().map((key) => {
    const id = new Binary(Buffer.from(key, 'hex'), 4);
    const lastUse = new Date(Date.now() - state.sessions.idle(key));
    return decodeDocument(encodeDocument({ _id: { id }, lastUse }));
  });
}

/** `insert`, `update` and `delete`: batches of statements, each answered for itself. */
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
} from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { changeMatches } from '../changing-matches.ts';
import {
  arrayArgument,
  type Command,
  type CommandContext,
  documentArgument,
  flagArgument,
  namespaceOf,
  numberArgument,
  requireBooleans,
  requireFields,
  requirePartFields,
} from '../command.ts';
import { withCollation } from '../command-collation.ts';
import {
  deleteDocument,
  ensureCollection,
  insertDocument,
  updateDocument,
  upsertDocument,
} from '../document-write.ts';
import { HeldByTransaction, whenFree } from '../hold.ts';
import { ServerError } from '../server-error.ts';
import { earlierResult, type Numbering, numberingOf, recordOf } from '../statement.ts';
import { compileUpdate, requireUpdate } from '../update.ts';
import { requireUpsertable } from '../updating/upsert-seed.ts';

/** What one statement did: `n` documents matched or inserted, and more for updates. */
export interface StatementResult {
  readonly n: number;
  readonly nModified?: number;
  /** The `_id` alone, as a document, of what an upsert inserted. */
  readonly upserted?: EncodableDocument;
}

/** Done in one turn, or later where it is too much for one. */
export type MaybeLater<T> = T | Promise<T>;

/** One statement after the other, and who is told what became of each. */
interface Statements {
  run(index: number, numbering: Numbering | undefined): MaybeLater<StatementResult>;
  done(index: number, result: StatementResult): void;
  failed(index: number, error: ServerError): void;
}

const mostStatements = 100_000;

/** Carries statements out, up to the first that fails when they are `ordered`; answers with the places of those that did. */
export async function runStatements(
  context: CommandContext,
  count: number,
  statements: Statements,
): Promise<{ readonly writeErrors: readonly number[] }> {
  if (count === 0 || count > mostStatements) {
    throw new ServerError(
      16,
      `Write batch sizes must be between 1 and ${mostStatements}. Got ${count} operations.`,
    );
  }
  const numbering = numberingOf(context);
  requireBooleans(context.command, context.name, ['ordered']);
  const ordered = context.command.get('ordered') !== false;
  const writeErrors: number[] = [];
  for (let index = 0; index < count; index++) {
    try {
      const attempt = (): MaybeLater<StatementResult> => {
        const earlier = earlierResult(context, numbering, index);
        return earlier ? earlierStatement(earlier) : statements.run(index, numbering);
      };
      const outcome = attemptNow(attempt) ?? whenFree(context, attempt);
      statements.done(index, outcome instanceof Promise ? await outcome : outcome);
    } catch (error) {
      if (!(error instanceof ServerError) || error.retryable) throw error;
      if (endsBatch.has(error.code)) throw error;
      statements.failed(index, error);
      writeErrors.push(index);
      if (ordered || context.transaction !== undefined) break;
    }
  }
  return { writeErrors };
}

type BatchReply = EncodableDocument & {
  n: number;
  nModified: number;
  upserted: EncodableDocument[];
};

/** Runs the statements of `insert`, `update` or `delete` and adds up what they did. */
async function runBatch(
  context: CommandContext,
  count: number,
  run: Statements['run'],
): Promise<BatchReply> {
  const writeErrors: EncodableDocument[] = [];
  const upserted: EncodableDocument[] = [];
  let n = 0;
  let nModified = 0;
  await runStatements(context, count, {
    run,
    done(index, result) {
      n += result.n;
      nModified += result.nModified ?? 0;
      if (result.upserted) upserted.push({ index, ...result.upserted });
    },
    failed: (index, error) => writeErrors.push(writeError(index, error)),
  });
  return { ok: 1, n, nModified, upserted, ...(writeErrors.length > 0 && { writeErrors }) };
}

/** Nothing when the statement has to wait for a transaction. */
function attemptNow<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof HeldByTransaction) return undefined;
    throw error;
  }
}

/** Not there yet, no room on the disk, and what ends a transaction but for a taken key. */
const endsBatch: ReadonlySet<number> = new Set([50, 238, 14031, 112, 239, 246, 257, 263]);

function earlierStatement(result: BsonDocument): StatementResult {
  const id = result.get('upserted');
  return {
    n: Number(result.get('n')),
    nModified: Number(result.get('nModified') ?? 0),
    ...(isDocument(id) && { upserted: Object.fromEntries(id) }),
  };
}

function writeError(index: number, error: ServerError): EncodableDocument {
  const { code, message, fields } = error;
  return { index, code, errmsg: message, ...(fields as EncodableDocument) };
}

const insert: Command = {
  kind: 'write',
  async run(context) {
    requireFields(context, ['documents', ...batchFields]);
    const namespace = namespaceOf(context);
    const documents =
      context.sequences.get('documents') ??
      arrayArgument(context.command, 'documents').map((document) => {
        if (isDocument(document)) return encodeDocument(document);
        throw new ServerError(14, 'the documents to insert have to be objects');
      });
    const reply = await runBatch(context, documents.length, (index, numbering) => {
      const result = { n: 1 };
      const bytes = documents[index] ?? new Uint8Array();
      insertDocument(context, namespace, bytes, recordOf(numbering, index, result));
      return result;
    });
    return { ...reply, nModified: undefined, upserted: undefined };
  },
};

const batchFields = ['ordered', 'bypassDocumentValidation'];
const updateFields = [
  'q',
  'u',
  'c',
  'multi',
  'upsert',
  'collation',
  'arrayFilters',
  'hint',
  'sort',
];
const deleteFields = ['q', 'limit', 'collation', 'hint'];

function statementsOf(
  { command, name: commandName }: CommandContext,
  name: string,
  known: readonly string[],
  required: readonly string[],
): BsonDocument[] {
  return arrayArgument(command, name).map((statement) => {
    if (!isDocument(statement)) {
      throw new ServerError(14, `the entries of '${name}' have to be objects`);
    }
    requirePartFields(statement, `${commandName}.${name}`, known, required);
    requireBooleans(statement, `${commandName}.${name}`, ['multi', 'upsert']);
    for (const field of ['q', 'sort', 'c']) documentArgument(statement, field);
    return statement;
  });
}

const update: Command = {
  kind: 'write',
  async run(context) {
    requireFields(context, ['updates', 'let', ...batchFields]);
    const namespace = namespaceOf(context);
    const statements = statementsOf(context, 'updates', updateFields, ['q', 'u']);
    for (const statement of statements) requireUpdate(statement.get('u'));
    const reply = await runBatch(context, statements.length, (index, numbering) => {
      const statement = statements[index] ?? new Map();
      return updateStatement(context, namespace, statement, index, numbering);
    });
    const { upserted, ...rest } = reply;
    return upserted.length > 0 ? { ...rest, upserted } : rest;
  },
};

/** The variables of a single update: values as they are, not expressions. */
function withConstants(context: CommandContext, constants: BsonDocument): CommandContext {
  for (const value of constants.values()) refuseDollars(value);
  return { ...context, variables: new Map([...(context.variables ?? []), ...constants]) };
}

function refuseDollars(value: BsonValue): void {
  if (Array.isArray(value)) value.forEach(refuseDollars);
  if (!isDocument(value)) return;
  for (const [name, inner] of value) {
    if (name.startsWith('$')) {
      throw new ServerError(
        52,
        `The dollar ($) prefixed field '${name}' in '${name}' is not valid for storage.`,
      );
    }
    refuseDollars(inner);
  }
}

/** One entry of `updates`. */
export function updateStatement(
  given: CommandContext,
  namespace: string,
  statement: BsonDocument,
  index: number,
  numbering: Numbering | undefined,
): MaybeLater<StatementResult> {
  const context = withCollation(given, namespace, statement.get('collation'));
  const filter = documentArgument(statement, 'q');
  const multi = flagArgument(statement, 'multi');
  const upsert = flagArgument(statement, 'upsert');
  if (upsert) requireUpsertable(filter);
  const constants = statement.get('c');
  const compiled = compileUpdate(
    statement.get('u'),
    isDocument(constants) ? withConstants(context, constants) : context,
    { arrayFilters: statement.get('arrayFilters'), query: filter },
  );
  if (isDocument(constants) && compiled.kind !== 'pipeline') {
    throw new ServerError(51198, 'Constant values may only be specified for pipeline updates');
  }
  if (multi && compiled.kind === 'replace')
    throw new ServerError(9, 'multi update is not supported for replacement-style update');
  if (multi && numbering) throw new ServerError(72, 'Cannot use retryable writes with multi=true');
  const sort = documentArgument(statement, 'sort');
  if (multi && sort.size > 0) throw new ServerError(9, 'Cannot specify sort with multi=true');
  const selection = { filter, sort, limit: multi ? 0 : 1, hint: statement.get('hint') };
  let nModified = 0;
  const matched = changeMatches(context, namespace, selection, (match) => {
    const modified = updateDocument(context, namespace, match, compiled, (changed) =>
      recordOf(numbering, index, { n: 1, nModified: changed ? 1 : 0 }),
    );
    if (modified) nModified += 1;
  });
  const resultOf = (n: number): StatementResult => {
    if (n > 0 || !upsert) return { n, nModified };
    ensureCollection(context, namespace);
    const inserted = upsertDocument(context, namespace, filter, compiled, (document) =>
      recordOf(numbering, index, { n: 1, nModified: 0, upserted: { _id: document.get('_id') } }),
    );
    return { n: 1, nModified: 0, upserted: { _id: inserted.get('_id') } };
  };
  if (!(matched instanceof Promise)) return resultOf(matched);
  return matched.then((n) => whenFree(context, () => resultOf(n)));
}

const deleteCommand: Command = {
  kind: 'write',
  async run(context) {
    requireFields(context, ['deletes', 'let', ...batchFields]);
    const namespace = namespaceOf(context);
    const statements = statementsOf(context, 'deletes', deleteFields, ['q', 'limit']);
    for (const statement of statements) limitOf(statement);
    const reply = await runBatch(context, statements.length, (index, numbering) =>
      deleteStatement(context, namespace, statements[index] ?? new Map(), index, numbering),
    );
    return { ...reply, nModified: undefined, upserted: undefined };
  },
};

function limitOf(statement: BsonDocument): number {
  const limit = numberArgument(statement, 'limit') ?? 0;
  if (limit === 0 || limit === 1) return limit;
  throw new ServerError(9, `The limit field in delete objects must be 0 or 1. Got ${limit}`);
}

/** One entry of `deletes`. */
export function deleteStatement(
  given: CommandContext,
  namespace: string,
  statement: BsonDocument,
  index: number,
  numbering: Numbering | undefined,
): MaybeLater<StatementResult> {
  const context = withCollation(given, namespace, statement.get('collation'));
  const limit = limitOf(statement);
  if (limit === 0 && numbering)
    throw new ServerError(72, 'Cannot use retryable writes with limit=0');
  const filter = documentArgument(statement, 'q');
  const selection = { filter, limit, hint: statement.get('hint') };
  const deleted = changeMatches(context, namespace, selection, (match) =>
    deleteDocument(context, namespace, match, recordOf(numbering, index, { n: 1 })),
  );
  return deleted instanceof Promise ? deleted.then((n) => ({ n })) : { n: deleted };
}

export const writeCommands: Readonly<Record<string, Command>> = {
  insert,
  update,
  delete: deleteCommand,
};

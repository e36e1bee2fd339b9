/** `bulkWrite`: inserts, updates and deletes in several collections, told of one by one through a cursor. */

import { asDouble } from '../arithmetic.ts';
import {
  type BsonDocument,
  type EncodableDocument,
  isDocument,
  RawDocument,
} from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import {
  arrayArgument,
  type Command,
  type CommandContext,
  documentArgument,
  flagArgument,
  numberArgument,
  refuseArguments,
  requireBooleans,
  requiredDocument,
  requireFields,
  requireFlags,
  requirePartFields,
  sessionKey,
  textArgument,
} from '../command.ts';
import { insertDocument } from '../document-write.ts';
import { ServerError } from '../server-error.ts';
import { type Numbering, recordOf } from '../statement.ts';
import { requireUpdate } from '../update.ts';
import {
  deleteStatement,
  type MaybeLater,
  runStatements,
  type StatementResult,
  updateStatement,
} from './write-commands.ts';

const namespace = 'admin.$cmd.bulkWrite';

type Kind = 'insert' | 'update' | 'delete';

interface BulkOperation {
  readonly kind: Kind;
  readonly namespace: string;
  readonly details: BsonDocument;
}

export const bulkWrite: Command = {
  kind: 'write',
  async run(context) {
    const { command, database } = context;
    if (database !== 'admin') {
      throw new ServerError(13, 'bulkWrite may only be run against the admin database.');
    }
    requireFields(context, [
      'ops',
      'nsInfo',
      'errorsOnly',
      'cursor',
      'ordered',
      'bypassDocumentValidation',
      'let',
    ]);
    requireFlags(command, ['errorsOnly']);
    const operations = operationsOf(command);
    const replies: EncodableDocument[] = [];
    const counts = { nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 };
    const { writeErrors } = await runStatements(context, operations.length, {
      run: (index, numbering) => {
        const operation = operations[index];
        if (operation === undefined) throw new RangeError(`there is no operation ${index}`);
        return runOperation(context, operation, index, numbering);
      },
      done: (index, result) => {
        count(counts, operations[index]?.kind, result);
        replies.push({ ok: asDouble(1), idx: index, ...result });
      },
      failed: (index, { code, message, fields }) => {
        const told = fields as EncodableDocument;
        replies.push({ ok: asDouble(0), idx: index, n: 0, code, errmsg: message, ...told });
      },
    });
    const shown = flagArgument(command, 'errorsOnly')
      ? replies.filter(({ code }) => code !== undefined)
      : replies;
    return {
      cursor: await cursorOf(context, shown),
      nErrors: writeErrors.length,
      ...counts,
      ok: 1,
    };
  },
};

function operationsOf(command: BsonDocument): BulkOperation[] {
  const namespaces = arrayArgument(command, 'nsInfo').map((info) => {
    if (isDocument(info)) {
      refuseArguments(info, ['collectionUUID', 'encryptionInformation']);
      requirePartFields(info, 'bulkWrite.nsInfo', ['ns'], ['ns']);
    }
    const ns = textArgument(isDocument(info) ? info : new Map(), 'ns');
    if (/^[^.]+\../.test(ns)) return ns;
    throw new ServerError(73, `Invalid namespace specified for bulkWrite: '${ns}'`);
  });
  return arrayArgument(command, 'ops').map((details) => {
    const [kind] = isDocument(details) ? details.keys() : [];
    if (!isDocument(details) || !isKind(kind)) {
      throw new ServerError(9, `Unrecognized bulkWrite operation: ${String(kind)}`);
    }
    const [required, known] = fields[kind];
    requirePartFields(details, 'bulkWrite.ops', [kind, ...required, ...known], required);
    requireTypes(kind, details);
    const at = numberArgument(details, kind) ?? -1;
    const namespace = namespaces[at];
    if (namespace === undefined) {
      throw new ServerError(2, `BulkWrite ops entry ${at} has an invalid nsInfo index.`);
    }
    return { kind, namespace, details };
  });
}

/** Throws before the first operation is carried out. */
function requireTypes(kind: Kind, details: BsonDocument): void {
  requiredDocument(details, kind === 'insert' ? 'document' : 'filter');
  requireBooleans(details, 'bulkWrite.ops', ['multi', 'upsert']);
  for (const name of ['collation', 'constants', 'sort']) documentArgument(details, name);
  const hint = details.get('hint');
  if (details.has('hint') && typeof hint !== 'string' && !isDocument(hint)) {
    throw new ServerError(9, 'Hint must be a string or an object');
  }
  if (kind !== 'update') return;
  requireUpdate(details.get('updateMods'));
  if ((details.get('arrayFilters') ?? null) !== null) arrayArgument(details, 'arrayFilters');
}

/** What an operation has to tell, and what it may. */
const fields: Readonly<Record<Kind, readonly [readonly string[], readonly string[]]>> = {
  insert: [['document'], []],
  update: [
    ['filter', 'updateMods'],
    ['arrayFilters', 'multi', 'hint', 'constants', 'collation', 'sort', 'upsert'],
  ],
  delete: [['filter'], ['multi', 'hint', 'collation']],
};

function isKind(name: string | undefined): name is Kind {
  return name === 'insert' || name === 'update' || name === 'delete';
}

function runOperation(
  context: CommandContext,
  { kind, namespace, details }: BulkOperation,
  index: number,
  numbering: Numbering | undefined,
): MaybeLater<StatementResult> {
  if (kind === 'insert') {
    const bytes = encodeDocument(documentArgument(details, 'document'));
    const result = { n: 1 };
    insertDocument(context, namespace, bytes, recordOf(numbering, index, result));
    return result;
  }
  const statement = new Map(details).set('q', documentArgument(details, 'filter'));
  if (kind === 'delete') {
    statement.set('limit', flagArgument(details, 'multi') ? 0 : 1);
    return deleteStatement(context, namespace, statement, index, numbering);
  }
  statement.set('u', details.get('updateMods')).set('c', details.get('constants'));
  return updateStatement(context, namespace, statement, index, numbering);
}

function count(
  counts: Record<'nInserted' | 'nMatched' | 'nModified' | 'nUpserted' | 'nDeleted', number>,
  kind: Kind | undefined,
  { n, nModified = 0, upserted }: StatementResult,
): void {
  if (kind === 'insert') counts.nInserted += n;
  else if (kind === 'delete') counts.nDeleted += n;
  else if (upserted === undefined) counts.nMatched += n;
  else counts.nUpserted += n;
  counts.nModified += nModified;
}

async function cursorOf(
  { command, state, transaction, operation }: CommandContext,
  replies: readonly EncodableDocument[],
): Promise<EncodableDocument> {
  const size = documentArgument(command, 'cursor').get('batchSize');
  const most = size === undefined ? Number.POSITIVE_INFINITY : Number(size);
  const source = replies.map((reply) => new RawDocument(encodeDocument(reply))).values();
  const session = sessionKey(command.get('lsid'));
  const cursor = state.cursors.open(namespace, source, session, transaction);
  const { documents, done } = await state.cursors.read(cursor, source, most, operation);
  return { firstBatch: documents, id: done ? 0n : cursor.id, ns: namespace };
}

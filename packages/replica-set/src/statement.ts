/** Retryable writes: a statement that was carried out before is answered, not done again. */
import { Binary } from 'bson';
import { decodeDocument } from './bson-decoder.ts';
import { type BsonDocument, type EncodableDocument, isDocument } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import { type CommandContext, numberArgument } from './command.ts';
import type { StatementRecord } from './operation.ts';
import { ServerError } from './server-error.ts';

/** The numbering of a retryable command; nothing when the command carries none or belongs to a transaction. */
export interface Numbering {
  readonly session: Uint8Array;
  readonly txn: number;
  readonly first: number;
  readonly each: readonly number[] | undefined;
}

export function numberingOf({
  command,
  state,
  transaction,
}: CommandContext): Numbering | undefined {
  if (transaction !== undefined) return undefined;
  const txn = command.get('txnNumber');
  if (txn === undefined) return undefined;
  const lsid = command.get('lsid');
  const id = isDocument(lsid) ? lsid.get('id') : undefined;
  if (!(id instanceof Binary)) {
    throw new ServerError(72, 'Transaction number requires a session ID to also be specified');
  }
  const session = id.buffer.subarray(0, id.position);
  const number = Number(txn);
  state.sessions.enterWrite({ session, number });
  const ids = command.get('stmtIds');
  return {
    session,
    txn: number,
    first: numberArgument(command, 'stmtId') ?? 0,
    each: Array.isArray(ids) ? ids.map(Number) : undefined,
  };
}

function statementId(numbering: Numbering, index: number): number {
  return numbering.each?.[index] ?? numbering.first + index;
}

export function recordOf(
  numbering: Numbering | undefined,
  index: number,
  result: EncodableDocument,
): StatementRecord | undefined {
  if (numbering === undefined) return undefined;
  const { session, txn } = numbering;
  return { session, txn, statement: statementId(numbering, index), result: encodeDocument(result) };
}

/** What the statement answered when it was carried out before; otherwise it meets its fail point. */
export function earlierResult(
  { state, session: connection }: CommandContext,
  numbering: Numbering | undefined,
  index: number,
): BsonDocument | undefined {
  if (numbering === undefined) return undefined;
  const { session, txn } = numbering;
  const record = state.log.resultOf(session, txn, statementId(numbering, index));
  if (record !== undefined) return decodeDocument(record.result);
  state.failPoints.meetStatement(connection);
  return undefined;
}

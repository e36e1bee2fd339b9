/** A transaction as one entry of the log: its operations, and what takes each of them back. */
import { Binary } from 'bson';
import { decodeDocument } from './bson-decoder.ts';
import type { BsonDocument, BsonValue } from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';
import type { Operation, OperationKind } from './operation.ts';

/** What takes one operation back. */
export interface Undo {
  readonly kind: OperationKind;
  readonly namespace: string;
  readonly undo: Uint8Array;
}

/** The number of the record that tells of a transaction's commit; statements count from 0. */
export const commitStatement = -1;

export function packOperations(operations: readonly Operation[]): Uint8Array {
  return encodeDocument({
    operations: operations.map(({ kind, namespace, payload }) => ({
      kind,
      namespace,
      payload: new Binary(payload),
    })),
  });
}

export function unpackOperations(payload: Uint8Array): Operation[] {
  return listOf(payload, 'operations').map((each) => ({
    ...placeOf(each),
    payload: bytesOf(each.get('payload')),
  }));
}

export function packUndos(undos: readonly Undo[]): Uint8Array {
  return encodeDocument({
    undos: undos.map(({ kind, namespace, undo }) => ({ kind, namespace, undo: new Binary(undo) })),
  });
}

/** In the order of the operations; they are taken back in the reverse. */
export function unpackUndos(undo: Uint8Array): Undo[] {
  return listOf(undo, 'undos').map((each) => ({
    ...placeOf(each),
    undo: bytesOf(each.get('undo')),
  }));
}

/** Where a change stands that a transaction brought. */
export interface TransactionPlace {
  /** The bytes of the logical session's id. */
  readonly session: Uint8Array;
  readonly txn: number;
  /** The change's place among those of the transaction, from 0. */
  readonly index: number;
  readonly isLast: boolean;
}

interface WithinChange extends Operation {
  readonly undo: Uint8Array;
  readonly transaction: TransactionPlace;
}

/** The changes of documents that a transaction's entry brought; what else it did is left out. */
export function changesWithin(entry: {
  readonly payload: Uint8Array;
  readonly undo: Uint8Array;
  readonly session: Uint8Array | null;
  readonly txn: number | null;
}): WithinChange[] {
  const undos = unpackUndos(entry.undo);
  const session = entry.session ?? new Uint8Array();
  const txn = entry.txn ?? 0;
  const changes = unpackOperations(entry.payload)
    .map((operation, at) => ({ ...operation, undo: undos[at]?.undo ?? new Uint8Array() }))
    .filter(({ kind }) => documentKinds.has(kind));
  return changes.map((change, index) => {
    return {
      ...change,
      transaction: { session, txn, index, isLast: index === changes.length - 1 },
    };
  });
}

const documentKinds: ReadonlySet<OperationKind> = new Set([
  'insert',
  'update',
  'pipeline',
  'replace',
  'delete',
]);

function listOf(bytes: Uint8Array, name: string): BsonDocument[] {
  return decodeDocument(bytes).get(name) as BsonDocument[];
}

function placeOf(each: BsonDocument): { kind: OperationKind; namespace: string } {
  return { kind: each.get('kind') as OperationKind, namespace: String(each.get('namespace')) };
}

function bytesOf(value: BsonValue): Uint8Array {
  const { buffer, position } = value as Binary;
  return buffer.subarray(0, position);
}

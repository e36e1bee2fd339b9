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

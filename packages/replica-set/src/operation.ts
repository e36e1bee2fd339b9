/** What the log holds: the changes that every member makes, in the same order. */
import { Binary } from 'bson';
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  RawDocument,
} from './bson-document.ts';
import { encodeDocument } from './bson-encoder.ts';

/**
 * - `insert`, `update`, `pipeline`, `replace`: the payload is the whole new document;
 *   the last three tell by which form of update it came to be
 * - `delete`: a document that holds the `_id` alone
 * - `create`: `{ uuid, options }`
 * - `createIndex`: the index's specification; `dropIndex`: `{ name }`
 * - `modifyIndex`: `{ name, spec }`, the index's new specification
 * - `collMod`: the collection's new options, whole
 * - `rename`: `{ to }`, a namespace, and `dropped`, the uuid of what was there before
 * - `drop`: `{ uuid }`; `dropDatabase` follows the drops of its collections
 * - `transaction`: the operations of a transaction, done as one
 * - `dropDatabase`, `noop`: an empty document
 */
export type OperationKind =
  | 'insert'
  | 'update'
  | 'pipeline'
  | 'replace'
  | 'delete'
  | 'create'
  | 'drop'
  | 'dropDatabase'
  | 'collMod'
  | 'rename'
  | 'createIndex'
  | 'dropIndex'
  | 'modifyIndex'
  | 'transaction'
  | 'noop';

export interface Operation {
  readonly kind: OperationKind;
  readonly namespace: string;
  readonly payload: Uint8Array;
}

/** Which statement of which retryable write an operation carries out, and what it answered. */
export interface StatementRecord {
  /** The bytes of the logical session's id. */
  readonly session: Uint8Array;
  readonly txn: number;
  readonly statement: number;
  /** The statement's part of the reply, to be given again when the statement is sent again. */
  readonly result: Uint8Array;
}

export interface LogEntry {
  readonly position: number;
  readonly term: number;
  readonly seconds: number;
  readonly increment: number;
  readonly operation: Operation;
  readonly record: StatementRecord | undefined;
}

/** A place in the log. */
export interface LogPoint {
  readonly position: number;
  readonly term: number;
}

export interface LogTime {
  readonly seconds: number;
  readonly increment: number;
}

/** The last entry: where the log ends and when that was written. */
export interface LogEnd extends LogPoint, LogTime {}

/** Where an empty log ends. */
export const beginning: LogEnd = { position: 0, term: 0, seconds: 0, increment: 0 };

const encoded = new WeakMap<LogEntry, RawDocument>();

/** How an entry travels from one member to another; encoded once for all of them. */
export function entryToWire(entry: LogEntry): RawDocument {
  let wire = encoded.get(entry);
  if (wire === undefined) {
    wire = new RawDocument(encodeDocument(wireFieldsOf(entry)));
    encoded.set(entry, wire);
  }
  return wire;
}

function wireFieldsOf(entry: LogEntry): EncodableDocument {
  const { operation, record } = entry;
  return {
    position: entry.position,
    term: entry.term,
    seconds: entry.seconds,
    increment: entry.increment,
    kind: operation.kind,
    namespace: operation.namespace,
    payload: new Binary(operation.payload),
    ...(record && {
      session: new Binary(record.session),
      txn: record.txn,
      statement: record.statement,
      result: new Binary(record.result),
    }),
  };
}

export function entryFromWire(document: BsonDocument): LogEntry {
  const number = (name: string) => Number(document.get(name));
  return {
    position: number('position'),
    term: number('term'),
    seconds: number('seconds'),
    increment: number('increment'),
    operation: {
      kind: document.get('kind') as OperationKind,
      namespace: document.get('namespace') as string,
      payload: bytesOf(document.get('payload')),
    },
    record: document.has('session')
      ? {
          session: bytesOf(document.get('session')),
          txn: number('txn'),
          statement: number('statement'),
          result: bytesOf(document.get('result')),
        }
      : undefined,
  };
}

function bytesOf(value: BsonValue): Uint8Array {
  const { buffer, position } = value as Binary;
  return buffer.subarray(0, position);
}

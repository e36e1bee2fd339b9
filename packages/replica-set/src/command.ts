/** What a command is given, and the readers of its arguments. */
import { Binary, type Timestamp } from 'bson';
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
} from './bson-document.ts';
import { isNumber, toDouble, typeName } from './bson-order.ts';
import type { Collator } from './collator.ts';
import type { MemberState } from './member-state.ts';
import type { RunningOperation } from './running-operations.ts';
import { ServerError } from './server-error.ts';
import type { Session } from './session.ts';
import type { Store } from './store.ts';
import type { Transaction } from './transaction.ts';

export interface CommandContext {
  readonly state: MemberState;
  readonly name: string;
  readonly database: string;
  readonly command: BsonDocument;
  /** The raw documents of the message's sequences. */
  readonly sequences: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly session: Session;
  /** What documents are read from and written to. */
  readonly store: Store;
  /** What `currentOp` shows of the command. */
  readonly operation?: RunningOperation;
  /** The transaction that the command belongs to; then it is the store. */
  readonly transaction?: Transaction;
  /** The same for the whole command: `$$NOW`. */
  readonly now: Date;
  /** The log's time: `$$CLUSTER_TIME`. */
  readonly clusterTime?: Timestamp;
  /** Those of the command's `let`. */
  readonly variables?: ReadonlyMap<string, BsonValue>;
  /** How strings compare, when not by their bytes: see `withCollation`. */
  readonly collator?: Collator | undefined;
}

export interface Command {
  /** `write`: on a primary only. `read`: elsewhere too, if the client allows it. `any`: about the member itself. */
  readonly kind: 'read' | 'write' | 'any';
  /** True when a command that mostly reads is to write, so that a primary has to run it, and it may have a write concern. */
  readonly writes?: (command: BsonDocument) => boolean;
  /** May be used before a user has shown who it is. */
  readonly open?: boolean;
  /** Known to members of the set alone. */
  readonly internal?: boolean;
  readonly run: (context: CommandContext) => EncodableDocument | Promise<EncodableDocument>;
}

/** The namespace that the command's first field names. */
export function namespaceOf({ command, name, database }: CommandContext): string {
  const collection = command.get(name);
  if (typeof collection !== 'string' || /^[.$]|^$|\0/.test(collection)) {
    throw new ServerError(73, `Invalid namespace specified '${database}.${String(collection)}'`);
  }
  return `${database}.${collection}`;
}

export function documentArgument(command: BsonDocument, name: string): BsonDocument {
  const value = command.get(name);
  if (value === undefined || value === null) return new Map();
  if (isDocument(value)) return value;
  throw wrongType(name, value, 'object');
}

/** A text; throws 40414 where it is not there. */
export function textArgument(command: BsonDocument, name: string): string {
  const value = command.get(name);
  if (typeof value === 'string') return value;
  throw value === undefined ? missingField(name) : wrongType(name, value, 'string');
}

/** A document; throws 40414 where it is not there. */
export function requiredDocument(part: BsonDocument, name: string): BsonDocument {
  const value = part.get(name);
  if (isDocument(value)) return value;
  throw value === undefined || value === null
    ? missingField(name)
    : wrongType(name, value, 'object');
}

export function arrayArgument(command: BsonDocument, name: string): BsonValue[] {
  const value = command.get(name);
  if (Array.isArray(value)) return value;
  throw value === undefined ? missingField(name) : wrongType(name, value, 'array');
}

export function numberArgument(command: BsonDocument, name: string): number | undefined {
  const value = command.get(name);
  if (value === undefined || value === null) return undefined;
  if (isNumber(value)) return toDouble(value);
  throw wrongType(name, value, 'number');
}

/** A flag, which a number may tell too. */
export function flagArgument(command: BsonDocument, name: string): boolean {
  const value = command.get(name);
  if (typeof value === 'boolean') return value;
  if (isNumber(value)) return toDouble(value) !== 0;
  if (value === undefined || value === null) return false;
  throw wrongType(name, value, 'bool');
}

/** Throws 14 for flags that may be told by nothing but true and false. */
export function requireBooleans(part: BsonDocument, where: string, names: readonly string[]): void {
  for (const name of names) {
    const value = part.get(name);
    if (value === undefined || value === null || typeof value === 'boolean') continue;
    throw wrongType(`${where}.${name}`, value, 'bool');
  }
}

/** Throws 14 for flags that, when they are there, have to be true or false. */
export function requireFlags(command: BsonDocument, names: readonly string[]): void {
  for (const name of names) {
    const value = command.get(name);
    if (!command.has(name) || typeof value === 'boolean') continue;
    throw new ServerError(
      14,
      `Field '${name}' should be a boolean value, but found: ${typeName(value)}`,
    );
  }
}

const longestTime = 2 ** 31 - 1;

/** Throws 14, 9 or 2 for a `maxTimeMS` that is no number, not whole, or out of range. */
export function requireTimeLimit(command: BsonDocument): void {
  const time = numberArgument(command, 'maxTimeMS') ?? 0;
  if (!Number.isInteger(time)) {
    throw new ServerError(9, `Expected an integer for maxTimeMS, but found ${time}`);
  }
  if (time >= 0 && time <= longestTime) return;
  throw new ServerError(2, `${time} value for maxTimeMS is out of range [0, ${longestTime}]`);
}

function wrongType(name: string, value: BsonValue, wanted: string): ServerError {
  return new ServerError(
    14,
    `BSON field '${name}' is the wrong type '${typeName(value)}', expected type '${wanted}'`,
  );
}

/** The logical session that the command belongs to, as a key; nothing when it belongs to none. */
export function sessionKey(lsid: BsonValue): string | undefined {
  const id = isDocument(lsid) ? lsid.get('id') : undefined;
  return id instanceof Binary ? id.toString('hex') : undefined;
}

/** Refuses, by name, arguments that would change the answer if they were ignored. */
export function refuseArguments(command: BsonDocument, names: readonly string[]): void {
  for (const name of names) {
    const value = command.get(name);
    if (value === undefined || value === null || value === false) continue;
    if (isDocument(value) && value.size === 0) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    throw new ServerError(238, `'${name}' is not supported`);
  }
}

/** What any command may carry. */
const commonFields: ReadonlySet<string> = new Set([
  'lsid',
  'txnNumber',
  'stmtId',
  'stmtIds',
  'autocommit',
  'startTransaction',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'rawData',
  'help',
]);

/** Throws 40415 for a field that the command does not know; 238 for the one that no command looks at here. */
export function requireFields({ command, name }: CommandContext, known: readonly string[]): void {
  refuseArguments(command, ['collectionUUID']);
  for (const field of command.keys()) {
    if (field === name || field.startsWith('$') || commonFields.has(field)) continue;
    if (!known.includes(field)) throw unknownField(`${name}.${field}`);
  }
}

/** Throws 40415 for a field that a part of a command does not know, 40414 for one that it lacks. */
export function requirePartFields(
  part: BsonDocument,
  where: string,
  known: readonly string[],
  required: readonly string[] = [],
): void {
  for (const field of part.keys()) {
    if (!known.includes(field)) throw unknownField(`${where}.${field}`);
  }
  for (const field of required) {
    if (part.has(field)) continue;
    throw missingField(`${where}.${field}`);
  }
}

function missingField(path: string): ServerError {
  return new ServerError(40414, `BSON field '${path}' is missing but a required field`);
}

function unknownField(path: string): ServerError {
  return new ServerError(40415, `BSON field '${path}' is an unknown field.`);
}

/** A number of things, without what is behind its point; throws 51024 for one below 0. */
export function wholeArgument(command: BsonDocument, name: string): number | undefined {
  const value = numberArgument(command, name);
  if (value === undefined) return undefined;
  const whole = Math.trunc(value) || 0;
  if (whole >= 0) return whole;
  throw new ServerError(51024, `BSON field '${name}' value must be >= 0, actual value '${whole}'`);
}

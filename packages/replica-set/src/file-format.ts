/** What a member's file has to be, and what is said of one that is not. */
import { accessSync, constants, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { rowsPerCollection } from './document-rows.ts';

/**
 * Raised by one whenever a program that knows only the format before would read the file wrongly.
 * The third has no other tables than the second: its indexes may expire, and its log changes indexes.
 */
const formatVersion = 3;

/** Marks the files as this program's among all of SQLite ("Hold", read as a number). */
const applicationId = 0x486f6c64;

const schema = `
  create table facts (name text primary key, value text not null) strict;
  create table collections (
    id integer primary key autoincrement,
    namespace text not null,
    uuid blob not null,
    options blob not null,
    dropped_at integer
  ) strict;
  create table indexes (
    id integer primary key autoincrement,
    collection integer not null,
    spec blob not null,
    multikey integer not null default 0
  ) strict;
  create table documents (row integer primary key, document blob not null) strict;
  create table entries (
    "index" integer not null,
    key blob not null,
    record integer not null,
    primary key ("index", key, record)
  ) strict, without rowid;
  create table log (
    position integer primary key,
    term integer not null,
    seconds integer not null,
    increment integer not null,
    kind text not null,
    namespace text not null,
    payload blob not null,
    undo blob not null,
    size integer not null default 0,
    volume integer not null default 0
  ) strict;
`;

const recordTable = `
  create table records (
    position integer primary key,
    seconds integer not null,
    session blob not null,
    txn integer not null,
    statement integer not null,
    result blob not null
  ) strict;
  create index records_by_session on records (session, txn, statement);
`;

const mark = `pragma application_id = ${applicationId}; pragma user_version = ${formatVersion};`;

/**
 * From the files that did not tell their version: a document had two numbers,
 * session records lay in the log, and that had no size.
 */
const fromFirstVersion = `
  ${recordTable}
  insert into records
    select position, seconds, session, txn, statement, result from log where session is not null;
  drop index log_by_session;
  alter table log drop column session;
  alter table log drop column txn;
  alter table log drop column statement;
  alter table log drop column result;
  alter table log add column size integer not null default 0;
  alter table log add column volume integer not null default 0;
  update log set size = 128 + length(payload) + length(undo);
  with sums as (select position, sum(size) over (order by position) as volume from log)
    update log set volume = sums.volume from sums where sums.position = log.position;
  insert into facts select 'members', '0' from facts where name = 'ballot';
  alter table documents rename to documents_before;
  create table documents (row integer primary key, document blob not null) strict;
  insert into documents
    select collection * ${rowsPerCollection} + record, document from documents_before;
  drop table documents_before;
`;

export type FileProblem = 'newer' | 'damaged' | 'unreadable';

/** A member's file that cannot be used; it is left as it is. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code: FileProblem;

  constructor(code: FileProblem, path: string, what: string, options?: ErrorOptions) {
    super(`${path} ${what}`, options);
    this.code = code;
  }
}

const instead =
  'Bring it back from a backup, or move it away with the files named after it: in a set of several members this one then takes a copy from the others';

/** Refuses, before it is opened, what is not a file or not to be written; none at all is in order. */
export function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isFile()) throw new FileError('unreadable', path, 'is not a file. Move it away');
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new FileError('unreadable', path, 'may not be read and written by this user', { cause });
  }
  const wal = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (found.size === 0 && wal > 0) {
    throw new FileError('damaged', path, `is empty, but its WAL is not. ${instead}`);
  }
}

/** Refuses a file of another program or of a newer format; nothing has been written into it then. */
export function requireFormat(database: DatabaseSync, path: string): void {
  const version = numberOf(database, 'pragma user_version');
  const application = numberOf(database, 'pragma application_id');
  if (application === applicationId && version > formatVersion) {
    throw new FileError(
      'newer',
      path,
      `has format ${version}, and this program knows formats up to ${formatVersion}. Start it with the newer program that wrote it`,
    );
  }
  if (application === applicationId || isEmpty(database) || isFirstVersion(database)) return;
  throw new FileError('damaged', path, `is a database of another program. ${instead}`);
}

/** Makes the tables of an empty file, and brings those of an older format to this one. */
export function makeFormat(database: DatabaseSync): void {
  const version = numberOf(database, 'pragma user_version');
  if (version === formatVersion) return;
  const change = isEmpty(database)
    ? `${schema} ${recordTable}`
    : version < 2
      ? fromFirstVersion
      : '';
  database.exec(`begin immediate; ${change} ${mark} commit;`);
}

/** What an error of SQLite's says of the file; nothing when that is as it should be. */
export function fileErrorOf(error: unknown, path: string): FileError | undefined {
  if (error instanceof FileError) return error;
  const { errcode, message } = error as { errcode?: number; message?: string };
  if (errcode === undefined) return undefined;
  const options = { cause: error };
  switch (errcode & 0xff) {
    case sqlite.corrupt:
    case sqlite.notADatabase:
      return new FileError('damaged', path, `is damaged (${message}). ${instead}`, options);
    case sqlite.ioError:
      return new FileError('damaged', path, `cannot be read or written (${message})`, options);
    case sqlite.readOnly:
    case sqlite.cannotOpen:
      return new FileError('unreadable', path, `cannot be opened (${message})`, options);
    default:
      return undefined;
  }
}

/** SQLite's own codes. */
const sqlite = {
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

function isEmpty(database: DatabaseSync): boolean {
  return numberOf(database, 'select count(*) from sqlite_schema') === 0;
}

function isFirstVersion(database: DatabaseSync): boolean {
  const known = `select count(*) from sqlite_schema where name in ('facts', 'log', 'log_by_session')`;
  return numberOf(database, known) === 3;
}

function numberOf(database: DatabaseSync, query: string): number {
  const [value] = Object.values(database.prepare(query).get() ?? {});
  return Number(value ?? 0);
}

import type { ByteBuffer } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';
import { recordSites } from './record-sites.ts';

/** The fields of a record while it is being read or written. */
export type Fields = Record<string, unknown>;

/** Reads a field: from where the cursor stands, or, in a run, at the place given. */
type FieldReader = (cursor: ByteCursor, at: number) => unknown;
/** Writes a field: where the buffer stands, or, in a run, at the place given. */
type FieldWriter = (buffer: ByteBuffer, value: unknown, at: number) => void;

/** A field at its site. */
export interface SiteField {
  readonly key: string;
  readonly read: FieldReader;
  readonly write: FieldWriter;
  /** Where it lies in its run: fields of fixed width one behind the other. */
  readonly offset: number;
  /** The bytes of the run that begins with it, which are looked for once; 0 if none does. */
  readonly run: number;
}

/** Up to `siteWidth` fields of a record. */
export interface FieldGroup {
  readonly fields: readonly SiteField[];
  /** The fields that follow, when there are more. */
  readonly rest: FieldAccess | undefined;
}

/** Reads fields into an object, and writes them from one. */
export interface FieldAccess {
  readonly read: (cursor: ByteCursor, into?: Fields) => Fields;
  readonly write: (buffer: ByteBuffer, from: Fields) => void;
}

/** A group's access as a loop. It is right for any group, and the slower the more of them it serves. */
export function accessByLoop({ fields, rest }: FieldGroup): FieldAccess {
  return {
    read(cursor, into = {}) {
      let at = 0;
      for (const { key, read, offset, run } of fields) {
        if (run !== 0) at = cursor.take(run, 'a record');
        into[key] = read(cursor, at + offset);
      }
      return rest === undefined ? into : rest.read(cursor, into);
    },
    write(buffer, from) {
      let at = 0;
      for (const { key, write, offset, run } of fields) {
        if (run !== 0) at = buffer.advance(run);
        write(buffer, from[key], at + offset);
      }
      rest?.write(buffer, from);
    },
  };
}

/**
 * Gives a group a site of its own while there are some left, and a loop after that.
 *
 * An engine learns for each place in a program's text which keys and functions come by there. Where
 * it is always the same ones, `into[key] = read(cursor, at)` becomes as fast as code written for
 * that very record; where they change, it takes more than twice as long. Making such code as text
 * is what pages with a strict policy forbid, so there are some places for the records that are used
 * most: the same function over and over.
 */
export function accessBySite(group: FieldGroup): FieldAccess {
  const site = freeSites.pop();
  return site === undefined ? accessByLoop(group) : site(group);
}

const freeSites = [...recordSites];

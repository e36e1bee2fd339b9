import type { ByteBuffer } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';

/** The fields of a record while it is being read or written. */
export type Fields = Record<string, unknown>;

export type FieldReader = (cursor: ByteCursor) => unknown;
export type FieldWriter = (buffer: ByteBuffer, value: unknown) => void;

/** Up to `siteWidth` fields of a record: each has its key, its reader and its writer at one place. */
export interface FieldGroup {
  readonly keys: readonly string[];
  readonly readers: readonly FieldReader[];
  readonly writers: readonly FieldWriter[];
  /** The fields that follow, when there are more. */
  readonly rest: FieldAccess | undefined;
}

/** Reads fields into an object, and writes them from one. */
export interface FieldAccess {
  readonly read: (cursor: ByteCursor, into?: Fields) => Fields;
  readonly write: (buffer: ByteBuffer, from: Fields) => void;
}

/** The most fields of a group. */
export const siteWidth = 8;

/** A group's access as a loop. It is right for any group, and the slower the more of them it serves. */
export function accessByLoop({ keys, readers, writers, rest }: FieldGroup): FieldAccess {
  return {
    read(cursor, into = {}) {
      for (let i = 0; i < keys.length; i++) {
        into[keys[i] as string] = (readers[i] as FieldReader)(cursor);
      }
      return rest === undefined ? into : rest.read(cursor, into);
    },
    write(buffer, from) {
      for (let i = 0; i < keys.length; i++) {
        (writers[i] as FieldWriter)(buffer, from[keys[i] as string]);
      }
      rest?.write(buffer, from);
    },
  };
}

const none = '';
const no = (): void => {};

/**
 * Gives a group a site of its own while there are some left, and a loop after that.
 *
 * An engine learns for each place in a program's text which keys and functions come by there. Where
 * it is always the same ones, `into[key] = reader(cursor)` becomes as fast as code written for
 * that very record; where they change, it takes twice as long. Making such code as text is what
 * pages with a strict policy forbid, so there are some places here for the records that are used
 * most: the same function in four places.
 */
export function accessBySite(group: FieldGroup): FieldAccess {
  const site = freeSites.pop();
  return site === undefined ? accessByLoop(group) : site(group);
}

const freeSites: ((group: FieldGroup) => FieldAccess)[] = [
  ({ keys, readers, writers, rest }) => {
    const { length } = keys;
    const [k0 = none, k1 = none, k2 = none, k3 = none, k4 = none, k5 = none, k6 = none, k7 = none] =
      keys;
    const [r0 = no, r1 = no, r2 = no, r3 = no, r4 = no, r5 = no, r6 = no, r7 = no] = readers;
    const [w0 = no, w1 = no, w2 = no, w3 = no, w4 = no, w5 = no, w6 = no, w7 = no] = writers;
    return {
      read(cursor, into = {}) {
        into[k0] = r0(cursor);
        if (length === 1) return into;
        into[k1] = r1(cursor);
        if (length === 2) return into;
        into[k2] = r2(cursor);
        if (length === 3) return into;
        into[k3] = r3(cursor);
        if (length === 4) return into;
        into[k4] = r4(cursor);
        if (length === 5) return into;
        into[k5] = r5(cursor);
        if (length === 6) return into;
        into[k6] = r6(cursor);
        if (length === 7) return into;
        into[k7] = r7(cursor);
        return rest === undefined ? into : rest.read(cursor, into);
      },
      write(buffer, from) {
        w0(buffer, from[k0]);
        if (length === 1) return;
        w1(buffer, from[k1]);
        if (length === 2) return;
        w2(buffer, from[k2]);
        if (length === 3) return;
        w3(buffer, from[k3]);
        if (length === 4) return;
        w4(buffer, from[k4]);
        if (length === 5) return;
        w5(buffer, from[k5]);
        if (length === 6) return;
        w6(buffer, from[k6]);
        if (length === 7) return;
        w7(buffer, from[k7]);
        rest?.write(buffer, from);
      },
    };
  },
  ({ keys, readers, writers, rest }) => {
    const { length } = keys;
    const [k0 = none, k1 = none, k2 = none, k3 = none, k4 = none, k5 = none, k6 = none, k7 = none] =
      keys;
    const [r0 = no, r1 = no, r2 = no, r3 = no, r4 = no, r5 = no, r6 = no, r7 = no] = readers;
    const [w0 = no, w1 = no, w2 = no, w3 = no, w4 = no, w5 = no, w6 = no, w7 = no] = writers;
    return {
      read(cursor, into = {}) {
        into[k0] = r0(cursor);
        if (length === 1) return into;
        into[k1] = r1(cursor);
        if (length === 2) return into;
        into[k2] = r2(cursor);
        if (length === 3) return into;
        into[k3] = r3(cursor);
        if (length === 4) return into;
        into[k4] = r4(cursor);
        if (length === 5) return into;
        into[k5] = r5(cursor);
        if (length === 6) return into;
        into[k6] = r6(cursor);
        if (length === 7) return into;
        into[k7] = r7(cursor);
        return rest === undefined ? into : rest.read(cursor, into);
      },
      write(buffer, from) {
        w0(buffer, from[k0]);
        if (length === 1) return;
        w1(buffer, from[k1]);
        if (length === 2) return;
        w2(buffer, from[k2]);
        if (length === 3) return;
        w3(buffer, from[k3]);
        if (length === 4) return;
        w4(buffer, from[k4]);
        if (length === 5) return;
        w5(buffer, from[k5]);
        if (length === 6) return;
        w6(buffer, from[k6]);
        if (length === 7) return;
        w7(buffer, from[k7]);
        rest?.write(buffer, from);
      },
    };
  },
  ({ keys, readers, writers, rest }) => {
    const { length } = keys;
    const [k0 = none, k1 = none, k2 = none, k3 = none, k4 = none, k5 = none, k6 = none, k7 = none] =
      keys;
    const [r0 = no, r1 = no, r2 = no, r3 = no, r4 = no, r5 = no, r6 = no, r7 = no] = readers;
    const [w0 = no, w1 = no, w2 = no, w3 = no, w4 = no, w5 = no, w6 = no, w7 = no] = writers;
    return {
      read(cursor, into = {}) {
        into[k0] = r0(cursor);
        if (length === 1) return into;
        into[k1] = r1(cursor);
        if (length === 2) return into;
        into[k2] = r2(cursor);
        if (length === 3) return into;
        into[k3] = r3(cursor);
        if (length === 4) return into;
        into[k4] = r4(cursor);
        if (length === 5) return into;
        into[k5] = r5(cursor);
        if (length === 6) return into;
        into[k6] = r6(cursor);
        if (length === 7) return into;
        into[k7] = r7(cursor);
        return rest === undefined ? into : rest.read(cursor, into);
      },
      write(buffer, from) {
        w0(buffer, from[k0]);
        if (length === 1) return;
        w1(buffer, from[k1]);
        if (length === 2) return;
        w2(buffer, from[k2]);
        if (length === 3) return;
        w3(buffer, from[k3]);
        if (length === 4) return;
        w4(buffer, from[k4]);
        if (length === 5) return;
        w5(buffer, from[k5]);
        if (length === 6) return;
        w6(buffer, from[k6]);
        if (length === 7) return;
        w7(buffer, from[k7]);
        rest?.write(buffer, from);
      },
    };
  },
  ({ keys, readers, writers, rest }) => {
    const { length } = keys;
    const [k0 = none, k1 = none, k2 = none, k3 = none, k4 = none, k5 = none, k6 = none, k7 = none] =
      keys;
    const [r0 = no, r1 = no, r2 = no, r3 = no, r4 = no, r5 = no, r6 = no, r7 = no] = readers;
    const [w0 = no, w1 = no, w2 = no, w3 = no, w4 = no, w5 = no, w6 = no, w7 = no] = writers;
    return {
      read(cursor, into = {}) {
        into[k0] = r0(cursor);
        if (length === 1) return into;
        into[k1] = r1(cursor);
        if (length === 2) return into;
        into[k2] = r2(cursor);
        if (length === 3) return into;
        into[k3] = r3(cursor);
        if (length === 4) return into;
        into[k4] = r4(cursor);
        if (length === 5) return into;
        into[k5] = r5(cursor);
        if (length === 6) return into;
        into[k6] = r6(cursor);
        if (length === 7) return into;
        into[k7] = r7(cursor);
        return rest === undefined ? into : rest.read(cursor, into);
      },
      write(buffer, from) {
        w0(buffer, from[k0]);
        if (length === 1) return;
        w1(buffer, from[k1]);
        if (length === 2) return;
        w2(buffer, from[k2]);
        if (length === 3) return;
        w3(buffer, from[k3]);
        if (length === 4) return;
        w4(buffer, from[k4]);
        if (length === 5) return;
        w5(buffer, from[k5]);
        if (length === 6) return;
        w6(buffer, from[k6]);
        if (length === 7) return;
        w7(buffer, from[k7]);
        rest?.write(buffer, from);
      },
    };
  },
];

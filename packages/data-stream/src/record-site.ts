import type { ByteBuffer } from './byte-buffer.ts';
import type { ByteCursor } from './byte-cursor.ts';

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

/** The most fields of a group. */
export const siteWidth = 8;

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

const nothing = (): void => {};
const none: SiteField = { key: '', read: nothing, write: nothing, offset: 0, run: 0 };

/**
 * Gives a group a site of its own while there are some left, and a loop after that.
 *
 * An engine learns for each place in a program's text which keys and functions come by there. Where
 * it is always the same ones, `into[key] = read(cursor, at)` becomes as fast as code written for
 * that very record; where they change, it takes twice as long. Making such code as text is what
 * pages with a strict policy forbid, so there are some places here for the records that are used
 * most: the same function in four places.
 */
export function accessBySite(group: FieldGroup): FieldAccess {
  const site = freeSites.pop();
  return site === undefined ? accessByLoop(group) : site(group);
}

const freeSites: ((group: FieldGroup) => FieldAccess)[] = [
  ({ fields, rest }) => {
    const { length } = fields;
    const [f0 = none, f1 = none, f2 = none, f3 = none, f4 = none, f5 = none, f6 = none, f7 = none] =
      fields;
    const { key: k0, read: r0, write: w0, offset: o0, run: n0 } = f0;
    const { key: k1, read: r1, write: w1, offset: o1, run: n1 } = f1;
    const { key: k2, read: r2, write: w2, offset: o2, run: n2 } = f2;
    const { key: k3, read: r3, write: w3, offset: o3, run: n3 } = f3;
    const { key: k4, read: r4, write: w4, offset: o4, run: n4 } = f4;
    const { key: k5, read: r5, write: w5, offset: o5, run: n5 } = f5;
    const { key: k6, read: r6, write: w6, offset: o6, run: n6 } = f6;
    const { key: k7, read: r7, write: w7, offset: o7, run: n7 } = f7;
    return {
      read(cursor, into = {}) {
        let at = 0;
        if (n0 !== 0) at = cursor.take(n0, 'a record');
        into[k0] = r0(cursor, at + o0);
        if (length === 1) return into;
        if (n1 !== 0) at = cursor.take(n1, 'a record');
        into[k1] = r1(cursor, at + o1);
        if (length === 2) return into;
        if (n2 !== 0) at = cursor.take(n2, 'a record');
        into[k2] = r2(cursor, at + o2);
        if (length === 3) return into;
        if (n3 !== 0) at = cursor.take(n3, 'a record');
        into[k3] = r3(cursor, at + o3);
        if (length === 4) return into;
        if (n4 !== 0) at = cursor.take(n4, 'a record');
        into[k4] = r4(cursor, at + o4);
        if (length === 5) return into;
        if (n5 !== 0) at = cursor.take(n5, 'a record');
        into[k5] = r5(cursor, at + o5);
        if (length === 6) return into;
        if (n6 !== 0) at = cursor.take(n6, 'a record');
        into[k6] = r6(cursor, at + o6);
        if (length === 7) return into;
        if (n7 !== 0) at = cursor.take(n7, 'a record');
        into[k7] = r7(cursor, at + o7);
        return rest === undefined ? into : rest.read(cursor, into);
      },
      write(buffer, from) {
        let at = 0;
        if (n0 !== 0) at = buffer.advance(n0);
        w0(buffer, from[k0], at + o0);
        if (length === 1) return;
        if (n1 !== 0) at = buffer.advance(n1);
        w1(buffer, from[k1], at + o1);
        if (length === 2) return;
        if (n2 !== 0) at = buffer.advance(n2);
        w2(buffer, from[k2], at + o2);
        if (length === 3) return;
        if (n3 !== 0) at = buffer.advance(n3);
        w3(buffer, from[k3], at + o3);
        if (length === 4) return;
        if (n4 !== 0) at = buffer.advance(n4);
        w4(buffer, from[k4], at + o4);
        if (length === 5) return;
        if (n5 !== 0) at = buffer.advance(n5);
        w5(buffer, from[k5], at + o5);
        if (length === 6) return;
        if (n6 !== 0) at = buffer.advance(n6);
        w6(buffer, from[k6], at + o6);
        if (length === 7) return;
        if (n7 !== 0) at = buffer.advance(n7);
        w7(buffer, from[k7], at + o7);
        rest?.write(buffer, from);
      },
    };
  },
  ({ fields, rest }) => {
    const { length } = fields;
    const [f0 = none, f1 = none, f2 = none, f3 = none, f4 = none, f5 = none, f6 = none, f7 = none] =
      fields;
    const { key: k0, read: r0, write: w0, offset: o0, run: n0 } = f0;
    const { key: k1, read: r1, write: w1, offset: o1, run: n1 } = f1;
    const { key: k2, read: r2, write: w2, offset: o2, run: n2 } = f2;
    const { key: k3, read: r3, write: w3, offset: o3, run: n3 } = f3;
    const { key: k4, read: r4, write: w4, offset: o4, run: n4 } = f4;
    const { key: k5, read: r5, write: w5, offset: o5, run: n5 } = f5;
    const { key: k6, read: r6, write: w6, offset: o6, run: n6 } = f6;
    const { key: k7, read: r7, write: w7, offset: o7, run: n7 } = f7;
    return {
      read(cursor, into = {}) {
        let at = 0;
        if (n0 !== 0) at = cursor.take(n0, 'a record');
        into[k0] = r0(cursor, at + o0);
        if (length === 1) return into;
        if (n1 !== 0) at = cursor.take(n1, 'a record');
        into[k1] = r1(cursor, at + o1);
        if (length === 2) return into;
        if (n2 !== 0) at = cursor.take(n2, 'a record');
        into[k2] = r2(cursor, at + o2);
        if (length === 3) return into;
        if (n3 !== 0) at = cursor.take(n3, 'a record');
        into[k3] = r3(cursor, at + o3);
        if (length === 4) return into;
        if (n4 !== 0) at = cursor.take(n4, 'a record');
        into[k4] = r4(cursor, at + o4);
        if (length === 5) return into;
        if (n5 !== 0) at = cursor.take(n5, 'a record');
        into[k5] = r5(cursor, at + o5);
        if (length === 6) return into;
        if (n6 !== 0) at = cursor.take(n6, 'a record');
        into[k6] = r6(cursor, at + o6);
        if (length === 7) return into;
        if (n7 !== 0) at = cursor.take(n7, 'a record');
        into[k7] = r7(cursor, at + o7);
        return rest === undefined ? into : rest.read(cursor, into);
      },
      write(buffer, from) {
        let at = 0;
        if (n0 !== 0) at = buffer.advance(n0);
        w0(buffer, from[k0], at + o0);
        if (length === 1) return;
        if (n1 !== 0) at = buffer.advance(n1);
        w1(buffer, from[k1], at + o1);
        if (length === 2) return;
        if (n2 !== 0) at = buffer.advance(n2);
        w2(buffer, from[k2], at + o2);
        if (length === 3) return;
        if (n3 !== 0) at = buffer.advance(n3);
        w3(buffer, from[k3], at + o3);
        if (length === 4) return;
        if (n4 !== 0) at = buffer.advance(n4);
        w4(buffer, from[k4], at + o4);
        if (length === 5) return;
        if (n5 !== 0) at = buffer.advance(n5);
        w5(buffer, from[k5], at + o5);
        if (length === 6) return;
        if (n6 !== 0) at = buffer.advance(n6);
        w6(buffer, from[k6], at + o6);
        if (length === 7) return;
        if (n7 !== 0) at = buffer.advance(n7);
        w7(buffer, from[k7], at + o7);
        rest?.write(buffer, from);
      },
    };
  },
  ({ fields, rest }) => {
    const { length } = fields;
    const [f0 = none, f1 = none, f2 = none, f3 = none, f4 = none, f5 = none, f6 = none, f7 = none] =
      fields;
    const { key: k0, read: r0, write: w0, offset: o0, run: n0 } = f0;
    const { key: k1, read: r1, write: w1, offset: o1, run: n1 } = f1;
    const { key: k2, read: r2, write: w2, offset: o2, run: n2 } = f2;
    const { key: k3, read: r3, write: w3, offset: o3, run: n3 } = f3;
    const { key: k4, read: r4, write: w4, offset: o4, run: n4 } = f4;
    const { key: k5, read: r5, write: w5, offset: o5, run: n5 } = f5;
    const { key: k6, read: r6, write: w6, offset: o6, run: n6 } = f6;
    const { key: k7, read: r7, write: w7, offset: o7, run: n7 } = f7;
    return {
      read(cursor, into = {}) {
        let at = 0;
        if (n0 !== 0) at = cursor.take(n0, 'a record');
        into[k0] = r0(cursor, at + o0);
        if (length === 1) return into;
        if (n1 !== 0) at = cursor.take(n1, 'a record');
        into[k1] = r1(cursor, at + o1);
        if (length === 2) return into;
        if (n2 !== 0) at = cursor.take(n2, 'a record');
        into[k2] = r2(cursor, at + o2);
        if (length === 3) return into;
        if (n3 !== 0) at = cursor.take(n3, 'a record');
        into[k3] = r3(cursor, at + o3);
        if (length === 4) return into;
        if (n4 !== 0) at = cursor.take(n4, 'a record');
        into[k4] = r4(cursor, at + o4);
        if (length === 5) return into;
        if (n5 !== 0) at = cursor.take(n5, 'a record');
        into[k5] = r5(cursor, at + o5);
        if (length === 6) return into;
        if (n6 !== 0) at = cursor.take(n6, 'a record');
        into[k6] = r6(cursor, at + o6);
        if (length === 7) return into;
        if (n7 !== 0) at = cursor.take(n7, 'a record');
        into[k7] = r7(cursor, at + o7);
        return rest === undefined ? into : rest.read(cursor, into);
      },
      write(buffer, from) {
        let at = 0;
        if (n0 !== 0) at = buffer.advance(n0);
        w0(buffer, from[k0], at + o0);
        if (length === 1) return;
        if (n1 !== 0) at = buffer.advance(n1);
        w1(buffer, from[k1], at + o1);
        if (length === 2) return;
        if (n2 !== 0) at = buffer.advance(n2);
        w2(buffer, from[k2], at + o2);
        if (length === 3) return;
        if (n3 !== 0) at = buffer.advance(n3);
        w3(buffer, from[k3], at + o3);
        if (length === 4) return;
        if (n4 !== 0) at = buffer.advance(n4);
        w4(buffer, from[k4], at + o4);
        if (length === 5) return;
        if (n5 !== 0) at = buffer.advance(n5);
        w5(buffer, from[k5], at + o5);
        if (length === 6) return;
        if (n6 !== 0) at = buffer.advance(n6);
        w6(buffer, from[k6], at + o6);
        if (length === 7) return;
        if (n7 !== 0) at = buffer.advance(n7);
        w7(buffer, from[k7], at + o7);
        rest?.write(buffer, from);
      },
    };
  },
  ({ fields, rest }) => {
    const { length } = fields;
    const [f0 = none, f1 = none, f2 = none, f3 = none, f4 = none, f5 = none, f6 = none, f7 = none] =
      fields;
    const { key: k0, read: r0, write: w0, offset: o0, run: n0 } = f0;
    const { key: k1, read: r1, write: w1, offset: o1, run: n1 } = f1;
    const { key: k2, read: r2, write: w2, offset: o2, run: n2 } = f2;
    const { key: k3, read: r3, write: w3, offset: o3, run: n3 } = f3;
    const { key: k4, read: r4, write: w4, offset: o4, run: n4 } = f4;
    const { key: k5, read: r5, write: w5, offset: o5, run: n5 } = f5;
    const { key: k6, read: r6, write: w6, offset: o6, run: n6 } = f6;
    const { key: k7, read: r7, write: w7, offset: o7, run: n7 } = f7;
    return {
      read(cursor, into = {}) {
        let at = 0;
        if (n0 !== 0) at = cursor.take(n0, 'a record');
        into[k0] = r0(cursor, at + o0);
        if (length === 1) return into;
        if (n1 !== 0) at = cursor.take(n1, 'a record');
        into[k1] = r1(cursor, at + o1);
        if (length === 2) return into;
        if (n2 !== 0) at = cursor.take(n2, 'a record');
        into[k2] = r2(cursor, at + o2);
        if (length === 3) return into;
        if (n3 !== 0) at = cursor.take(n3, 'a record');
        into[k3] = r3(cursor, at + o3);
        if (length === 4) return into;
        if (n4 !== 0) at = cursor.take(n4, 'a record');
        into[k4] = r4(cursor, at + o4);
        if (length === 5) return into;
        if (n5 !== 0) at = cursor.take(n5, 'a record');
        into[k5] = r5(cursor, at + o5);
        if (length === 6) return into;
        if (n6 !== 0) at = cursor.take(n6, 'a record');
        into[k6] = r6(cursor, at + o6);
        if (length === 7) return into;
        if (n7 !== 0) at = cursor.take(n7, 'a record');
        into[k7] = r7(cursor, at + o7);
        return rest === undefined ? into : rest.read(cursor, into);
      },
      write(buffer, from) {
        let at = 0;
        if (n0 !== 0) at = buffer.advance(n0);
        w0(buffer, from[k0], at + o0);
        if (length === 1) return;
        if (n1 !== 0) at = buffer.advance(n1);
        w1(buffer, from[k1], at + o1);
        if (length === 2) return;
        if (n2 !== 0) at = buffer.advance(n2);
        w2(buffer, from[k2], at + o2);
        if (length === 3) return;
        if (n3 !== 0) at = buffer.advance(n3);
        w3(buffer, from[k3], at + o3);
        if (length === 4) return;
        if (n4 !== 0) at = buffer.advance(n4);
        w4(buffer, from[k4], at + o4);
        if (length === 5) return;
        if (n5 !== 0) at = buffer.advance(n5);
        w5(buffer, from[k5], at + o5);
        if (length === 6) return;
        if (n6 !== 0) at = buffer.advance(n6);
        w6(buffer, from[k6], at + o6);
        if (length === 7) return;
        if (n7 !== 0) at = buffer.advance(n7);
        w7(buffer, from[k7], at + o7);
        rest?.write(buffer, from);
      },
    };
  },
];

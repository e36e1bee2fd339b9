// Built from ../kernels by `npm run kernels -w packages/data-stream`; not to be edited.
import type { FieldAccess, FieldGroup, SiteField } from './field-access.ts';

const nothing = (): void => {};
const none: SiteField = { key: '', read: nothing, write: nothing, offset: 0, run: 0 };

/** The most fields of a group. */
export const siteWidth = 8;

/** What `accessByLoop` does, at a place of its own each. */
export const recordSites: readonly ((group: FieldGroup) => FieldAccess)[] = [
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

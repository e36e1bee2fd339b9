import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeDocument } from '../src/bson-decoder.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { Catalog, createOperation } from '../src/catalog.ts';
import { DatabaseFile } from '../src/database-file.ts';
import { rowsPerCollection } from '../src/document-rows.ts';
import { entryToWire, type LogEntry, type Operation } from '../src/operation.ts';
import { ReplicaLog } from '../src/replica-log.ts';
import { ServerError } from '../src/server-error.ts';
import { packOperations } from '../src/transaction-entry.ts';

const namespace = 'db.things';
const time = { seconds: 1, increment: 1, term: 1 };

function openLog() {
  const file = new DatabaseFile(':memory:', { durable: false });
  const catalog = new Catalog(file);
  return { file, catalog, log: new ReplicaLog(file, catalog) };
}

/** Everything a member holds but the log itself, and what is left to be swept. */
function contents(file: DatabaseFile): unknown {
  return [
    'collections where dropped_at is null',
    'indexes',
    `documents where row / ${rowsPerCollection} in (select id from collections)`,
    'entries where "index" in (select id from indexes)',
  ].map((part) =>
    file
      .statement(`select * from ${part}`)
      .all()
      .map((row) => JSON.stringify(Object.entries(row).filter(([name]) => name !== 'multikey')))
      .sort(),
  );
}

interface Step {
  readonly kind: string;
  readonly id: number;
  readonly a: number;
  readonly parts?: readonly Step[];
}

const single = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), id: fc.nat(9), a: fc.nat(3) }),
  fc.record({
    kind: fc.constantFrom('update', 'pipeline', 'replace'),
    id: fc.nat(9),
    a: fc.nat(3),
  }),
  fc.record({ kind: fc.constant('delete' as const), id: fc.nat(9), a: fc.constant(0) }),
  fc.record({
    kind: fc.constantFrom(
      ...['create', 'drop', 'dropDatabase', 'createIndex', 'dropIndex', 'modifyIndex'],
    ),
    id: fc.constant(0),
    a: fc.constant(0),
  }),
);

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: single },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('transaction' as const),
        id: fc.constant(0),
        a: fc.constant(0),
        parts: fc.array(single, { minLength: 1, maxLength: 5 }),
      }),
    },
  ),
  { maxLength: 40 },
);

const name = { session: new Uint8Array(16), number: 1 };

function operationOf({ kind, id, a, parts = [] }: Step): Operation {
  switch (kind) {
    case 'transaction':
      return {
        kind,
        namespace: 'admin.$cmd',
        payload: packOperations(parts.map(operationOf), name),
      };
    case 'create':
      return createOperation(namespace, encodeDocument({}));
    case 'drop':
    case 'dropDatabase':
      return { kind, namespace, payload: encodeDocument({}) };
    case 'createIndex':
      return {
        kind,
        namespace,
        payload: encodeDocument({ key: { a: 1 }, name: 'a_1', unique: true }),
      };
    case 'dropIndex':
      return { kind, namespace, payload: encodeDocument({ name: 'a_1' }) };
    case 'modifyIndex': {
      const spec = { key: { a: 1 }, name: 'a_1', unique: true, hidden: true };
      return { kind, namespace, payload: encodeDocument({ name: 'a_1', spec }) };
    }
    default: {
      const document = kind === 'delete' ? { _id: id } : { _id: id, a: [a, a + 1] };
      return { kind: kind as 'insert', namespace, payload: encodeDocument(document) };
    }
  }
}

test('going back leaves everything as it was, indexes and dropped collections too', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const { file, catalog, log } = openLog();
      const seen = [contents(file)];
      for (const step of list) {
        // What is swept away is needed by nobody, and certainly not on the way back.
        if (step.id % 2 === 0) while (catalog.sweep(3)) {}
        try {
          log.append(operationOf(step), time);
          seen.push(contents(file));
        } catch (error) {
          // A refused change (a key that is taken, a collection that is not there) leaves no trace.
          expect(error).toBeInstanceOf(ServerError);
          expect(contents(file)).toEqual(seen.at(-1));
        }
      }
      for (let position = log.end.position - 1; position >= 0; position--) {
        log.rollBackTo(position);
        expect(contents(file)).toEqual(seen[position]);
      }
      file.close();
    }),
    { numRuns: 100 },
  );
});

test('the record of a retryable statement goes with its entry', () => {
  const { file, log } = openLog();
  const session = new Uint8Array(16).fill(7);
  log.append(createOperation(namespace, encodeDocument({})), time);
  const record = { session, txn: 3, statement: 0, result: encodeDocument({ n: 1 }) };
  log.append(operationOf({ kind: 'insert', id: 1, a: 1 }), time, record);
  expect(log.lastTxnOf(session)).toBe(3);
  expect(decodeDocument(log.resultOf(session, 3, 0)?.result ?? new Uint8Array()).get('n')).toBe(1);
  log.rollBackTo(1);
  expect(log.lastTxnOf(session)).toBeUndefined();
  expect(log.resultOf(session, 3, 0)).toBeUndefined();
  file.close();
});

const digests = (entries: readonly LogEntry[]) =>
  entries.map((entry) => createHash('md5').update(entryToWire(entry).bytes).digest('hex'));

test('hands out from memory what it would read from the disk', () => {
  fc.assert(
    fc.property(steps, fc.nat(10), fc.nat(5), (list, count, back) => {
      const { file, catalog, log } = openLog();
      const append = (step: (typeof list)[number], bytes: number) => {
        try {
          const { kind, namespace, payload } = operationOf(step);
          log.append({ kind, namespace, payload }, time);
          const note = encodeDocument({ note: 'x'.repeat(bytes) });
          log.append({ kind: 'noop', namespace: '', payload: note }, time);
        } catch (error) {
          expect(error).toBeInstanceOf(ServerError);
        }
      };
      append({ kind: 'create', id: 0, a: 0 }, 0);
      for (const step of list) append(step, 0);
      log.rollBackTo(Math.max(0, log.end.position - back));
      for (const step of list.slice(0, 2)) append(step, 3_000_000);
      log.markDurable(log.end);
      const fresh = new ReplicaLog(file, catalog);
      for (let after = 0; after <= log.end.position; after++) {
        expect(digests(log.after(after, count))).toEqual(digests(fresh.after(after, count)));
      }
      file.close();
    }),
    { numRuns: 30 },
  );
});

test('is cut to its size, in steps, but never where some member still needs it', () => {
  const { file, catalog, log } = openLog();
  log.append(createOperation(namespace, encodeDocument({})), time);
  for (let id = 0; id < 9; id++) log.append(operationOf({ kind: 'insert', id, a: id * 2 }), time);
  const { bytes } = log;
  expect(log.trim(bytes, 9, 100)).toBe(false);
  expect(log.start).toBe(0);
  expect(log.termAt(0)).toBe(0);
  expect(log.trim(0, 5, 3)).toBe(true);
  expect(log.start).toBe(3);
  expect(log.trim(0, 5, 3)).toBe(false);
  expect(log.start).toBe(4);
  expect(log.termAt(0)).toBeUndefined();
  expect(log.termAt(4)).toBeUndefined();
  expect(log.termAt(5)).toBe(1);
  const before = { start: log.start, bytes: log.bytes, end: log.end };
  expect(before.bytes).toBeLessThan(bytes);
  const again = new ReplicaLog(file, catalog);
  expect({ start: again.start, bytes: again.bytes, end: again.end }).toEqual(before);
  log.rollBackTo(8);
  log.append(operationOf({ kind: 'insert', id: 7, a: 14 }), time);
  log.append(operationOf({ kind: 'insert', id: 8, a: 16 }), time);
  expect(log.bytes).toBe(before.bytes);
  log.trim(0, 100, 100);
  expect(log.end).toEqual(before.end);
  expect(log.start).toBe(9);
  file.close();
});

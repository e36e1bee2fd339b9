import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeDocument } from '../src/bson-encoder.ts';
import { Catalog } from '../src/catalog.ts';
import { DatabaseFile } from '../src/database-file.ts';
import type { Operation } from '../src/operation.ts';
import { ReplicaLog } from '../src/replica-log.ts';
import { recordSeconds } from '../src/session-records.ts';

let file: DatabaseFile;
let log: ReplicaLog;

beforeEach(() => {
  file = new DatabaseFile(':memory:', { durable: false });
  log = new ReplicaLog(file, new Catalog(file));
});

afterEach(() => file.close());

const note: Operation = { kind: 'noop', namespace: '', payload: encodeDocument({}) };
const session = (byte: number) => new Uint8Array(16).fill(byte);

/** Writes the record of a statement as an entry of its own. */
function write(byte: number, txn: number, statement = 0, seconds = 1): number {
  const result = encodeDocument({ txn, statement });
  const record = { session: session(byte), txn, statement, result };
  return log.append(note, { seconds, increment: log.end.position + 1, term: 1 }, record).position;
}

const known = (byte: number, txn: number, statement = 0) =>
  log.resultOf(session(byte), txn, statement) !== undefined;

test('the records of a number are kept until a majority has one of the next number', () => {
  write(1, 5);
  write(1, 5, 1);
  write(1, 6);
  const last = write(1, 7);
  expect([known(1, 5), known(1, 5, 1), known(1, 6)]).toEqual([true, true, true]);
  log.settle(last - 1);
  write(1, 8);
  expect([known(1, 5), known(1, 5, 1), known(1, 6), known(1, 7)]).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(log.lastTxnOf(session(1))).toBe(8);
});

test('going back leaves the session with the last record that a majority has', () => {
  for (let txn = 1; txn <= 3; txn++) log.settle(write(1, txn));
  const settled = log.end.position;
  write(1, 4);
  write(1, 5);
  log.rollBackTo(settled);
  expect([known(1, 3), known(1, 4), known(1, 5)]).toEqual([true, false, false]);
  expect(log.lastTxnOf(session(1))).toBe(3);
});

test('a thousand numbers of a session take the room of the last ones', () => {
  for (let txn = 1; txn <= 1000; txn++) log.settle(write(1, txn));
  expect(file.statement('select count(*) as count from records').get()?.count).toBe(2);
});

test('records outlive their entries and end half an hour after their last use', () => {
  write(1, 1, 0, 100);
  write(2, 1, 0, 200);
  const last = write(3, 1, 0, 300);
  log.trim(0, last, 100);
  expect(log.start).toBe(last - 1);
  write(4, 1, 0, 200 + recordSeconds);
  expect(log.forgetRecords(10)).toBe(false);
  expect(known(1, 1)).toBe(true);
  log.settle(log.end.position);
  expect(log.forgetRecords(1)).toBe(true);
  expect(log.forgetRecords(10)).toBe(false);
  expect([1, 2, 3, 4].map((byte) => known(byte, 1))).toEqual([false, true, true, true]);
});

test('a record travels with its entry', () => {
  write(1, 9, 2);
  log.append(note, { seconds: 1, increment: 2, term: 1 });
  log.markDurable(log.end);
  const [first, second] = log.after(0, 10);
  expect(first?.record).toMatchObject({ session: session(1), txn: 9, statement: 2 });
  expect(second?.record).toBeUndefined();
});

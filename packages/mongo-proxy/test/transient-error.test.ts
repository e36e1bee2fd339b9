import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoServerError,
  MongoWriteConcernError,
} from 'mongodb';
import { expect, test } from 'vitest';
import {
  didNothing,
  isHistoryLost,
  isInterruption,
  isRefusal,
  isTransient,
  isWriteConcernTimeout,
} from '../src/transient-error.ts';

const server = (code: number, labels: string[] = []) =>
  new MongoServerError({ message: `code ${code}`, code, errorLabels: labels });
const writeConcern = (code: number) =>
  new MongoWriteConcernError({ ok: 1, writeConcernError: { code, errmsg: `code ${code}` } });
const inBulk = (error: Error) => new MongoBulkWriteError(error, {} as never);
const broken = Object.assign(new Error('ended by the other party'), { code: 'EPIPE' });
const network = new MongoNetworkError('connection closed');

test.each([
  { when: 'the connection broke', error: network, answer: true },
  { when: 'it broke inside a bulk write', error: inBulk(network), answer: true },
  ...[6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436].map((code) => ({
    when: `the server answers ${code}`,
    error: server(code),
    answer: true,
  })),
  { when: 'the primary stepped down while confirming', error: writeConcern(11602), answer: true },
  { when: 'the server asks for a retry', error: server(1, ['RetryableError']), answer: true },
  { when: 'a key is a duplicate', error: server(11000), answer: false },
  { when: 'the write concern timed out', error: writeConcern(64), answer: false },
  { when: 'the argument is wrong', error: new MongoInvalidArgumentError('x'), answer: false },
  { when: 'the client was closed', error: new MongoClientClosedError(), answer: false },
  { when: 'a socket ended in the moment of writing', error: broken, answer: true },
  { when: 'it ended so inside a bulk write', error: inBulk(broken), answer: true },
  {
    when: 'a commit stumbled over such a socket',
    error: new TypeError('error.hasErrorLabel is not a function'),
    answer: true,
  },
  { when: 'the error is not of the driver', error: new TypeError('x'), answer: false },
])('trying again may help when $when: $answer', ({ error, answer }) => {
  expect(isTransient(error)).toBe(answer);
});

test('tells apart what a failed write may have done', () => {
  expect(didNothing(server(10107, ['NoWritesPerformed']))).toBe(true);
  expect(didNothing(inBulk(server(10107, ['NoWritesPerformed'])))).toBe(true);
  expect(didNothing(server(10107))).toBe(false);
  expect(isRefusal(server(10107))).toBe(true);
  expect(isRefusal(writeConcern(10107))).toBe(false);
  expect(isRefusal(inBulk(server(10107)))).toBe(false);
  expect(isHistoryLost(server(217))).toBe(true);
  expect(isWriteConcernTimeout(writeConcern(64))).toBe(true);
  expect(isInterruption(new MongoClientClosedError())).toBe(true);
  expect(isInterruption(server(18, ['HandshakeError']))).toBe(true);
  expect(isInterruption(broken)).toBe(true);
  expect(isInterruption(server(11000))).toBe(false);
  expect(isInterruption(new MongoInvalidArgumentError('x'))).toBe(false);
});

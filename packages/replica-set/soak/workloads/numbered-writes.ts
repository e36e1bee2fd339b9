/** Retryable writes that are sent under the same number until they are acknowledged: each is done once. */
import { setTimeout as pause } from 'node:timers/promises';
import { type ClientSession, type Document, Long } from 'mongodb';
import { verdictOn } from '../client-error.ts';
import type { Finding } from '../finding.ts';
import type { Operation } from '../history.ts';
import { insist } from '../insist.ts';
import { majority, type Round, type Workload } from '../workload.ts';

export const countersName = 'counters';
const batchesName = 'batches';
const workload = 'numbered';

/** How many changes a document gets before the worker takes a new one. */
const changesPerDocument = 40;

interface Writer {
  readonly session: ClientSession;
  txn: number;
  document: number;
  /** What was done to the present document so far. */
  changes: number;
}

interface Sent {
  readonly marks: readonly string[];
  /** What `n` of the document has to be behind it; for batches, nothing. */
  readonly expected?: number;
}

export function numberedWrites(round: Round): Workload {
  const { countingClient, database, dice, history } = round;
  const db = countingClient.db(database);
  const writers = new Map<number, Writer>();
  let nextMark = 0;

  const writerOf = (worker: number): Writer => {
    let writer = writers.get(worker);
    if (writer === undefined) {
      const session = countingClient.startSession({ causalConsistency: false });
      // The driver hands out sessions again: a later round has to count on.
      writer = { session, txn: round.number * 1_000_000, document: 0, changes: 0 };
      writers.set(worker, writer);
    }
    if (writer.changes >= changesPerDocument) {
      writer.document += 1;
      writer.changes = 0;
    }
    return writer;
  };

  /** The reply, once there is one that tells that a majority has the write. */
  const sendUntilDone = async (command: Document, { session, txn }: Writer): Promise<Document> => {
    for (;;) {
      try {
        const numbered = { ...command, ...majority, txnNumber: Long.fromNumber(txn) };
        const reply = await db.command(numbered, { session });
        if (reply.writeConcernError === undefined) return reply;
      } catch (error) {
        if (round.over() || verdictOn(error) === 'wrong') throw error;
      }
      await pause(dice.between(1, 40));
    }
  };

  return {
    name: workload,
    workers: 4,
    promise: 'a numbered write that is sent until it is acknowledged is done exactly once',

    async prepare() {
      await insist(() => db.createCollection(countersName, majority));
      await insist(() => db.createCollection(batchesName, majority));
    },

    async work(worker) {
      const writer = writerOf(worker);
      writer.txn += 1;
      const key = `${worker}-${writer.document}`;
      const marks = [0, 1, 2].map(() => `m${nextMark++}`);
      const sort = dice.pick(['findAndModify', 'update', 'bulk', 'insert'] as const);
      const [mark = ''] = marks;
      const change = (each: string) => ({ $inc: { n: 1 }, $push: { marks: each } });
      const record = (value: Sent, command: Document) =>
        history.record(
          { workload, worker, action: sort, key, value },
          async () => {
            const reply = await sendUntilDone(command, writer);
            return reply.value?.n ?? reply.n;
          },
          { resent: true },
        );
      if (sort === 'insert') {
        const documents = marks.map((each) => ({ _id: each }));
        await record({ marks }, { insert: batchesName, documents });
        return;
      }
      const done = sort === 'bulk' ? marks : [mark];
      writer.changes += done.length;
      const expected = sort === 'findAndModify' ? { expected: writer.changes } : {};
      const sent = { marks: done, ...expected };
      const q = { _id: key };
      const command =
        sort === 'findAndModify'
          ? { findAndModify: countersName, query: q, update: change(mark), upsert: true, new: true }
          : {
              update: countersName,
              updates: done.map((each) => ({ q, u: change(each), upsert: true })),
            };
      const { outcome } = await record(sent, command);
      // What is not known makes everything behind it uncertain: the next one begins a new document.
      if (outcome !== 'ok') writer.changes = changesPerDocument;
    },

    judge(contents) {
      const operations = history.of(workload);
      const batches = new Set((contents.get(batchesName) ?? []).map(({ _id }) => _id));
      const documents = new Map(
        (contents.get(countersName) ?? []).map((document) => [document._id, document]),
      );
      const inserted = operations.filter(({ action }) => action === 'insert');
      const changed = Map.groupBy(
        operations.filter(({ action }) => action !== 'insert'),
        ({ key }) => key,
      );
      return [
        ...inserted.flatMap((operation) => judgeBatch(operation, batches)),
        ...[...changed].flatMap(([key, each]) => judgeCounter(each, documents.get(key))),
      ];
    },

    async close() {
      await Promise.all([...writers.values()].map(({ session }) => session.endSession()));
    },
  };
}

const promise = 'a numbered write is done exactly once';

function judgeBatch(operation: Operation, stored: ReadonlySet<unknown>): Finding[] {
  const { marks } = operation.value as Sent;
  if (operation.outcome !== 'ok') return [];
  const there = marks.filter((mark) => stored.has(mark)).length;
  if (there === marks.length && operation.result === marks.length) return [];
  const detail = `${there} of ${marks.length} documents are there, the reply told of ${operation.result}`;
  return [{ promise, detail, operations: [operation] }];
}

function judgeCounter(
  operations: readonly Operation[],
  document: Record<string, unknown> | undefined,
): Finding[] {
  const stored = (document?.marks ?? []) as string[];
  const acknowledged = operations.filter(({ outcome }) => outcome === 'ok');
  const due = acknowledged.flatMap(({ value }) => (value as Sent).marks);
  // Only the last one may be uncertain.
  const may = operations.flatMap(({ value }) => (value as Sent).marks);
  const findings: Finding[] = [];
  const right = stored.length >= due.length && stored.every((mark, index) => mark === may[index]);
  if (!right || Number(document?.n ?? 0) !== stored.length) {
    const detail = `n is ${document?.n}, the marks are ${stored.join(' ')}, acknowledged were ${due.join(' ')}`;
    findings.push({ promise, detail, operations });
  }
  const misled = acknowledged.filter(({ action, value, result }) => {
    const { expected, marks } = value as Sent;
    return result !== (action === 'findAndModify' ? expected : marks.length);
  });
  if (misled.length > 0) {
    const detail = 'the reply tells of another number than that of the writes made';
    findings.push({
      promise: 'a write sent again is answered as it was at first',
      detail,
      operations: misled,
    });
  }
  return findings;
}

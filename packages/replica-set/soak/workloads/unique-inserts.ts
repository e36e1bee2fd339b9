/** Documents that are written once: by one statement, by the driver's own retries, without an `_id`. */
import type { Finding } from '../finding.ts';
import type { Operation } from '../history.ts';
import { insist } from '../insist.ts';
import { databaseOf, majority, type Round, type Workload } from '../workload.ts';

export const insertsName = 'inserts';

export function uniqueInserts(round: Round): Workload {
  const { history, retryingClient, database } = round;
  const db = databaseOf(round);
  let next = 0;

  const ways = [
    (n: number) => db.collection(insertsName).insertOne({ n, code: `c${n}` }, majority),
    (n: number) =>
      retryingClient
        .db(database)
        .collection(insertsName)
        .insertOne({ n, code: `c${n}` }, majority),
    // The server makes the `_id`, so that a statement done twice would show.
    (n: number) => db.command({ insert: insertsName, documents: [{ n }], ...majority }),
  ];

  return {
    name: insertsName,
    workers: 6,
    promise:
      'acknowledged majority inserts survive on every member, unknown ones appear at most once, refused ones never',

    async prepare() {
      const collection = db.collection(insertsName);
      await insist(() => collection.createIndex({ n: 1 }));
      await insist(() => collection.createIndex({ code: 1 }, { unique: true, sparse: true }));
    },

    async work(worker) {
      const n = next++;
      const way = worker % ways.length;
      const intent = { workload: insertsName, worker, action: 'insert', key: String(n) };
      await history.record(
        intent,
        async () => {
          await ways[way]?.(n);
        },
        { resent: way === 1 },
      );
    },

    judge(contents) {
      const copies = new Map<string, number>();
      for (const { n } of contents.get(insertsName) ?? []) {
        copies.set(String(n), (copies.get(String(n)) ?? 0) + 1);
      }
      return history.of(insertsName).flatMap((operation) => {
        const count = copies.get(operation.key) ?? 0;
        const broken = brokenBy(operation, count);
        if (broken === undefined) return [];
        return [{ promise: broken, detail: `it is there ${count} times`, operations: [operation] }];
      }) satisfies Finding[];
    },
  };
}

function brokenBy({ outcome }: Operation, count: number): string | undefined {
  if (outcome === 'ok' && count === 0) return 'an acknowledged majority insert survives';
  if (outcome === 'failed' && count > 0) return 'an insert that was refused is never done';
  return count > 1 ? 'an insert is done at most once' : undefined;
}

/** Transactions: transfers between accounts whose sum never changes, and lists that grow in pairs. */
import { setTimeout as pause } from 'node:timers/promises';
import { type ClientSession, MongoError, MongoServerError } from 'mongodb';
import { JudgedError } from '../client-error.ts';
import type { Finding } from '../finding.ts';
import type { Operation } from '../history.ts';
import { insist } from '../insist.ts';
import { databaseOf, majority, type Round, type Workload } from '../workload.ts';

const workload = 'transactions';
const accountsName = 'accounts';
const listsName = 'lists';
const accounts = 6;
const startBalance = 100;
const pairs = 2;
const marksPerPair = 40;

interface Account {
  _id: number;
  balance: number;
}

interface List {
  _id: string;
  marks: string[];
}

const options = { readConcern: 'snapshot', writeConcern: { w: 'majority' } } as const;

export function transactions(round: Round): Workload {
  const { client, history, dice } = round;
  const db = databaseOf(round);
  const accountsOf = db.collection<Account>(accountsName);
  const listsOf = db.collection<List>(listsName);
  let nextMark = 0;

  /** Sends the commit again for as long as nobody knows what came of it. */
  const commit = async (session: ClientSession): Promise<void> => {
    for (;;) {
      try {
        await session.commitTransaction();
        return;
      } catch (error) {
        const open =
          error instanceof MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
        if (!open || round.over()) throw new JudgedError('unknown', error);
        await pause(dice.between(1, 40));
      }
    }
  };

  const inTransaction = async <T>(body: (session: ClientSession) => Promise<T>): Promise<T> => {
    await using session = client.startSession({ causalConsistency: false });
    session.startTransaction(options);
    let result: T;
    try {
      result = await body(session);
    } catch (error) {
      await session.abortTransaction().catch(() => {});
      // Without a commit nothing is ever done.
      throw new JudgedError('failed', error);
    }
    await commit(session);
    return result;
  };

  const transfer = (from: number, to: number, amount: number) =>
    inTransaction(async (session) => {
      const balance = async (_id: number) =>
        (await accountsOf.findOne({ _id }, { session }))?.balance ?? Number.NaN;
      const taken = (await balance(from)) - amount;
      const given = (await balance(to)) + amount;
      await accountsOf.updateOne({ _id: from }, { $set: { balance: taken } }, { session });
      await accountsOf.updateOne({ _id: to }, { $set: { balance: given } }, { session });
      return true;
    });

  const append = (pair: string, mark: string) =>
    inTransaction(async (session) => {
      // Read and written back whole, so that an update that is lost takes a mark with it.
      for (const side of dice.shuffled(['left', 'right'])) {
        const _id = `${pair}-${side}`;
        const list = await listsOf.findOne({ _id }, { session });
        const marks = [...(list?.marks ?? []), mark];
        await listsOf.updateOne({ _id }, { $set: { marks } }, { session, upsert: true });
      }
      return true;
    });

  const audit = (session: ClientSession) =>
    accountsOf
      .find({}, { session })
      .toArray()
      .then((found) => found.reduce((sum, { balance }) => sum + balance, 0));

  const compare = async (session: ClientSession, pair: string) => {
    const found = await listsOf
      .find({ _id: { $in: [`${pair}-left`, `${pair}-right`] } }, { session })
      .sort({ _id: 1 })
      .toArray();
    const [left = [], right = []] = found.map(({ marks }) => marks);
    return { left, right };
  };

  /** A look by a snapshot session, anywhere, or by a transaction. */
  const look = async <T>(body: (session: ClientSession) => Promise<T>): Promise<T> => {
    if (dice.chance(0.5)) return inTransaction(body);
    await using session = client.startSession({ snapshot: true, causalConsistency: false });
    return await body(session);
  };

  return {
    name: workload,
    workers: 6,
    promise: 'transactions are atomic and isolated: sums stay, pairs are equal, no update is lost',

    async prepare() {
      await insist(() => db.createCollection(listsName, majority));
      const all = Array.from({ length: accounts }, (_, _id) => ({ _id, balance: startBalance }));
      await insist(() => accountsOf.insertMany(all, majority));
    },

    async work(worker) {
      const pair = `p${dice.between(0, pairs - 1)}-${Math.floor(nextMark / marksPerPair)}`;
      const sort = (['transfer', 'append', 'append', 'transfer', 'audit', 'compare'] as const)[
        worker % 6
      ];
      if (sort === 'transfer') {
        const [from = 0, to = 0] = dice.shuffled([...Array(accounts).keys()]);
        const key = `${from}-${to}`;
        const amount = dice.between(1, 20);
        await history.record({ workload, worker, action: sort, key, value: amount }, () =>
          transfer(from, to, amount),
        );
      } else if (sort === 'append') {
        const mark = `m${nextMark++}`;
        await history.record({ workload, worker, action: sort, key: pair, value: mark }, () =>
          append(pair, mark),
        );
      } else if (sort === 'audit') {
        await history.record({ workload, worker, action: sort, key: 'all' }, () => look(audit));
      } else {
        const key = pair;
        await history.record({ workload, worker, action: 'compare', key }, () =>
          look((session) => compare(session, pair)),
        );
      }
    },

    judge(contents) {
      const operations = history.of(workload);
      const balances = (contents.get(accountsName) ?? []).map(({ balance }) => Number(balance));
      const sum = balances.reduce((total, balance) => total + balance, 0);
      const lists = new Map(
        (contents.get(listsName) ?? []).map(({ _id, marks }) => [String(_id), marks as string[]]),
      );
      return [
        ...(sum === accounts * startBalance
          ? []
          : [
              sumBroken(
                sum,
                operations.filter(({ action }) => action === 'transfer'),
              ),
            ]),
        ...operations.flatMap((operation) => judgeOperation(operation, lists)),
      ];
    },
  };
}

function sumBroken(sum: unknown, operations: readonly Operation[]): Finding {
  const promise = 'transfers leave the sum as it is';
  return { promise, detail: `the sum is ${sum} instead of ${accounts * startBalance}`, operations };
}

function judgeOperation(
  operation: Operation,
  lists: ReadonlyMap<string, readonly string[]>,
): Finding[] {
  const { action, outcome, key, result } = operation;
  if (action === 'append') {
    const copies = ['left', 'right'].map(
      (side) =>
        (lists.get(`${key}-${side}`) ?? []).filter((mark) => mark === operation.value).length,
    );
    const [left, right] = copies;
    const due = outcome === 'ok' ? [1] : outcome === 'failed' ? [0] : [0, 1];
    if (left === right && due.includes(left ?? 0)) return [];
    const promise = 'a transaction is done wholly and once, or not at all';
    return [
      {
        promise,
        detail: `the mark is there ${copies.join(' and ')} times`,
        operations: [operation],
      },
    ];
  }
  if (outcome !== 'ok' || action === 'transfer') return [];
  if (action === 'audit') {
    return result === accounts * startBalance ? [] : [sumBroken(result, [operation])];
  }
  const { left, right } = result as { left: string[]; right: string[] };
  if (left.join() === right.join()) return [];
  const promise = 'a snapshot shows all of a transaction or nothing';
  return [{ promise, detail: 'the lists of a pair differ', operations: [operation] }];
}

/** True when the server knows transactions. */
export async function hasTransactions(round: Round): Promise<boolean> {
  let known = true;
  await insist(async () => {
    await using session = round.client.startSession();
    session.startTransaction(options);
    try {
      await databaseOf(round).collection('probe').findOne({}, { session });
      await session.abortTransaction();
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== 238) throw error;
      known = false;
    }
  });
  return known;
}

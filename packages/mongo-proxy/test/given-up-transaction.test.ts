import { ReplicaSet } from '@holdfast/replica-set';
import {
  type CommandFailedEvent,
  type CommandStartedEvent,
  type CommandSucceededEvent,
  MongoClient,
  MongoNetworkError,
} from 'mongodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mongoProxy } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { isForeign } from './deployment.ts';

let rs: ReplicaSet;
let client: MongoClient;

const entries = () => client.db('bank').collection<{ _id: string }>('entries');
const ids = async () => (await entries().find().toArray()).map(({ _id }) => _id);

describe.skipIf(isForeign)('a primary that freezes while a transaction ends', () => {
  beforeEach(async () => {
    rs = await ReplicaSet.start({ members: 3, electionTimeoutMS: 500 });
    client = mongoProxy(new MongoClient(rs.uri, { ...safeClientOptions, monitorCommands: true }));
    await client.db('bank').createCollection('entries');
  });

  afterEach(async () => {
    await client.close();
    await rs.stop();
  });

  test('does not keep a transaction whose abort it leaves unanswered from being run again', async () => {
    let runs = 0;
    await client.withSession((session) =>
      session.withTransaction(async () => {
        runs += 1;
        await entries().insertOne({ _id: 'a' }, { session });
        if (runs > 1) return;
        await rs.freeze(rs.primary);
        throw new MongoNetworkError('so that the transaction is aborted');
      }),
    );
    expect(runs).toBe(2);
    expect(await ids()).toEqual(['a']);
  });

  test('does not end the next transaction when it answers the commit at last', async () => {
    const frozen = rs.primary;
    let runs = 0;
    const inserts: CommandStartedEvent[] = [];
    const ended: string[] = [];
    client.on('commandStarted', (event) => {
      if (event.commandName === 'insert') inserts.push(event);
    });
    const noteEnd = ({ commandName, address }: CommandSucceededEvent | CommandFailedEvent) =>
      ended.push(`${commandName} ${address}`);
    client.on('commandSucceeded', noteEnd);
    client.on('commandFailed', noteEnd);
    await client.withSession((session) =>
      session.withTransaction(async () => {
        runs += 1;
        await entries().insertOne({ _id: 'a' }, { session });
        if (runs === 1) return rs.freeze(frozen);
        rs.thaw(frozen);
        const late = `commitTransaction 127.0.0.1:${frozen.port}`;
        await expect.poll(() => ended, { timeout: 10_000 }).toContain(late);
        await client.db('admin').command({ ping: 1 });
        await entries().insertOne({ _id: 'b' }, { session });
      }),
    );
    expect(runs).toBe(2);
    expect(inserts.map(({ command }) => command.autocommit)).toEqual([false, false, false]);
    expect(await ids()).toEqual(['a', 'b']);
  });
});

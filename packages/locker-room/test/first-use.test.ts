import { setImmediate } from 'node:timers/promises';
import { mongoProxy, PatienceExhaustedError, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, type Document, MongoClient, ObjectId } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ForeignDocumentError } from '../src/foreign-document-error.ts';
import { LockerRoom } from '../src/locker-room.ts';
import { pretendClock } from './pretend-clock.ts';

let rs: ReplicaSet;
let client: MongoClient;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  client = new MongoClient(rs.uri, safeClientOptions);
});

afterAll(async () => {
  await client?.close();
  await rs?.stop();
});

describe('a collection with other documents', () => {
  const id = new ObjectId();
  let others: Collection<Document>;
  let lockers: LockerRoom;
  let tests = 0;

  beforeEach(async () => {
    others = client.db('test').collection(`others-${++tests}`);
    const { dbName: database, collectionName: collection } = others;
    lockers = new LockerRoom({ client, database, collection });
    await others.insertOne({ _id: id, token: 'of a session' });
    return () => lockers.close();
  });

  test.each<[string, () => Promise<unknown>]>([
    ['lock', () => lockers.lock('name', { timeout: 1000 })],
    ['tryLock', () => lockers.tryLock('name')],
    ['break', () => lockers.break('name')],
    ['status', () => lockers.status('name')],
    ['list', () => lockers.list()],
  ])('is refused by %s, and stays as it was', async (_, use) => {
    const error = await use().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ForeignDocumentError);
    expect(error).toMatchObject({
      message: `the collection test.others-${tests} holds documents that are not locks, as the one with _id new ObjectId('${id}'): let the locker room have a collection of its own`,
      namespace: `test.others-${tests}`,
      id,
    });
    expect(await others.find().toArray()).toEqual([{ _id: id, token: 'of a session' }]);
  });

  test('is looked at again after a refusal, and not once it was found to be in order', async () => {
    await expect(lockers.lock('name')).rejects.toBeInstanceOf(ForeignDocumentError);
    await others.deleteOne({ _id: id });
    await (await lockers.lock('name')).release();
    await others.insertOne({ _id: id });
    await (await lockers.lock('name')).release();
    await lockers.close();
  });

  test('is refused when locks lie in it too', async () => {
    await others.deleteOne({ _id: id });
    await (await lockers.lock('name')).release();
    await others.insertOne({ _id: id });
    const { dbName: database, collectionName: collection } = others;
    await using another = new LockerRoom({ client, database, collection });
    await expect(another.lock('name')).rejects.toMatchObject({ id });
  });
});

test('all goes by _id: no index is made', async () => {
  await using lockers = new LockerRoom({ client });
  await (await lockers.lock('name')).release();
  await lockers.list();
  const indexes = await client.db('locker_room').collection('locks').indexes();
  expect(indexes.map(({ name }) => name)).toEqual(['_id_']);
});

describe('a database that is away', () => {
  let away: ReplicaSet;

  beforeEach(async () => {
    away = await ReplicaSet.start({ members: 1 });
    return () => away.stop();
  });

  const address = () => new URL(away.uri).host;

  test('is waited for within the timeout, and then told', async () => {
    const clock = pretendClock();
    const lockers = new LockerRoom({ uri: away.uri }, clock);
    await away.kill(away.primary);
    const waiting = lockers.lock('name', { timeout: 60_000 }).catch((error: unknown) => error);
    await clock.advance(59_999);
    await clock.untilTimers(1);
    await clock.advance(1);
    expect(await waiting).toMatchObject({
      name: 'LockTimeoutError',
      message: `lock "name": not granted within 60000 ms: no answer came from ${address()}`,
      holder: null,
    });
    const closing = lockers.close();
    await clock.untilTimers(1);
    await clock.advance(5_000);
    await closing;
  });

  test('is told beside the holder when it went away meanwhile', async () => {
    const clock = pretendClock();
    const lockers = new LockerRoom({ uri: away.uri }, clock);
    await lockers.lock('name', { owner: 'gustav' });
    const waiting = lockers.lock('name', { timeout: 60_000 }).catch((error: unknown) => error);
    while ((await lockers.status('name')).waiting.length === 0) await setImmediate();
    await away.kill(away.primary);
    await clock.untilTimers(2); // the timeout, and one of the lock that is held
    await clock.advance(60_000);
    expect(await waiting).toMatchObject({
      message: expect.stringMatching(
        /^lock "name": not granted within 60000 ms: held by gustav since \S+Z; lately no answer came from /,
      ),
      holder: 'gustav',
    });
    const closing = lockers.close();
    await clock.untilTimers(1);
    await clock.advance(5_000);
    await closing;
  });

  test('is waited for within the timeout by those who protect their client for less', async () => {
    const bare = new MongoClient(away.uri, { ...safeClientOptions, serverSelectionTimeoutMS: 50 });
    const impatient = mongoProxy(bare, { patience: 50 });
    await using lockers = new LockerRoom({ client: impatient });
    const [member] = away.members;
    if (member === undefined) throw new Error('a set has members');
    await away.kill(member);
    await expect(lockers.lock('name')).rejects.toBeInstanceOf(PatienceExhaustedError);
    const waiting = lockers.lock('name', { timeout: 60_000 });
    await expect(lockers.tryLock('name')).rejects.toBeInstanceOf(PatienceExhaustedError);
    await away.restart(member);
    await (await waiting).release();
    await impatient.close();
  });

  test('grants the lock when it is back in time', async () => {
    await using lockers = new LockerRoom({ uri: away.uri });
    const [member] = away.members;
    if (member === undefined) throw new Error('a set has members');
    await away.kill(member);
    const waiting = lockers.lock('name', { timeout: 60_000 });
    await away.restart(member);
    await expect(waiting).resolves.toMatchObject({ token: 1n });
  });
});

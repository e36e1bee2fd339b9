/**
 * One lock, two people who want it: taken and given back by hand, then around a piece of work.
 *
 * The second one waits in line; the token tells the database who came later, so that a write of
 * somebody who was paused for too long can be refused.
 */
import { LockerRoom, LockLostError, LockTimeoutError } from '@holdfast/locker-room';
import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';

const rs = await ReplicaSet.start({ members: 1 });
const client = mongoProxy(new MongoClient(rs.uri, safeClientOptions));
const lockers = new LockerRoom({ client });

async function show(): Promise<void> {
  const { locked, owner, token } = await lockers.status('my_lock');
  console.log(`status: locked ${locked}, owner ${owner}, token ${token}`);
}

// By hand.
const lock = await lockers.lock('my_lock', { owner: 'gustav', timeout: 2000 });
await show();
try {
  await lockers.lock('my_lock', { owner: 'berta', timeout: 100 });
} catch (error) {
  if (!(error instanceof LockTimeoutError)) throw error;
  console.log(`berta waited ${error.timeout} ms in vain: ${error.holder} holds it`);
}
await lock.release();
await show();

// Around a piece of work: whatever happens in it, the lock is given back.
const queue = ['gustav', 'berta', 'carl'].map((owner) =>
  lockers.lockAndRelease('my_lock', { owner, timeout: 20_000 }, ({ token }) => {
    console.log(`${owner} works with token ${token}`);
  }),
);
await Promise.all(queue);
await show();

// Somebody pauses for longer than the lease lasts; the next one reads, and the late write is refused.
const cursors = client.db('desk').collection<{ _id: string; at: number }>('cursors');
await cursors.insertOne({ _id: 'stream', at: 100 });
const paused = await lockers.lock('ingest', { owner: 'paused' });
const locks = client.db('locker_room').collection<{ _id: string }>('locks');
await locks.updateOne({ _id: 'ingest' }, { $set: { 'holders.0.expiresAt': new Date() } }); // as if time had passed
const next = await lockers.lock('ingest', { owner: 'next' });
await lockers.fenced(next, cursors).findOne({ _id: 'stream' });
try {
  await lockers.fenced(paused, cursors).updateOne({ _id: 'stream' }, { $set: { at: 50 } });
} catch (error) {
  if (!(error instanceof LockLostError)) throw error;
  console.log(`late write refused: ${error.message}`);
}
console.log(`the cursor is still at ${(await cursors.findOne({ _id: 'stream' }))?.at}`);

await lockers.close();
await client.close();
await rs.stop();

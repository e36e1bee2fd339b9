/** A program of its own that counts under a lock, by a read and a write apart: `URI ROUNDS`. */
import { safeClientOptions } from '@holdfast/mongo-proxy';
import { MongoClient } from 'mongodb';
import { LockerRoom } from '../src/locker-room.ts';

const [uri = '', rounds = '0'] = process.argv.slice(2);
const client = new MongoClient(uri, safeClientOptions);
const lockers = new LockerRoom({ client });
const counters = client.db('test').collection<{ _id: string; n: number }>('counters');
const tokens: string[] = [];
for (let round = 0; round < Number(rounds); round++) {
  await lockers.lockAndRelease('counter', {}, async ({ token }) => {
    tokens.push(String(token));
    const counter = await counters.findOne({ _id: 'counter' });
    await counters.replaceOne({ _id: 'counter' }, { n: (counter?.n ?? 0) + 1 }, { upsert: true });
  });
}
console.log(JSON.stringify(tokens));
await lockers.close();
await client.close();

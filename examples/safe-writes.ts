/**
 * One document inserted twice: the second time must fail, and only a safe write says so.
 *
 * With `w: 0` nobody answers, so a write that failed looks like one that did not. With
 * `safeClientOptions` every write waits until a majority of the members has it in its journal.
 */
import { safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';

const rs = await ReplicaSet.start({ members: 3 });
const options = { 'w: 0': { writeConcern: { w: 0 } }, safeClientOptions } as const;

for (const [name, chosen] of Object.entries(options)) {
  const client = new MongoClient(rs.uri, chosen);
  const orders = client.db('shop').collection<{ _id: string }>(`orders with ${name}`);
  const insert = () => orders.insertOne({ _id: 'order-1' });
  await insert();
  const outcome = await insert().then(
    ({ acknowledged }) => `no error, acknowledged ${acknowledged}`,
    (error: Error) => error.message.replace(/ collection: .*/, ''),
  );
  console.log(`${name}, second insert: ${outcome}`);
  await client.close();
}

const { writeConcern, readConcern } = safeClientOptions;
console.log(`safeClientOptions: ${JSON.stringify({ writeConcern, readConcern })}`);
await rs.stop();

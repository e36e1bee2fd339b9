/**
 * What becomes of writes, under safe options and under weaker ones.
 *
 * First one document is inserted twice: the second time must fail, and with `w: 0` nobody says so.
 * Then the primary is cut off from the others, who elect another one. What only the old primary had
 * is undone when the line is mended, although it was acknowledged; what `safeClientOptions` had
 * acknowledged is still there. Weaker options are had by a sentence that says what is given up.
 */
import { fresh, mongoProxy, safeClientOptions, weakerClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, MongoClient } from 'mongodb';

interface Order {
  _id: string;
}

const rs = await ReplicaSet.start({ members: 3 });
const safe = mongoProxy(new MongoClient(rs.uri, safeClientOptions));
const unacknowledged = new MongoClient(
  rs.uri,
  weakerClientOptions({ unacknowledged: 'I can lose these writes' }),
);
const unreplicated = new MongoClient(
  rs.uri,
  weakerClientOptions({ unreplicated: 'A fail-over can undo these writes' }),
);
const ordersOf = (client: MongoClient, name: string): Collection<Order> =>
  client.db('shop').collection<Order>(`orders with ${name}`);

for (const [name, client] of [
  ['w: 0', unacknowledged],
  ['safeClientOptions', safe],
] as const) {
  const orders = ordersOf(client, name);
  const insert = () => orders.insertOne({ _id: 'order-1' });
  await insert();
  const outcome = await insert().then(
    ({ acknowledged }) => `no error, acknowledged ${acknowledged}`,
    (error: Error) => error.message.replace(/ collection: .*/, ''),
  );
  console.log(`${name}, second insert: ${outcome}`);
}

const ids = ['order-2', 'order-3', 'order-4'];
/** Inserts the orders and tells how many were acknowledged. */
async function insertAll(client: MongoClient, name: string): Promise<number> {
  const results = await Promise.all(ids.map((_id) => ordersOf(client, name).insertOne({ _id })));
  return results.filter(({ acknowledged }) => acknowledged).length;
}

await unreplicated.db('shop').command({ ping: 1 }); // knows the primary before it is cut off
const old = rs.primary;
await rs.partition([[old], rs.members.filter(({ index }) => index !== old.index)]);
const [withOne, withMajority] = await Promise.all([
  insertAll(unreplicated, 'w: 1'),
  insertAll(safe, 'safeClientOptions'), // repeated until the next primary has them
]);
await rs.heal();
for (const [name, acknowledged] of [
  ['w: 1', withOne],
  ['safeClientOptions', withMajority],
] as const) {
  const latest = fresh(ordersOf(safe, name), 'latest');
  const kept = await latest.countDocuments({ _id: { $in: ids } });
  console.log(`${name}, through a fail-over: acknowledged ${acknowledged}, still there ${kept}`);
}

const { writeConcern, readConcern } = safeClientOptions;
console.log(`safeClientOptions: ${JSON.stringify({ writeConcern, readConcern })}`);
await Promise.all([safe.close(), unacknowledged.close(), unreplicated.close()]);
await rs.stop();

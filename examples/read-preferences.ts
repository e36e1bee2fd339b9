/**
 * One document read with every freshness, and what a fail-over does to each.
 *
 * The set has a member in Paris, which is primary, one in Lyon that keeps up, and one in Nice that
 * has not had the last 200 seconds. Each line tells who answered, and how old the answer may be.
 */
import { on } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import {
  explainRead,
  type Freshness,
  type FreshOptions,
  fresh,
  mongoProxy,
  safeClientOptions,
} from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';

const cities = ['Paris', 'Lyon', 'Nice'];
const rs = await ReplicaSet.start({
  members: cities.map((city, index) => ({ priority: 2 - index, tags: { city } })),
});
const bare = new MongoClient(rs.uri, {
  ...safeClientOptions,
  heartbeatFrequencyMS: 500,
  serverSelectionTimeoutMS: 300,
});
const client = mongoProxy(bare);
const prices = client.db('shop').collection<{ _id: string; price: number }>('prices');
const barePrices = bare.db('shop').collection<{ _id: string; price: number }>('prices');

const cityOf = (server: string) =>
  cities[rs.members.findIndex(({ host, port }) => `${host}:${port}` === server)];

/**
 * Reads once and says who answered. By the bare client, unless told otherwise: the proxy would
 * repeat for a minute what nobody may answer.
 */
async function read(
  freshness: Freshness,
  options: FreshOptions = {},
  collection = barePrices,
): Promise<string> {
  const asked = JSON.stringify({ freshness, ...options }).replaceAll('"', '');
  const reading = fresh(collection, freshness, options).findOne({ _id: 'tea' });
  try {
    const price = (await reading)?.price;
    const { server, kind, readConcern, stalenessMS = 0 } = explainRead(reading);
    const age =
      kind === 'primary' ? 'is up to date' : `up to ${Math.round(stalenessMS / 1000)} s old`;
    return `${asked}: price ${price}, ${kind} in ${cityOf(server)}, ${readConcern}, ${age}`;
  } catch (error) {
    return `${asked}: ${(error as Error).name}`;
  }
}

/** Ends a member, and waits until the client has noticed. */
async function kill(index: number): Promise<void> {
  const { host, port } = rs.members[index] ?? {};
  const changes = on(bare, 'serverDescriptionChanged');
  await rs.kill(index);
  for await (const [{ address, newDescription }] of changes) {
    if (address === `${host}:${port}` && newDescription.type === 'Unknown') break;
  }
}

// Paris has the highest priority: if another one was first, it hands over.
while ((await rs.waitForPrimary()).index !== 0) await setTimeout(20);
await fresh(barePrices, 'own-writes').insertOne({ _id: 'tea', price: 1 });
const nice = { readPreference: 'secondary', tags: [{ city: 'Nice' }] } as const;
await fresh(barePrices, 'own-writes', nice).findOne(); // Nice has it, and knows that a majority has
await rs.lag(2, 600_000);
for (const index of [0, 1, 2]) await rs.skewClock(index, 200_000);
await fresh(barePrices, 'own-writes').updateOne({ _id: 'tea' }, { $set: { price: 2 } });

// Until heartbeats have told the client of that.
for (let behind = 0; behind < 199_000; ) {
  const reading = fresh(prices, 'any', nice).findOne();
  await reading;
  behind = explainRead(reading).stalenessMS ?? 0;
}

console.log(await read('latest'));
console.log(await read('own-writes'));
console.log(await read('own-writes', { readPreference: 'secondary', tags: [{ city: 'Lyon' }] }));
console.log(await read({ maxStalenessSeconds: 120 }));
console.log(await read({ maxStalenessSeconds: 120 }, nice));
console.log(await read({ maxStalenessSeconds: 300 }, nice));
console.log(await read('any', nice));
try {
  fresh(prices, 'any', { ...nice, readPreference: 'primary' });
} catch (error) {
  console.log(`refused: ${(error as Error).message}`);
}

await rs.lag(2, 0);
await fresh(barePrices, 'own-writes', nice).findOne(); // answered once Nice has caught up
await kill(0);
console.log(`Paris dead, proxy: ${await read('latest', {}, prices)}`);
await kill(1);
console.log(`Lyon dead too: ${await read('latest')}`);
console.log(`Lyon dead too: ${await read('any')}`);
await client.close();
await rs.stop();

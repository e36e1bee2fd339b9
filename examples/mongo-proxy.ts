/**
 * A bank account through lost replies, a step-down and a crash, with the proxy and without.
 *
 * Twenty writers add 1 to one counter. What matters is on the right: how often a caller saw an
 * error, and whether the counter is what was acknowledged to them.
 */
import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { type Collection, MongoClient } from 'mongodb';

interface Account {
  _id: string;
  n: number;
}

const rs = await ReplicaSet.start({ members: 3 });
const bare = new MongoClient(rs.uri, safeClientOptions);
const proxied = mongoProxy(bare);

const accountsOf = (client: MongoClient) => client.db('bank').collection<Account>('accounts');

/** Twenty writers, ten increments each; `fault` strikes when a quarter is done. */
async function run(title: string, client: MongoClient, fault: () => Promise<void>): Promise<void> {
  const accounts = accountsOf(client);
  const _id = title;
  await accounts.insertOne({ _id, n: 0 });
  let errors = 0;
  let acknowledged = 0;
  let striking: Promise<void> | undefined;
  const writer = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) {
      try {
        await accounts.updateOne({ _id }, { $inc: { n: 1 } });
        acknowledged += 1;
      } catch {
        errors += 1;
      }
      if (acknowledged >= 50) striking ??= fault();
    }
  };
  await Promise.all(Array.from({ length: 20 }, writer));
  await striking;
  const counter = (await accountsOf(proxied).findOne({ _id }))?.n;
  console.log(`${title}: errors ${errors}, acknowledged ${acknowledged}, counter ${counter}`);
}

/** The primary dies with writes on their way, and comes back later as a secondary. */
async function crash(): Promise<void> {
  const fallen = rs.primary;
  await rs.kill(fallen);
  await rs.waitForPrimary();
  await rs.restart(fallen);
}

await run('step-down, proxy', proxied, () => rs.stepDown(1));
await run('crash, bare driver', bare, crash);
await run('crash, proxy', proxied, crash);

/** Does what many programs do: calls again when a call fails. */
async function blindly(accounts: Collection<Account>, _id: string): Promise<void> {
  const add = () => accounts.updateOne({ _id }, { $inc: { n: 1 } });
  await add().catch(add);
}

await accountsOf(proxied).insertOne({ _id: 'ada', n: 0 });
await rs.loseReplies(2); // the driver itself calls again once
await blindly(accountsOf(bare), 'ada');
console.log(
  `one increment, called again blindly: ${(await accountsOf(bare).findOne({ _id: 'ada' }))?.n}`,
);

await accountsOf(proxied).insertOne({ _id: 'bob', n: 0 });
await rs.loseReplies(2);
await accountsOf(proxied).updateOne({ _id: 'bob' }, { $inc: { n: 1 } });
console.log(
  `one increment, through the proxy: ${(await accountsOf(bare).findOne({ _id: 'bob' }))?.n}`,
);

await proxied.close();
await rs.stop();

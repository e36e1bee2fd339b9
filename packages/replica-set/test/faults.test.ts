import { MongoClient } from 'mongodb';
import { afterEach, expect, test } from 'vitest';
import { type Member, ReplicaSet } from '../src/index.ts';

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startSet(options: Parameters<typeof ReplicaSet.start>[0]): Promise<ReplicaSet> {
  const rs = await ReplicaSet.start({ electionTimeoutMS: 300, ...options });
  closers.push(() => rs.stop());
  return rs;
}

function connect(uri: string, options = {}): MongoClient {
  const client = new MongoClient(uri, options);
  closers.push(() => client.close());
  return client;
}

/** A client of this one member, whatever its role is. */
function connectTo({ host, port }: Member, options = {}): MongoClient {
  return connect(`mongodb://${host}:${port}/?directConnection=true`, options);
}

const patience = { timeout: 10_000 };

test.each([{ processes: false }, { processes: true }])(
  'a frozen primary is replaced, keeps its sockets, and finds itself deposed (processes: $processes)',
  async ({ processes }) => {
    const rs = await startSet({ members: 3, processes });
    const fallen = rs.primary;
    const direct = connectTo(fallen);
    const admin = direct.db('admin');
    await admin.command({ ping: 1 });
    const lost: string[] = [];
    direct.on('connectionClosed', ({ reason }) => lost.push(reason));

    await rs.freeze(fallen);
    expect(rs.members[fallen.index]?.role).toBe('frozen');
    let answered = false;
    const ping = admin.command({ ping: 1 }).then(() => {
      answered = true;
    });
    const next = await rs.waitForPrimary();
    expect(next.index).not.toBe(fallen.index);
    await connectTo(next).db('frozen').collection('things').insertOne({ n: 1 });
    expect(answered).toBe(false);

    rs.thaw(fallen);
    await ping;
    expect(lost).toEqual([]);
    await expect.poll(() => rs.members[fallen.index]?.role, patience).toBe('secondary');
    expect(rs.primary.index).toBe(next.index);
    const read = { readPreference: 'secondary' } as const;
    const count = () => direct.db('frozen').collection('things').countDocuments({}, read);
    await expect.poll(count, patience).toBe(1);
  },
);

test('a frozen member can be killed, restarted and stopped', async () => {
  for (const processes of [false, true]) {
    const rs = await startSet({ members: 3, processes });
    await rs.freeze(0);
    await rs.kill(0);
    expect(rs.members[0]?.role).toBe('down');
    await rs.restart(0);
    await rs.freeze(0);
    await rs.restart(0);
    await rs.freeze(1);
    await rs.stop();
    expect(rs.members.map(({ role }) => role)).toEqual(['down', 'down', 'down']);
  }
});

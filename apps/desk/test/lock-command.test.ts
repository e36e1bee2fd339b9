import { LockerRoom } from '@holdfast/locker-room';
import { ReplicaSet } from '@holdfast/replica-set';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DeskProcess } from './desk-process.ts';

let rs: ReplicaSet;
let lockers: LockerRoom;

beforeAll(async () => {
  rs = await ReplicaSet.start({ members: 1 });
  lockers = new LockerRoom({ uri: rs.uri, database: 'holdfast', collection: 'locks' });
});

afterAll(async () => {
  await lockers?.close();
  await rs?.stop();
});

const lock = (...words: string[]) => new DeskProcess(['lock', ...words]);
const at = () => ['--mongo-uri', rs.uri];

test('a command runs under the lock with its token, and its code is the code of holdfast', async () => {
  const script = 'console.log(process.env.HOLDFAST_TOKEN); process.exit(7)';
  const run = lock('run', 'nightly', ...at(), '--', process.execPath, '-e', script);
  expect(await run.ended()).toBe(7);
  expect(run.printed).toBe('1\n');
  expect(await lockers.status('nightly')).toMatchObject({ locked: false, token: 1n });
});

test('a lock that is held is waited for no longer than told', async () => {
  const held = await lockers.lock('held', { owner: 'gustav' });
  const run = lock('run', 'held', '--timeout', '0', ...at(), '--', 'true');
  expect(await run.ended()).toBe(4);
  expect(run.said).toContain('held by gustav');
  const status = lock('status', 'held', '--json', ...at());
  expect(await status.ended()).toBe(0);
  expect(JSON.parse(status.printed)).toMatchObject({
    schema: 'holdfast.lock/1',
    _id: 'held',
    locked: true,
    owner: 'gustav',
    token: '1',
  });
  await held.release();
});

test('those who hold a lock together are listed each, and broken together', async () => {
  const readers = [
    await lockers.readLock('shared', { owner: 'ann' }),
    await lockers.readLock('shared', { owner: 'bob' }),
  ];
  const permit = await lockers.semaphore('pool', 3).acquire({ owner: 'cy' });
  const list = lock('ls', ...at());
  expect(await list.ended()).toBe(0);
  const rows = list.printed
    .split('\n')
    .map((row) => row.replace(/\S+Z/, 'T').trim().split(/ {2,}/));
  expect(rows).toEqual(
    expect.arrayContaining([
      ['Lock', 'Holder', 'Held', 'Token', 'Until', 'Waiting'],
      ['pool', 'cy', '1 of 3', '1', 'T', '0'],
      ['shared', 'ann', 'to read', '1', 'T', '0'],
      ['bob', 'to read', '2', 'T'],
    ]),
  );
  const status = lock('status', 'shared', '--json', ...at());
  expect(await status.ended()).toBe(0);
  const when = expect.stringMatching(/Z$/);
  const times = { timestamp: when, expiresAt: when };
  expect(JSON.parse(status.printed)).toEqual({
    ...{ schema: 'holdfast.lock/1', _id: 'shared', locked: true, owner: 'ann', token: '2' },
    ...times,
    waiting: [],
    holders: [
      { owner: 'ann', permits: null, token: '1', ...times },
      { owner: 'bob', permits: null, token: '2', ...times },
    ],
  });
  const breaking = lock('break', 'shared', ...at());
  expect(await breaking.ended()).toBe(0);
  expect(breaking.printed).toBe(
    '"shared" was taken from ann, who held it with token 1.\n' +
      '"shared" was taken from bob, who held it with token 2.\n',
  );
  await permit.release();
  for (const reader of readers) await reader.release().catch(() => {}); // they are told of it
});

test('a command is ended when its lock is broken', async () => {
  const script = 'setTimeout(() => {}, 60_000)';
  const options = ['--lease', '3000', ...at()];
  const run = lock('run', 'broken', ...options, '--', process.execPath, '-e', script);
  const isLocked = async () => (await lockers.status('broken')).locked;
  await expect.poll(isLocked, { timeout: 20_000 }).toBe(true);
  const breaking = lock('break', 'broken', ...at());
  expect(await breaking.ended()).toBe(0);
  expect(breaking.printed).toContain('"broken" was taken from');
  expect(await run.ended()).toBe(4);
  expect(run.said).toContain('was lost');
  const again = lock('break', 'broken', ...at());
  expect(await again.ended()).toBe(4);
});

test('a command that is not there is a mistake of the caller', async () => {
  const run = lock('run', 'nothing', ...at(), '--', '/no/such/program');
  expect(await run.ended()).toBe(2);
  expect(run.said).toBe(
    'holdfast: /no/such/program could not be started: there is no such file or folder\n',
  );
});

test('SIGTERM is passed on to the command, and the lock is given back', async () => {
  const script = "process.once('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000)";
  const ready = `${script}; console.log('ready')`;
  const run = lock('run', 'ended', ...at(), '--', process.execPath, '-e', ready);
  await expect.poll(() => run.printed, { timeout: 20_000 }).toBe('ready\n');
  run.kill('SIGTERM');
  expect(await run.ended()).toBe(9);
  expect(await lockers.status('ended')).toMatchObject({ locked: false });
});

test.each([
  { words: ['run', 'short', '--lease', '1'], says: 'lease must be 100 ms to a day, not 1' },
  { words: ['run', ''], says: 'the name of a lock must be a string of one character or more' },
  { words: ['status', '$'], says: 'the name of a lock must hold no $ and no NUL: "$"' },
  { words: ['break', ''], says: 'the name of a lock must be a string of one character or more' },
])('lock $words is a mistake of the caller', async ({ words, says }) => {
  const asked = lock(...words, ...at(), ...(words[0] === 'run' ? ['--', 'true'] : []));
  expect(await asked.ended()).toBe(2);
  expect(asked.said).toBe(`holdfast: ${says}\n`);
});

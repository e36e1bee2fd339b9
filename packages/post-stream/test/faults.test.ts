import { expect, onTestFinished, test } from 'vitest';
import { type GapMessage, openStream, twitterV11 } from '../src/index.ts';
import { StreamSimulator } from '../src/simulator/index.ts';
import { SeededRandom } from '../src/simulator/seeded-random.ts';
import { TestClock, until } from './test-clock.ts';

const seeds = 100;
const rounds = 4;
const firstSeed = Number(process.env.SEED ?? 1);

/** What may go wrong on a connection, or before the next. */
const faults: readonly ((simulator: StreamSimulator, random: SeededRandom) => void)[] = [
  (simulator, random) => simulator.cutAfter(random.integer(0, 6000)),
  (simulator, random) => simulator.cutAfter(random.integer(0, 60)),
  (simulator) => simulator.end(),
  (simulator) => simulator.cut(),
  (simulator, random) => simulator.disconnect(random.pick([1, 2, 4, 5, 10, 12])),
  (simulator, random) => {
    simulator.refuse({ status: random.pick([420, 429, 500, 503]) });
    simulator.cutAfter(random.integer(0, 3000));
  },
];

/** Runs one seed; what was received, and every gap. */
async function suffer(seed: number) {
  const random = new SeededRandom(seed);
  const clock = new TestClock();
  const simulator = await StreamSimulator.start({ seed, now: clock.now });
  onTestFinished(() => simulator.stop());
  const source = twitterV11({
    url: simulator.url,
    auth: simulator.auth,
    track: ['iphone', 'xbox', 'coke', '$aapl'],
  });
  const received: string[] = [];
  const gaps: GapMessage[] = [];
  let round = 0;
  for await (const message of openStream(source, { clock })) {
    if (message.kind === 'post') received.push(message.post.id);
    if (message.kind === 'gap') gaps.push(message);
    if (message.kind === 'connected') {
      round += 1;
      if (random.chance(0.5)) simulator.split([random.integer(1, 50), random.integer(1, 2000)]);
      if (round < rounds) random.pick(faults)(simulator, random);
      // The last round ends well, so that there is an end to compare at.
      void simulator.produce(random.integer(5, 40)).then(() => {
        if (simulator.connections > 0) simulator.end();
      });
    }
    if (message.kind === 'reconnecting') {
      if (round === rounds) break;
      await simulator.produce(random.integer(0, 5));
    }
    if (random.chance(0.05)) await new Promise(setImmediate);
  }
  await until(() => simulator.connections === 0);
  return { simulator, received, gaps };
}

test(`every post of ${seeds} seeds from ${firstSeed} on is received or lies inside a gap`, async () => {
  let lost = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const { simulator, received, gaps } = await suffer(seed);
    const sent = simulator.sent.map(({ id }) => id);
    const got = new Set(received);
    expect(got.size, `seed ${seed}: nothing comes twice`).toBe(received.length);
    expect(received, `seed ${seed}: in order, and nothing but what was sent`).toStrictEqual(
      sent.filter((id) => got.has(id)),
    );
    for (const { id, at, kind, wanted } of simulator.produced) {
      if (kind === 'delete' || !wanted || got.has(id)) continue;
      lost += 1;
      const covered = gaps.some(({ from, to }) => from.getTime() <= at && at <= to.getTime());
      expect(covered, `seed ${seed}: post ${id} of ${at} is missing without a gap`).toBe(true);
    }
    await simulator.stop();
  }
  expect(lost).toBeGreaterThan(seeds);
});

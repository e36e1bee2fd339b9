import { expect, test } from 'vitest';
import { isCaught, type SoakOptions, type SoakReport, soak } from '../soak/soak.ts';

const short = (options: Partial<SoakOptions>): Promise<SoakReport> =>
  soak({
    seed: 'test',
    minutes: 0.1,
    roundSeconds: 6,
    signal: new AbortController().signal,
    onRound: () => {},
    ...options,
  });

test('a short soak stops workers, strikes the members and finds nothing', async () => {
  const { findings, folder, faults, sides } = await short({ minutes: 0.4 });
  expect({ findings, folder }).toEqual({ findings: [], folder: undefined });
  expect(faults.pauses).toBeGreaterThan(0);
  const counts = sides['locker-room'] ?? {};
  for (const name of ['grants', 'writes acknowledged']) {
    expect(counts[name], name).toBeGreaterThan(0);
  }
}, 120_000);

test('control: writes without the fence are caught', async () => {
  expect(isCaught(await short({ control: 'plain', minutes: 1 }))).toBe(true);
}, 120_000);

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  crossValidate,
  DenseDesignMatrix,
  StudyError,
  studySeeds,
  studyYaml,
} from '../src/index.node.ts';
import { studyOf } from '../src/study.ts';
import recipe from './recipes/pima-seed.ts';

const seedRecipe = new URL('./recipes/pima-seed.ts', import.meta.url);
const foldRecipe = new URL('./recipes/pima-fold.ts', import.meta.url);

test('seeds are trained in threads as they would be here, whatever the number of threads', async () => {
  const argument = { epochs: 3 };
  const due = [0, 1, 2, 3, 4].map((seed) => recipe({ seed, argument }));
  let calls = 0;
  const onDone = (done: number, of: number) => {
    calls++;
    expect([done, of]).toEqual([calls, 5]);
  };
  const one = await studySeeds(seedRecipe, { seeds: 5, argument, workers: 1, onDone });
  const three = await studySeeds(seedRecipe, { seeds: [0, 1, 2, 3, 4], argument, workers: 3 });
  expect(one.trainings).toEqual(due);
  expect(three).toEqual(one);
  expect(calls).toBe(5);
});

test('what a training throws is thrown', async () => {
  const study = studySeeds(seedRecipe, { seeds: [1, 13, 2], argument: { epochs: 1 }, workers: 2 });
  await expect(study).rejects.toThrow(StudyError);
  await expect(study).rejects.toThrow('training 1 failed: 13 brings bad luck');
});

test('a study can be given up', async () => {
  const abort = new AbortController();
  const study = studySeeds(seedRecipe, {
    ...{ seeds: 1000, argument: { epochs: 1000 }, workers: 1, signal: abort.signal },
  });
  abort.abort(new Error('enough'));
  await expect(study).rejects.toThrow('enough');
});

test('each example is in one fold, and out of the training for it', async () => {
  const X = Array.from({ length: 23 }, (_, i) => [2 ** i]);
  const dataset = new DenseDesignMatrix({ X, y: X });
  const { trainings } = await crossValidate(foldRecipe, { dataset, folds: 5, workers: 2 });
  expect(trainings.map(({ fold }) => fold)).toEqual([0, 1, 2, 3, 4]);
  expect(trainings.map(({ valid }) => valid)).toEqual([4, 5, 4, 5, 5]);
  // Sums of different powers of two are different, and all of them together have every bit.
  for (const { train, trainSum, valid, validSum } of trainings) {
    expect((train ?? 0) + (valid ?? 0)).toBe(23);
    expect((trainSum ?? 0) + (validSum ?? 0)).toBe(2 ** 23 - 1);
  }
  expect(trainings.reduce((sum, { validSum = 0 }) => sum + validSum, 0)).toBe(2 ** 23 - 1);
  expect(trainings[0]?.validSum).not.toBe(15);
  const other = await crossValidate(foldRecipe, { dataset, folds: 5, workers: 1, seed: 1 });
  expect(other.trainings).not.toEqual(trainings);
});

test.each([1, 24, 2.5])('refuses %d folds of 23', async (folds) => {
  const X = Array.from({ length: 23 }, (_, i) => [i]);
  const dataset = new DenseDesignMatrix({ X, y: X });
  await expect(crossValidate(foldRecipe, { dataset, folds })).rejects.toThrow(RangeError);
});

describe('a summary', () => {
  test('has mean, deviation, error of the mean, and quantiles', () => {
    const { summary } = studyOf([1, 4, 2, 9].map((a, b) => ({ a, b })));
    const { a } = summary;
    expect(a?.sd).toBeCloseTo(Math.sqrt(38 / 3), 14);
    expect(a?.se).toBeCloseTo(Math.sqrt(38 / 3) / 2, 14);
    expect(a).toMatchObject({ mean: 4, min: 1, median: 3, max: 9 });
    expect(studyOf([{ a: 5 }]).summary.a).toMatchObject({ mean: 5, sd: 0, median: 5 });
  });
});

test('a configuration is tried on random splits of its data', async () => {
  const before = process.cwd();
  process.chdir(join(import.meta.dirname, '../../..'));
  const values = { decay: 0 };
  const study = await studyYaml('examples/pima.yaml', { seeds: 4, values, workers: 2 });
  process.chdir(before);
  const wrong = study.trainings.map(({ test_output_misclass = 0 }) => test_output_misclass * 70);
  for (const each of wrong) expect(each).toBeCloseTo(Math.round(each), 9);
  expect(new Set(wrong).size).toBeGreaterThan(1);
  expect(study.summary.test_output_misclass?.mean).toBeLessThan(0.35);
  expect(study.summary.epochs?.min).toBeGreaterThan(50);
});

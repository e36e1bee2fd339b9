import { describe, expect, test } from 'vitest';
import { SGD } from '../src/index.ts';
import { expectWithin, randomPairs, twoLayers, xorOf } from './nets.ts';

const fourRows = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

/** The published recipe on the pairs of a seed: default seeds of weights and order, 401 epochs. */
function trained(seed: number, epochs = 401) {
  const data = xorOf(randomPairs(seed));
  const all = twoLayers(2, 2, 0.1);
  const trainer = new SGD({ learningRate: 0.05, batchSize: 10 });
  trainer.setup(all.net, data);
  for (let epoch = 0; epoch < epochs; epoch++) trainer.train(data);
  return { ...all, data, trainer };
}

/** How sure the net is of the right answer for each pair. */
function rightness({ net }: ReturnType<typeof trained>): number[] {
  return net
    .fprop(fourRows)
    .map(([equal = 0, unequal = 0], i) => (i === 0 || i === 3 ? equal : unequal));
}

describe('401 epochs, against the reference', () => {
  test.each([
    {
      seed: 3,
      due: [0.9951890592764525, 0.9962483583981074, 0.9961287080560343, 0.9949516548241361],
    },
    {
      seed: 5,
      due: [0.9942595697617709, 0.9942324996033464, 0.9927268464676295, 0.9953794428678414],
    },
    {
      seed: 33,
      due: [0.9938543766261997, 0.9949160925592084, 0.9951545716969569, 0.9938207615173571],
    },
    {
      seed: 36,
      due: [0.9950636616452765, 0.9948805049841676, 0.9946800453802873, 0.9936163070638739],
    },
  ])('the pairs of seed $seed', ({ seed, due }) => {
    expectWithin(1e-10, rightness(trained(seed)), due);
  });
});

describe('a net of two units on the pairs of seeds 0 to 39', () => {
  const nets = Array.from({ length: 40 }, (_, seed) => trained(seed, 50));
  const costs = () => nets.map(({ net, data }) => net.cost(data));
  const seedsOf = (hold: (cost: number) => boolean) =>
    costs().flatMap((cost, seed) => (hold(cost) ? [seed] : []));
  const trainOn = (epochs: number, unlessBelow = 0) => {
    for (const { net, trainer, data } of nets) {
      if (net.cost(data) < unlessBelow) continue;
      for (let epoch = 0; epoch < epochs; epoch++) trainer.train(data);
    }
  };

  test('after 50 epochs each is on a plateau: it knows no more than that half of the pairs differ', () => {
    for (const cost of costs()) expect(Math.abs(cost - Math.LN2)).toBeLessThan(0.005);
  });

  test('after 401 epochs 23 have left it for good; 33 and 36 alone give the published .005 and .995', () => {
    trainOn(351);
    expect(seedsOf((cost) => cost > 0.1)).toEqual([
      ...[1, 4, 6, 7, 9, 12, 14, 17, 18, 20, 21, 23, 25, 27, 28, 32, 35],
    ]);
    const near = nets.flatMap(({ net }, seed) =>
      Math.abs((net.fprop([[0, 1]])[0]?.[1] ?? 0) - 0.995) < 5e-4 ? [seed] : [],
    );
    expect(near).toEqual([33, 36]);
  });

  test('after 2000 epochs four are left, on a second plateau: two pairs look alike to them', () => {
    trainOn(1600, 0.02);
    const stuck = seedsOf((cost) => cost > 0.02);
    expect(stuck).toEqual([17, 21, 28, 32]);
    for (const seed of stuck) {
      const { net, data } = nets[seed] as ReturnType<typeof trained>;
      expect(Math.abs(net.cost(data) - Math.LN2 / 2)).toBeLessThan(0.03);
      const halves = net.fprop(fourRows).filter(([equal = 0]) => Math.abs(equal - 0.5) < 0.1);
      expect(halves).toHaveLength(2);
    }
  });
});

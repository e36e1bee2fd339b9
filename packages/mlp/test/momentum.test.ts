import { describe, expect, test } from 'vitest';
import { Momentum, SGD } from '../src/index.ts';
import { expectWithin, tinyData, tinyNet } from './nets.ts';

function trained(steps: number, learningRule: Momentum) {
  const all = tinyNet();
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2, learningRule });
  trainer.setup(all.net, tinyData);
  for (let i = 0; i < steps; i++) trainer.train(tinyData);
  return all;
}

describe('the tiny net, rate .1, momentum .5', () => {
  test('after two steps', () => {
    const { hidden, net } = trained(2, new Momentum(0.5));
    expectWithin(
      1e-15,
      hidden.weights.data,
      [0.08608459884122131, -0.19197691304470937, 0.3085463695367884, 0.39591888895131755],
    );
    expectWithin(1e-15, [net.cost(tinyData)], [0.7094780262029285]);
  });

  test('after two steps by Nesterov', () => {
    const { hidden, net } = trained(2, new Momentum(0.5, { nesterovMomentum: true }));
    expectWithin(
      1e-15,
      hidden.weights.data,
      [0.08203918639551766, -0.1895691769791296, 0.31113470346383554, 0.3946323773982396],
    );
    expectWithin(1e-15, [net.cost(tinyData)], [0.7076212288792789]);
  });
});

test('a momentum of 0 is the plain step', () => {
  const plain = tinyNet();
  const trainer = new SGD({ learningRate: 0.1, batchSize: 2 });
  trainer.setup(plain.net, tinyData);
  for (let i = 0; i < 3; i++) trainer.train(tinyData);
  expect(trained(3, new Momentum(0)).hidden.weights).toEqual(plain.hidden.weights);
});

test('one rule may serve two nets', () => {
  const rule = new Momentum(0.9);
  trained(5, rule);
  expect(trained(2, rule).hidden.weights).toEqual(trained(2, new Momentum(0.9)).hidden.weights);
});

test.each([-0.1, 1, Number.NaN])('refuses a momentum of %d', (momentum) => {
  expect(() => new Momentum(momentum)).toThrow(RangeError);
});

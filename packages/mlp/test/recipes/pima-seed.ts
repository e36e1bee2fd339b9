import type { SeedJob } from '../../src/index.node.ts';
import { SGD } from '../../src/index.ts';
import { pimaNet, pimaParts } from '../pima.ts';

/** Trains for as many epochs as it is told, from weights of a seed. */
export default function recipe({
  seed,
  argument,
}: SeedJob<{ readonly epochs: number }>): Record<string, number> {
  if (seed === 13) throw new RangeError('13 brings bad luck');
  const [train, valid] = pimaParts();
  const net = pimaNet({ seed });
  const trainer = new SGD({ learningRate: 0.05, batchSize: 10 });
  trainer.setup(net, train);
  for (let epoch = 0; epoch < argument.epochs; epoch++) trainer.train(train);
  return { seed, nll: net.cost(valid) };
}

/** This package as a contestant: reads tasks and how many epochs to train, tells seconds and loss. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type FloatX, MLP, Momentum, SGD, Sigmoid, Softmax } from '../src/index.ts';
import { processorSeconds } from './processor-time.ts';
import { datasetOf, type Task } from './task.ts';

const [, , folder = '', floatX = 'float64', way = 'epochs'] = process.argv;

for await (const line of createInterface({ input: process.stdin })) {
  const { task: name, epochs } = JSON.parse(line) as {
    readonly task: string;
    readonly epochs: number;
  };
  console.log(
    JSON.stringify(trained(JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')), epochs)),
  );
}

function trained(task: Task, epochs: number): { seconds: number; loss: number } {
  const { W1, b1, W2, b2 } = task.weights;
  const hidden = new Sigmoid({ layerName: 'hidden', dim: b1.length, irange: 0 });
  const output = new Softmax({ layerName: 'output', nClasses: b2.length, irange: 0 });
  const net = new MLP({ layers: [hidden, output], nvis: W1.length, floatX: floatX as FloatX });
  hidden.weights.data.set(W1.flat());
  hidden.biases.set(b1);
  output.weights.data.set(W2.flat());
  output.biases.set(b2);
  const data = datasetOf(task);
  // Drawn from the default seed, the orders are those of the task.
  const trainer = new SGD({
    ...{ learningRate: task.learningRate, batchSize: task.batchSize },
    learningRule: new Momentum(task.momentum),
    fma: way === 'fma',
    // Who wants to see each step is trained by the plain loops.
    ...(way === 'batches' && { updateCallbacks: [{ onUpdate() {} }] }),
  });
  trainer.setup(net, data);
  const begun = process.cpuUsage();
  for (let epoch = 0; epoch < epochs; epoch++) trainer.train(data);
  const seconds = processorSeconds(begun);
  return { seconds, loss: net.cost(data) };
}

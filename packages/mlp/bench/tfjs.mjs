// TensorFlow.js with its WebAssembly backend as a contestant; argv: folder of tasks, folder of packages.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const [, , folder, packages] = process.argv;
const peers = createRequire(join(packages, 'x.js'));
const backend = '@tensorflow/tfjs-backend-wasm';
const tf = peers('@tensorflow/tfjs');
peers(backend).setWasmPaths(`${dirname(peers.resolve(backend))}/`);
await tf.setBackend('wasm');
await tf.ready();

for await (const line of createInterface({ input: process.stdin })) {
  const { task, epochs } = JSON.parse(line);
  const answer = train(JSON.parse(readFileSync(join(folder, `${task}.json`), 'utf8')), epochs);
  console.log(JSON.stringify(answer));
}

function train({ X, labels, weights, orders, batchSize, learningRate, momentum }, epochs) {
  const x = tf.tensor2d(X);
  const y = tf.oneHot(tf.tensor1d(labels, 'int32'), Math.max(...labels) + 1).toFloat();
  const W1 = tf.variable(tf.tensor2d(weights.W1));
  const b1 = tf.variable(tf.tensor1d(weights.b1));
  const W2 = tf.variable(tf.tensor2d(weights.W2));
  const b2 = tf.variable(tf.tensor1d(weights.b2));
  const cost = (batch, due) =>
    tf.losses.softmaxCrossEntropy(due, batch.matMul(W1).add(b1).sigmoid().matMul(W2).add(b2));
  const rule = tf.train.momentum(learningRate, momentum);
  const begun = process.cpuUsage();
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = orders[epoch % orders.length];
    for (let from = 0; from < order.length; from += batchSize) {
      tf.tidy(() => {
        const which = tf.tensor1d(order.slice(from, from + batchSize), 'int32');
        const [batch, due] = [x.gather(which), y.gather(which)];
        rule.minimize(() => cost(batch, due));
      });
    }
  }
  W1.dataSync(); // what was asked for has been done by now
  const seconds = processorSeconds(begun);
  const loss = tf.tidy(() => cost(x, y).dataSync()[0]);
  tf.dispose([x, y, W1, b1, W2, b2]);
  rule.dispose();
  return { seconds, loss };
}

/** All threads of this process since then. */
function processorSeconds(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

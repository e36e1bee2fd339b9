// brain.js as a contestant: one example a step, squared error; argv: folder of tasks, of packages.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [, , folder, packages] = process.argv;
const brain = createRequire(join(packages, 'x.js'))('brain.js');

for await (const line of createInterface({ input: process.stdin })) {
  const { task, epochs } = JSON.parse(line);
  const { X, labels, weights, learningRate, momentum } = JSON.parse(
    readFileSync(join(folder, `${task}.json`), 'utf8'),
  );
  const classes = Math.max(...labels) + 1;
  const data = X.map((input, i) => ({
    input,
    output: Array.from({ length: classes }, (_, k) => (k === labels[i] ? 1 : 0)),
  }));
  const net = new brain.NeuralNetwork({ hiddenLayers: [weights.b1.length] });
  const begun = process.cpuUsage();
  net.train(data, { iterations: epochs, learningRate, momentum, errorThresh: 1e-9 });
  console.log(JSON.stringify({ seconds: processorSeconds(begun), loss: null }));
}

/** All threads of this process since then. */
function processorSeconds(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

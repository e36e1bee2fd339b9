import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contestant } from './contestant.ts';

const packages = [
  '@tensorflow/tfjs@4.22.0',
  '@tensorflow/tfjs-backend-wasm@4.22.0',
  'brain.js@1.6.1',
  'onnxruntime-node@1.30.0',
];

/** Where the peers of npm are kept between runs; they are no dependencies of the house. */
export function peerFolder(): string {
  const folder = join(tmpdir(), 'mlp-bench-peers');
  const stamp = join(folder, 'installed');
  if (existsSync(stamp)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  console.error(`Installing ${packages.join(', ')} into ${folder} …`);
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'];
  const { status } = spawnSync('npm', ['install', '--prefix', folder, ...quietly, ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('npm could not install the peers');
  writeFileSync(stamp, packages.join('\n'));
  return folder;
}

/** All contestants that can run here, and why others cannot. */
export function field(tasks: string): { contestants: Contestant[]; leftOut: string[] } {
  const here = import.meta.dirname;
  const own = (floatX: string, way: string) => [join(here, 'own.ts'), tasks, floatX, way];
  const peers = peerFolder();
  const contestants = [
    new Contestant('mlp, f64', process.execPath, own('float64', 'epochs')),
    new Contestant('mlp, f32', process.execPath, own('float32', 'epochs')),
    new Contestant('mlp, f32, fma', process.execPath, own('float32', 'fma')),
    new Contestant('mlp, f64, batch by batch', process.execPath, own('float64', 'batches')),
  ];
  const leftOut: string[] = [];
  // Kernels for AVX2, which most machines have, whatever this one has beyond.
  const avx2 = { OPENBLAS_CORETYPE: 'Haswell', ATEN_CPU_CAPABILITY: 'avx2' };
  const python = { numpy: 'NumPy', torch: 'PyTorch', sklearn: 'scikit-learn' };
  for (const [module, name] of Object.entries(python)) {
    if (spawnSync('/usr/bin/python3', ['-c', `import ${module}`]).status !== 0) {
      leftOut.push(`${name} is left out: apt-get install python3-${module}`);
      continue;
    }
    const args = [join(here, 'peers.py'), tasks, module];
    contestants.push(new Contestant(name, '/usr/bin/python3', args, avx2));
  }
  const args = (file: string) => [join(here, file), tasks, peers];
  contestants.push(new Contestant('TensorFlow.js, wasm', process.execPath, args('tfjs.mjs')));
  contestants.push(new Contestant('brain.js', process.execPath, args('brain.mjs')));
  return { contestants, leftOut };
}

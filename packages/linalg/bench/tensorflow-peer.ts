import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Contender, ours } from './contender.ts';

/** The part of TensorFlow.js that is timed. */
interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor2d(values: Float32Array, shape: readonly [number, number]): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
}

interface Tensor {
  dispose(): void;
}

interface WasmBackend {
  setWasmPaths(folder: string): void;
}

/** TensorFlow.js with its WebAssembly SIMD kernels, whose tensors lie in their memory already. */
export interface TensorFlowPeer {
  /** The product of two n × n matrices in f32. */
  gemm(n: number): Contender;
  stop(): void;
}

const version = '4.22.0';

/** Fetches TensorFlow.js into a temporary folder. */
export async function fetchTensorFlow(): Promise<TensorFlowPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'linalg-bench-'));
  const names = ['tfjs-core', 'tfjs-backend-wasm'].map((name) => `@tensorflow/${name}`);
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  execFileSync(
    'npm',
    ['install', '--prefix', folder, ...flags, ...names.map((name) => `${name}@${version}`)],
    { stdio: 'inherit' },
  );
  const require = createRequire(join(folder, 'package.json'));
  const [tf, backend] = names.map((name): unknown => require(name)) as [TensorFlow, WasmBackend];
  backend.setWasmPaths(`${join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`);
  await tf.setBackend('wasm');
  await tf.ready();
  return {
    gemm(n) {
      const draw = () => tf.tensor2d(new Float32Array(n * n).map(Math.random), [n, n]);
      const [a, b] = [draw(), draw()];
      return ours('TensorFlow.js wasm', () => tf.matMul(a, b).dispose());
    },
    stop: () => rmSync(folder, { recursive: true }),
  };
}

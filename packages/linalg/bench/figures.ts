/** What the bench measures. */
import { stepPlan } from '../src/descent-step.ts';
import {
  Cholesky,
  DenseNet,
  type ElementName,
  type Floats,
  gemm,
  gemv,
  symmetricEigen,
  symmetricEigenvalues,
  syrk,
} from '../src/index.ts';
import type { NetPlan } from '../src/net-engine.ts';
import { PlainNet } from '../src/plain-net.ts';
import { plainProduct } from '../src/plain-product.ts';
import { type Comparison, type Contender, compare, ours } from './contender.ts';
import type { NumPyPeer } from './numpy-peer.ts';
import { peak, peakOperations } from './peak.ts';
import type { TensorFlowPeer } from './tensorflow-peer.ts';

/** Who is compared with. */
interface Peers {
  /** OpenBLAS with its kernels for AVX2. */
  readonly haswell: NumPyPeer;
  /** OpenBLAS with the kernels it chooses here. */
  readonly native: NumPyPeer;
  readonly tensorFlow: TensorFlowPeer;
}

/** Whom a figure is told to, and how often it is taken. */
export interface Run {
  readonly rounds: number;
  readonly peers: Peers;
  readonly tell: (comparison: Comparison) => void;
}

function random(element: ElementName, length: number): Floats {
  const floats = element === 'f32' ? new Float32Array(length) : new Float64Array(length);
  return floats.map(() => Math.random() - 0.5);
}

/** Both ways of rounding. */
function bothWays(work: (fma: boolean) => () => void): Contender[] {
  return [ours('fma', work(true)), ours('each step rounded', work(false))];
}

function plainLoops(n: number, a: Floats, b: Floats, c: Floats): Contender {
  const left = { data: a, row: n, column: 1 };
  const right = { data: b, row: n, column: 1 };
  return ours('plain loops', () => plainProduct({ m: n, n, k: n }, left, right, c, n));
}

/** What the processor could do at most, and products of square matrices. */
export async function measureProducts({ rounds, peers, tell }: Run): Promise<void> {
  for (const element of ['f32', 'f64'] as const) {
    const contenders = bothWays((fma) => peak(element, fma));
    tell(await compare(`peak ${element}`, contenders, rounds, peakOperations(element)));
  }
  for (const [element, n] of [
    ['f32', 512],
    ['f64', 512],
    ['f32', 128],
    ['f64', 128],
    ['f32', 32],
    ['f64', 32],
    ['f32', 8],
    ['f64', 8],
  ] as const) {
    const [a, b, c] = [random(element, n * n), random(element, n * n), random(element, n * n)];
    const task = { kind: 'gemm', element, n };
    const contenders = [
      ...bothWays((fma) => () => gemm({ m: n, n, k: n, a, b, c, fma })),
      peers.haswell.contender(task),
      ...(n === 512 ? [peers.native.contender(task)] : []),
      ...(element === 'f32' ? [peers.tensorFlow.gemm(n)] : []),
      ...(n <= 128 ? [plainLoops(n, a, b, c)] : []),
    ];
    tell(await compare(`gemm ${element} ${n} × ${n} × ${n}`, contenders, rounds, 2 * n ** 3));
  }
}

/** A matrix by a vector, and by its own transposed. */
export async function measureOtherProducts({ rounds, peers, tell }: Run): Promise<void> {
  for (const n of [100, 1000]) {
    const [a, x, y] = [random('f64', n * n), random('f64', n), random('f64', n)];
    const numpy = peers.haswell.contender({ kind: 'gemv', element: 'f64', n });
    const contenders = [...bothWays((fma) => () => gemv({ m: n, n, a, x, y, fma })), numpy];
    tell(await compare(`gemv f64 ${n} × ${n}`, contenders, rounds, 2 * n * n));
  }
  const [n, k] = [500, 2520];
  const [a, c] = [random('f64', n * k), random('f64', n * n)];
  const numpy = peers.haswell.contender({ kind: 'syrk', element: 'f64', n, k });
  const contenders = [...bothWays((fma) => () => syrk({ n, k, a, c, fma })), numpy];
  tell(await compare(`syrk f64 ${n} × ${k}`, contenders, rounds, n * n * k));
}

/** Decompositions of symmetric matrices. */
export async function measureDecompositions({ rounds, peers, tell }: Run): Promise<void> {
  for (const n of [50, 200, 500]) {
    const a = new Float64Array(n * n);
    syrk({ n, k: n, a: random('f64', n * n), c: a });
    for (let i = 0; i < n; i++) a[i * (n + 1)] = (a[i * (n + 1)] ?? 0) + n;
    const figures: Record<string, (fma: boolean) => () => void> = {
      cholesky: (fma) => () => new Cholesky({ n, a, fma }),
      eigenvalues: (fma) => () => symmetricEigenvalues({ n, a, fma }),
      eigen: (fma) => () => symmetricEigen({ n, a, fma }),
    };
    for (const [kind, work] of Object.entries(figures)) {
      const numpy = peers.haswell.contender({ kind, element: 'f64', n });
      tell(await compare(`${kind} f64 ${n} × ${n}`, [...bothWays(work), numpy], rounds));
    }
    const x = random('f64', n);
    const updates = bothWays((fma) => {
      const cholesky = new Cholesky({ n, a, fma });
      return () => {
        cholesky.update(x);
        cholesky.downdate(x);
      };
    });
    tell(await compare(`cholesky update and downdate f64 ${n} × ${n}`, updates, rounds));
  }
}

/** An epoch of training: sigmoid, softmax, momentum. */
export async function measureNets({ rounds, peers, tell }: Run): Promise<void> {
  for (const { what, inputs, hidden, outputs, rows, batch } of [
    { what: 'Pima', inputs: 8, hidden: 20, outputs: 2, rows: 537, batch: 10 },
    { what: 'XOR', inputs: 2, hidden: 2, outputs: 2, rows: 1000, batch: 10 },
    { what: 'digits', inputs: 784, hidden: 512, outputs: 10, rows: 1280, batch: 128 },
  ]) {
    for (const element of ['f32', 'f64'] as const) {
      const layers = [
        { units: hidden, activation: 'sigmoid' },
        { units: outputs, activation: 'softmax' },
      ] as const;
      const step = { learningRate: 0.05, momentum: 0.5 };
      const x = random(element, rows * inputs);
      const y = new Float64Array(rows * outputs);
      for (let row = 0; row < rows; row++) y[row * outputs + ((row * 7) % outputs)] = 1;
      const order = Int32Array.from({ length: rows }, (_, i) => i);
      const ours_ = bothWays((fma) => {
        const net = new DenseNet({ inputs, layers, batchSize: batch, element, fma });
        const examples = net.load(rows, x, y);
        return () => net.trainEpoch(examples, order, step);
      });
      const numpy = peers.haswell.contender({
        kind: 'net',
        element,
        inputs,
        hidden,
        outputs,
        rows,
        batch,
      });
      const contenders = [...ours_, numpy];
      if (inputs < 100) {
        const plans = layers.map((layer) => ({
          ...layer,
          leftSlope: 0,
          weightRate: 1,
          biasRate: 1,
          weightDecay: 0,
          l1Decay: 0,
        }));
        const plan: NetPlan = { inputs, layers: plans, batchSize: batch, element };
        const plain = new PlainNet(plan);
        const examples = plain.load(rows, x, y);
        contenders.push(ours('plain loops', () => plain.epoch(examples, order, stepPlan(step, 0))));
      }
      const shape = `${inputs}-${hidden}-${outputs}, ${rows} rows in batches of ${batch}`;
      tell(await compare(`epoch ${what} ${element} (${shape})`, contenders, rounds));
    }
  }
}

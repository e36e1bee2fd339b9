import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  MLP,
  RandomState,
  RectifiedLinear,
  Sigmoid,
  Softmax,
  Softplus,
  Tanh,
  toOnnx,
} from '../src/index.ts';

interface Runtime {
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
    ): Promise<{ run(feeds: object): Promise<{ Y: { data: Float32Array } }> }>;
  };
  readonly Tensor: new (type: string, data: Float32Array, dims: readonly number[]) => object;
}

/** How far the answers of onnxruntime to an exported net are from the net's own, at most. */
export async function onnxDifference(packages: string): Promise<number> {
  const ort = createRequire(join(packages, 'x.js'))('onnxruntime-node') as Runtime;
  const options = { dim: 12, irange: 1, initBias: 0.3 };
  const layers = [
    new Tanh({ ...options, layerName: 'a' }),
    new RectifiedLinear({ ...options, layerName: 'b', leftSlope: 0.1 }),
    new RectifiedLinear({ ...options, layerName: 'c' }),
    new Softplus({ ...options, layerName: 'd', useBias: false }),
    new Sigmoid({ ...options, layerName: 'e' }),
    new Softmax({ layerName: 'y', nClasses: 5, irange: 1 }),
  ];
  const net = new MLP({ layers, nvis: 7 });
  const rng = new RandomState(2);
  const X = Array.from({ length: 50 }, () => Array.from({ length: 7 }, () => rng.randn()));
  const session = await ort.InferenceSession.create(toOnnx(net));
  const { Y } = await session.run({
    X: new ort.Tensor('float32', Float32Array.from(X.flat()), [50, 7]),
  });
  const due = net.fprop(X).flat();
  return Math.max(...due.map((each, i) => Math.abs(each - (Y.data[i] as number))));
}

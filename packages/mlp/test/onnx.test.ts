import { expect, test } from 'vitest';
import {
  type Layer,
  Linear,
  MLP,
  RandomState,
  RectifiedLinear,
  Sigmoid,
  Softmax,
  Softplus,
  Tanh,
  toOnnx,
} from '../src/index.ts';

type Fields = Map<number, (number | Uint8Array)[]>;

/** Reads a message of Protocol Buffers: numbers, four bytes of a float, or bytes, by field. */
function read(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++] as number;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    let value: number | Uint8Array;
    if (key % 8 === 0) value = varint();
    else {
      const length = key % 8 === 5 ? 4 : varint();
      if (![2, 5].includes(key % 8)) throw new Error(`wire type ${key % 8}`);
      value = bytes.subarray(at, at + length);
      at += length;
    }
    const field = Math.floor(key / 8);
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

const bytesOf = (fields: Fields, field: number) => (fields.get(field) ?? []) as Uint8Array[];
const textsOf = (fields: Fields, field: number) =>
  bytesOf(fields, field).map((each) => new TextDecoder().decode(each));
const floats = (raw: Uint8Array) =>
  Array.from({ length: raw.length / 4 }, (_, i) =>
    new DataView(raw.buffer, raw.byteOffset).getFloat32(i * 4, true),
  );

/** Runs a graph by the definitions of its operators (ONNX operator set 13). */
function run(model: Uint8Array, X: number[][]): number[][] {
  const top = read(model);
  const [opset] = bytesOf(top, 8).map(read);
  expect(opset?.get(2)).toEqual([13]);
  const graph = read(bytesOf(top, 7)[0] as Uint8Array);
  const known = new Map<string, number[][]>([['X', X]]);
  for (const tensor of bytesOf(graph, 5).map(read)) {
    const dims = tensor.get(1) as number[];
    const values = floats(bytesOf(tensor, 9)[0] as Uint8Array);
    const columns = dims.at(-1) as number;
    const rows = Array.from({ length: values.length / columns }, (_, i) =>
      values.slice(i * columns, (i + 1) * columns),
    );
    known.set(textsOf(tensor, 8)[0] as string, rows);
  }
  for (const node of bytesOf(graph, 1).map(read)) {
    const [x = [], W = [], b] = textsOf(node, 1).map((name) => known.get(name) as number[][]);
    const [type] = textsOf(node, 4) as [keyof typeof elementwise];
    const alpha = bytesOf(node, 5)
      .map(read)
      .map((attribute) => floats(bytesOf(attribute, 2)[0] as Uint8Array)[0] as number);
    const y = x.map((row) => {
      if (type === ('Gemm' as string)) {
        return (W[0] ?? []).map((_, j) =>
          row.reduce((sum, v, k) => sum + v * (W[k]?.[j] as number), b?.[0]?.[j] ?? 0),
        );
      }
      if (type === ('Softmax' as string)) {
        const powers = row.map(Math.exp);
        return powers.map((power) => power / powers.reduce((sum, each) => sum + each));
      }
      return row.map((v) => elementwise[type](v, alpha[0] ?? 0.01));
    });
    known.set(textsOf(node, 2)[0] as string, y);
  }
  return known.get('Y') as number[][];
}

const elementwise = {
  Sigmoid: (v: number) => 1 / (1 + Math.exp(-v)),
  Tanh: (v: number) => Math.tanh(v),
  Relu: (v: number) => Math.max(0, v),
  LeakyRelu: (v: number, alpha: number) => (v < 0 ? alpha * v : v),
  Softplus: (v: number) => Math.log(Math.exp(v) + 1),
};

const rng = new RandomState(3);
const X = Array.from({ length: 5 }, () => Array.from({ length: 4 }, () => rng.randn()));
const all = { dim: 6, irange: 1, initBias: 0.3 };

test.each<{ what: string; layers: () => Layer[] }>([
  {
    what: 'sigmoid and softmax',
    layers: () => [
      new Sigmoid({ ...all, layerName: 'h' }),
      new Softmax({ layerName: 'y', nClasses: 3, irange: 1 }),
    ],
  },
  {
    what: 'every hidden layer, one without biases, and linear',
    layers: () => [
      new Tanh({ ...all, layerName: 'a' }),
      new RectifiedLinear({ ...all, layerName: 'b' }),
      new RectifiedLinear({ ...all, layerName: 'c', leftSlope: 0.25 }),
      new Softplus({ ...all, layerName: 'd', useBias: false }),
      new Linear({ ...all, layerName: 'e', dim: 200 }),
    ],
  },
])('a graph of $what gives what the net gives, as f32 can', ({ layers }) => {
  const net = new MLP({ layers: layers(), nvis: 4, seed: 5 });
  const due = net.fprop(X).flat();
  const found = run(toOnnx(net), X).flat();
  expect(found.length).toBe(due.length);
  for (const [i, each] of found.entries()) expect(each).toBeCloseTo(due[i] as number, 5);
});

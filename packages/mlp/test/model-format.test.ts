import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DenseDesignMatrix,
  decodeModel,
  encodeModel,
  type Layer,
  Linear,
  MLP,
  ModelFormatError,
  Momentum,
  RectifiedLinear,
  SGD,
  Sigmoid,
  Softmax,
  Softplus,
  Tanh,
} from '../src/index.ts';
import { pimaNet, pimaParts } from './pima.ts';

const [train, valid] = pimaParts();

const layers = (): Layer[] => [
  new Tanh({ layerName: 'a', dim: 3, istdev: 0.5, useBias: false }),
  new RectifiedLinear({ layerName: 'b', dim: 4, irange: 0.5, leftSlope: 0.1, maxColNorm: 2 }),
  new Softplus({ layerName: 'c', dim: 5, sparseInit: 2, WLrScale: 0.5 }),
  new Linear({ layerName: 'd', dim: 2, irange: 0.5 }),
  new Softmax({ layerName: 'y', nClasses: 2, irange: 0.5, initBiasTargetMarginals: train }),
];

describe.each(['float64', 'float32'] as const)('a net in %s', (floatX) => {
  const net = new MLP({ layers: layers(), nvis: 8, floatX });
  const trainer = new SGD({ learningRate: 0.05, batchSize: 10, monitoringDataset: valid });
  trainer.setup(net, train);
  trainer.train(train);
  net.monitor.reportEpoch();
  net.monitor.update();
  net.tag.note = { best: 0.25 };
  const again = decodeModel(encodeModel(net));

  test('is read back to the last bit, with what it has seen', () => {
    expect(again.parameters).toEqual(net.parameters);
    expect(again.floatX).toBe(floatX);
    expect(again.tag).toEqual({ note: { best: 0.25 } });
    expect(again.monitor.epochsSeen).toBe(1);
    expect(again.monitor.examplesSeen).toBe(537);
    expect(again.monitor.last('y_misclass')).toBe(net.monitor.last('y_misclass'));
    expect(again.score(valid)).toEqual(net.score(valid));
    expect(encodeModel(again)).toEqual(encodeModel(net));
  });

  test('learns on as the one that was saved', () => {
    const one = decodeModel(encodeModel(net));
    const two = decodeModel(encodeModel(net));
    for (const each of [one, two]) {
      const trainer = new SGD({ learningRate: 0.1, batchSize: 7, learningRule: new Momentum(0.5) });
      trainer.setup(each, train);
      trainer.train(train);
    }
    expect(one.parameters).toEqual(two.parameters);
    expect(one.parameters).not.toEqual(net.parameters);
  });
});

test('a sigmoid keeps its style', () => {
  const sigmoid = new Sigmoid({
    ...{ layerName: 's', dim: 2, irange: 1, monitorStyle: 'one_hot_class' },
  });
  const net = decodeModel(encodeModel(new MLP({ layers: [sigmoid], nvis: 1 })));
  const data = new DenseDesignMatrix({ X: [[1]], y: [[0.4, 0.3]] });
  // By bits the answer would be right when both are below a half.
  net.layers[0]?.weights.data.set([-1, -2]);
  net.layers[0]?.biases.fill(0);
  expect(net.score(data)).toEqual({ correct: 1, total: 1 });
  net.layers[0]?.weights.data.set([-2, -1]);
  expect(net.score(data)).toEqual({ correct: 0, total: 1 });
});

test('the layout is as described', () => {
  const net = pimaNet();
  const bytes = encodeModel(net);
  const view = new DataView(bytes.buffer);
  expect(new TextDecoder().decode(bytes.subarray(0, 8))).toBe('HOLDMLP\n');
  const dataAt = 12 + view.getUint32(8, true);
  expect(dataAt % 8).toBe(0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, dataAt)));
  expect(header).toMatchObject({ version: 1, floatX: 'float64', nvis: 8 });
  expect(view.getFloat64(dataAt, true)).toBe(net.layers[0]?.weights.data[0]);
  expect(bytes.length).toBe(dataAt + 8 * (8 * 20 + 20 + 2 + 20 * 2) + 4);
  expect(view.getUint32(bytes.length - 4, true)).toBe(crc32(bytes.subarray(0, -4)));
});

describe('refuses', () => {
  const bytes = encodeModel(pimaNet());

  test('every change of a byte, and every cut', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ change;
        expect(() => decodeModel(changed)).toThrow(ModelFormatError);
        expect(() => decodeModel(bytes.subarray(0, at))).toThrow(ModelFormatError);
      }),
      { numRuns: 300 },
    );
  });

  /** The same with another header, and a checksum that is right. */
  const withHeader = (change: (header: Record<string, unknown>) => object): Uint8Array => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const dataAt = 12 + view.getUint32(8, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, dataAt)));
    const text = new TextEncoder().encode(JSON.stringify(change(header)));
    const changed = new Uint8Array(12 + text.length + bytes.length - dataAt);
    changed.set(bytes.subarray(0, 8));
    changed.set(text, 12);
    changed.set(bytes.subarray(dataAt), 12 + text.length);
    const changedView = new DataView(changed.buffer);
    changedView.setUint32(8, text.length, true);
    changedView.setUint32(changed.length - 4, crc32(changed.subarray(0, -4)), true);
    return changed;
  };

  test.each([
    { what: 'a later version', change: { version: 2 }, code: 'newer-version', says: 'version 2' },
    {
      what: 'an unknown layer',
      change: { layers: [{ kind: 'Maxout' }] },
      code: 'damaged',
      says: 'no net',
    },
    { what: 'too few weights', change: { nvis: 9 }, code: 'damaged', says: 'bytes of weights' },
    { what: 'a header of another kind', change: { layers: 3 }, code: 'damaged', says: 'no net' },
  ])('$what', ({ change, code, says }) => {
    const changed = withHeader((header) => ({ ...header, ...change }));
    expect(() => decodeModel(changed)).toThrow(says);
    expect(() => decodeModel(changed)).toThrow(expect.objectContaining({ code }));
  });

  test('what is no model at all', () => {
    const text = new TextEncoder().encode('6,148,72,35,0,33.6,0.627,50,1');
    expect(() => decodeModel(text)).toThrow(expect.objectContaining({ code: 'no-model' }));
  });
});

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  loadModel,
  ModelFileError,
  MonitorBasedSaveBest,
  SGD,
  saveModel,
} from '../src/index.node.ts';
import { encodeModel } from '../src/index.ts';
import { pimaNet, pimaParts } from './pima.ts';

const failing = vi.hoisted(() => ({ at: '' }));

/** The real file system, but one call fails, after it has done half of its work where it can. */
vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const fail = (name: string) => {
    if (failing.at === name)
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  return {
    ...real,
    openSync: (...all: Parameters<typeof fs.openSync>) => {
      fail('openSync');
      return real.openSync(...all);
    },
    writeSync: (file: number, bytes: Uint8Array, from: number) => {
      if (failing.at === 'writeSync') real.writeSync(file, bytes, from, 10);
      fail('writeSync');
      // As a real one may, it writes less than asked for.
      return real.writeSync(file, bytes, from, Math.min(1000, bytes.length - from));
    },
    fsyncSync: (file: number) => {
      fail('fsyncSync');
      real.fsyncSync(file);
    },
    closeSync: (file: number) => {
      real.closeSync(file);
      fail('closeSync');
    },
    renameSync: (...all: Parameters<typeof fs.renameSync>) => {
      fail('renameSync');
      real.renameSync(...all);
    },
  };
});

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'mlp-'));
});
afterEach(() => {
  failing.at = '';
  fs.rmSync(folder, { recursive: true });
});

test('a net is read as it was written, and leaves no other file', () => {
  const path = join(folder, 'best.mlp');
  const net = pimaNet();
  saveModel(net, path);
  expect(loadModel(path).parameters).toEqual(net.parameters);
  expect(fs.readdirSync(folder)).toEqual(['best.mlp']);
});

test.each(['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync'])(
  'when %s fails, the old net is still there, whole and alone',
  (call) => {
    const path = join(folder, 'best.mlp');
    const old = pimaNet();
    saveModel(old, path);
    failing.at = call;
    const fresh = pimaNet({ seed: 7 });
    expect(() => saveModel(fresh, path)).toThrow(ModelFileError);
    expect(() => saveModel(fresh, path)).toThrow('cannot be written: no space left');
    failing.at = '';
    expect(encodeModel(loadModel(path))).toEqual(encodeModel(old));
    expect(fs.readdirSync(folder)).toEqual(['best.mlp']);
    saveModel(fresh, path);
    expect(loadModel(path).parameters).toEqual(fresh.parameters);
  },
);

test('a file that is not there or damaged is named', () => {
  const path = join(folder, 'best.mlp');
  expect(() => loadModel(path)).toThrow(expect.objectContaining({ code: 'unreadable', path }));
  fs.writeFileSync(path, encodeModel(pimaNet()).subarray(0, 500));
  expect(() => loadModel(path)).toThrow(`${path}: the model is damaged`);
});

test('the best net so far is in the file, with a note of why', () => {
  const savePath = join(folder, 'best.mlp');
  const [train, valid] = pimaParts();
  const net = pimaNet();
  const trainer = new SGD({ learningRate: 0.05, batchSize: 10, monitoringDataset: valid });
  trainer.setup(net, train);
  const best = new MonitorBasedSaveBest({ channelName: 'output_nll', savePath, startEpoch: 2 });
  const seen: number[] = [];
  for (let epoch = 1; epoch <= 40; epoch++) {
    trainer.train(train);
    net.monitor.reportEpoch();
    net.monitor.update();
    best.onMonitor(net, valid, trainer);
    expect(fs.existsSync(savePath)).toBe(epoch >= 2);
    seen.push(net.cost(valid));
  }
  const [, ...counted] = seen;
  const least = Math.min(...counted);
  const loaded = loadModel(savePath);
  expect(loaded.cost(valid)).toBe(least);
  expect(loaded.monitor.epochsSeen).toBe(seen.lastIndexOf(least) + 1);
  expect(loaded.tag.MonitorBasedSaveBest).toMatchObject({
    ...{ channel_name: 'output_nll', save_path: savePath, best_cost: best.bestCost },
  });
  expect(() => best.bestModel).toThrow('set storeBestModel, or load savePath');
});

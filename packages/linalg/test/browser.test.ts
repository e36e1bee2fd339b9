import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumArguments, chromiumPath } from '../../../apps/desk/test/chromium.ts';
import { DenseNet, gemm } from '../src/index.ts';

const executablePath = chromiumPath();
const origin = 'http://linalg.test';
const sources = join(import.meta.dirname, '../src');

// What a page does, in the browser and here alike.
const n = 40;
const layers = [
  { units: 3, activation: 'tanh' },
  { units: 2, activation: 'softmax' },
] as const;

interface Door {
  readonly gemm: typeof gemm;
  readonly DenseNet: typeof DenseNet;
}

function work(door: Door, wave: (length: number) => Float64Array): number[] {
  const c = new Float64Array(n * n);
  door.gemm({ m: n, n, k: n, a: wave(n * n), b: wave(n * n), c });
  const net = new door.DenseNet({ inputs: 2, layers });
  net.parameters.set(0, { weights: wave(6), biases: wave(3) });
  net.parameters.set(1, { weights: wave(6), biases: wave(2) });
  const examples = net.load(3, wave(6), [0, 1, 1, 0, 1, 0]);
  for (let i = 0; i < 20; i++)
    net.trainEpoch(examples, [0, 1, 2], { learningRate: 0.5, momentum: 0.5 });
  return [...c, ...net.forward(examples), net.cost(examples)];
}

/** Numbers that are the same in every engine: fractions of whole ones. */
function wave(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => (((i * 37) % 101) - 50) / 64);
}

describe.skipIf(executablePath === undefined)('in a browser (needs Chromium)', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      args: [...chromiumArguments],
      ...(executablePath === undefined ? {} : { executablePath }),
    });
  });

  afterAll(() => browser.close());

  test.each([
    { policy: "script-src 'self' 'wasm-unsafe-eval'", kernels: true },
    { policy: "script-src 'self'", kernels: false },
  ])(
    'the bits are those of Node under $policy, by kernels: $kernels',
    async ({ policy, kernels }) => {
      const page = await browser.newPage();
      await page.route(`${origin}/**`, async (route) => {
        const path = new URL(route.request().url()).pathname;
        const headers = { 'content-security-policy': policy };
        if (path === '/') return route.fulfill({ contentType: 'text/html', body: '', headers });
        const body =
          path === '/work.js'
            ? pageSource()
            : stripTypeScriptTypes(readFileSync(join(sources, path), 'utf8'));
        return route.fulfill({ contentType: 'text/javascript', body, headers });
      });
      await page.goto(origin);
      await page.addScriptTag({ url: `${origin}/work.js`, type: 'module' });
      await page.waitForFunction('globalThis.result !== undefined');
      const result: unknown = await page.evaluate('globalThis.result');
      expect(result).toEqual({ kernels, numbers: work({ gemm, DenseNet }, wave) });
      await page.close();
    },
  );
});

/** A module that does the work above and leaves what came of it. */
function pageSource(): string {
  return `
import * as door from '/index.ts';
import { kernelMemory } from '/kernel-memory.ts';
const n = ${n};
const layers = ${JSON.stringify(layers)};
${wave.toString()}
${work.toString()}
globalThis.result = {
  kernels: kernelMemory({ fma: false }) !== undefined,
  numbers: work(door, wave),
};
`;
}

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumArguments, chromiumPath } from '../../../apps/desk/test/chromium.ts';

const root = join(import.meta.dirname, '..');

/** As strict as a page's policy gets: scripts from files of its own, and no code made of text. */
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'";

const page = `<!doctype html><title>data-stream</title>
<script type="module" src="/test/fixtures/in-browser.ts"></script>`;

const path = chromiumPath();

describe.skipIf(path === undefined)('in a browser (needs Chromium)', () => {
  let server: Server;
  let browser: Browser;
  const missed: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const name = request.url ?? '/';
      const isPage = name === '/';
      try {
        const content = isPage ? page : contentOf(name);
        const type = isPage ? 'text/html' : name.endsWith('.ts') ? 'text/javascript' : 'text/plain';
        response.writeHead(200, { 'content-type': type, 'content-security-policy': policy });
        response.end(content);
      } catch {
        missed.push(name);
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({ executablePath: path ?? '', args: [...chromiumArguments] });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test('reads and writes what a JDK wrote, as records and streams too, without eval', async () => {
    const tab = await browser.newPage();
    const faults: string[] = [];
    tab.on('pageerror', (error) => faults.push(String(error)));
    tab.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await tab.waitForFunction(() => 'outcome' in globalThis, undefined, { timeout: 20_000 });
    const outcome = await tab.evaluate(
      () => (globalThis as unknown as { outcome: object }).outcome,
    );
    expect(outcome).toEqual({
      values: 1500,
      records: 1000,
      failure:
        'EOFException: record 1000, field close: readDouble needs 8 bytes at offset 23015, but only 3 are left',
      usesBuffer: false,
    });
    expect(missed.filter((name) => name !== '/favicon.ico')).toEqual([]);
    expect(faults.filter((fault) => !fault.includes('404'))).toEqual([]);
  });
});

/** A file of the package, its types stripped: nothing bundles it, so nothing can leave code out. */
function contentOf(name: string): string | Buffer {
  const content = readFileSync(join(root, name));
  return name.endsWith('.ts') ? stripTypeScriptTypes(content.toString()) : content;
}

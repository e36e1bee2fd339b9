import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { QueueReply, Settings } from '../src/api.ts';
import { chromiumArguments, chromiumPath } from './chromium.ts';
import { ask, DeskProcess } from './desk-process.ts';

const executablePath = chromiumPath();
/** `npm run pictures` renews those that the README shows; otherwise they are only taken. */
const pictures = process.env.HOLDFAST_PICTURES ?? '';

describe.skipIf(executablePath === undefined)('the page in a browser (needs Chromium)', () => {
  let folder = '';
  let desk: DeskProcess;
  let url = '';
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-page-'));
    desk = new DeskProcess(['start', '--demo', '--data', join(folder, 'data'), '--port', '0']);
    url = await desk.url();
    browser = await chromium.launch({
      args: [...chromiumArguments],
      ...(executablePath === undefined ? {} : { executablePath }),
    });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) complaints.push(`asked for ${request.url()}`);
    });
  });

  afterAll(async () => {
    await browser?.close();
    desk?.kill('SIGINT');
    await desk?.ended();
    rmSync(folder, { recursive: true, force: true });
  });

  const queue = () => ask<QueueReply>(url, '/api/queue?limit=50');
  const openText = () => page.locator('article.post .visually-hidden').first().textContent();
  const takePicture = (name: string) => page.screenshot({ path: join(pictures || folder, name) });

  test('shows the first post, its middle words bold, and what the holdings carry', async () => {
    await page.goto(url);
    await page.locator('article.post').waitFor();
    await expect.poll(async () => (await queue()).unread, { timeout: 20_000 }).toBeGreaterThan(20);
    await page.reload();
    await page.locator('article.post').waitFor();
    expect(await page.locator('.banner').textContent()).toBe(
      'Demo: made-up posts, real prices to December 2022',
    );
    expect(await page.locator('.chips').textContent()).toMatch(
      /AAPL\s50\s%\sof\smoney\s·\s70\s%\sof\srisk\s·\s\d+\sposts?/,
    );
    expect(await page.locator('article.post .post-text b, article.post b').count()).toBeGreaterThan(
      1,
    );
    expect(await page.locator('.queue-list li').count()).toBeGreaterThan(10);
    await takePicture('read.png');
  });

  test('f keeps and d skips, each going on to the next post; u takes both back', async () => {
    const first = await openText();
    await page.keyboard.press('f');
    await expect.poll(openText).not.toBe(first);
    const second = await openText();
    await page.keyboard.press('d');
    await expect.poll(openText).not.toBe(second);
    const judged = (await queue()).posts.map(({ text }) => text);
    expect(judged).not.toContain(first);
    await page.keyboard.press('u');
    await expect.poll(openText).toBe(second);
    await page.keyboard.press('u');
    await expect.poll(openText).toBe(first);
  });

  test('w tells why a post stands where it does', async () => {
    await page.keyboard.press('w');
    const why = page.locator('article.post');
    await expect.poll(() => why.textContent()).toMatch(/of\syour\srisk/);
    expect(await why.textContent()).toMatch(/one\shalf/);
    await page.keyboard.press('w');
  });

  test('the line length changes the lines and is kept', async () => {
    const control = page.getByRole('slider', { name: /line length/i });
    const lines = () => page.locator('article.post [aria-hidden=true] > *').count();
    const before = await lines();
    await control.fill('12');
    await expect.poll(lines).toBeGreaterThan(before);
    await expect
      .poll(async () => (await ask<{ settings: Settings }>(url, '/api/state')).settings.columns)
      .toBe(12);
    await control.fill('25');
    await expect
      .poll(async () => (await ask<{ settings: Settings }>(url, '/api/state')).settings.columns)
      .toBe(25);
  });

  test('Portfolio tells where the risk sits', async () => {
    await page.getByRole('link', { name: 'Portfolio' }).click();
    await page.locator('table').first().waitFor();
    const text = await page.locator('main').textContent();
    expect(text).toMatch(/±1\.8\s%/);
    expect(text).toMatch(/AAPL/);
    expect(await page.locator('main svg').count()).toBeGreaterThan(0);
    await takePicture('portfolio.png');
  });

  test.each(['read', 'portfolio'])('axe finds nothing on %s', async (screen) => {
    await page.goto(`${url}#/${screen}`);
    await page.reload();
    await page
      .locator(screen === 'read' ? 'article.post' : 'table')
      .first()
      .waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    ).toEqual([]);
  });

  test('the browser had nothing to complain of, and asked nobody else', () => {
    expect(complaints).toEqual([]);
  });
});

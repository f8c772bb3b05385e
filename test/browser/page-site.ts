import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Result } from '../../src/domain/result.ts';
import { renderAll } from '../../src/render/render.ts';
import { folderStore } from '../../src/storage/folder-store.ts';
import { jsonFile } from '../../src/text/json-pieces.ts';
import { start } from '../integration/framescribe.ts';
import { until } from '../integration/queue-site.ts';
import { examplePictures } from '../render/example-result.ts';
import { type RedisServer, startRedis } from '../services/redis-server.ts';
import { CHROMIUM_PATH, launchChromium } from './chromium.ts';

/** A server with its page, a store, a Redis and a browser. */
export interface PageSite extends AsyncDisposable {
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly browser: Browser;
  /** A page that forgets everything when it's closed, and that has asked nobody else and broken no rule by then. */
  open(path: string, look?: Look): Promise<OpenedPage>;
}

export interface Look {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Where the page is, if not straight at the server. */
  readonly base?: string;
}

export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
}

/**
 * Starts the compiled `framescribe up` or `framescribe serve`.
 *
 * @param fill puts results into the store before the server looks
 */
export async function openPageSite(
  command: 'up' | 'serve',
  more: NodeJS.ProcessEnv = {},
  fill: (store: string) => Promise<void> = async () => {},
): Promise<PageSite> {
  const folder = await mkdtemp(join(tmpdir(), 'fs-page-'));
  const store = join(folder, 'out');
  await fill(store);
  const redis = await startRedis();
  const env = envOf(redis, folder, more);
  const running = start([command, '--port', '0', '--out', store], env);
  const says = () => /(?:Open|serving:?) (http:\/\/[^\s"]+)/.exec(running.stderr())?.[1];
  await until(() => says() !== undefined || running.child.exitCode !== null, 30_000);
  const url = says();
  if (url === undefined) throw new Error(`Expected the server to start:\n${running.stderr()}`);
  const browser = await launchChromium(CHROMIUM_PATH ?? '');
  return {
    url,
    env,
    folder,
    browser,
    open: (path, look = {}) => openPage(browser, url, path, look),
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      running.child.kill('SIGTERM');
      await running.ended;
      await redis[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function envOf(redis: RedisServer, folder: string, more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    REDIS_URL: redis.url,
    FRAMESCRIBE_SERVER_AUTHENTICATION: 'false',
    FRAMESCRIBE_SERVER_UPLOADS_FOLDER: join(folder, 'uploads'),
    FRAMESCRIBE_SEARCH_FOLDER: join(folder, 'search'),
    FRAMESCRIBE_FETCH_FOLDERS: folder,
    FRAMESCRIBE_TEMP_DIR: join(folder, 'temp'),
    FRAMESCRIBE_CAPTION_THREADS: '1',
    ...more,
  };
}

async function openPage(browser: Browser, site: string, path: string, look: Look): Promise<OpenedPage> {
  const { width = 1440, colorScheme = 'light', base = site } = look;
  const context = await browser.newContext({ viewport: { width, height: width < 500 ? 812 : 900 }, colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== new URL(base).origin && !['data:', 'blob:'].includes(protocol)) complaints.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(`${base}${path}`);
  return {
    page,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      expect(complaints).toEqual([]);
    },
  };
}

/** Puts a result into a folder store, with drawn pictures, as `caption` would. */
export async function putResult(folder: string, name: string, result: Result): Promise<void> {
  const publication = await folderStore(folder).begin(name);
  for (const { id, image } of result.keyframes) await publication.put(image, await examplePictures.read(id));
  for await (const file of renderAll(result, examplePictures, ['vtt', 'md', 'csv', 'storyboard']))
    await publication.put(file.name, file.content);
  await publication.put('result.json', jsonFile(result));
  await publication.commit();
}

/** Drops files from the disk on the page, as a hand does. */
export async function dropFiles(page: Page, files: readonly string[]): Promise<void> {
  await page.evaluate(MAKE_HAND);
  await page.locator('#hand').setInputFiles([...files]);
  await page.evaluate(DROP);
}

/** An input of the hand's own: the page's would take the files at once. */
const MAKE_HAND = `
  const hand = Object.assign(document.createElement('input'), { type: 'file', multiple: true, id: 'hand', hidden: true });
  document.body.append(hand);`;
const DROP = `
  const files = document.querySelector('#hand');
  const dataTransfer = new DataTransfer();
  for (const file of files.files) dataTransfer.items.add(file);
  for (const type of ['dragenter', 'dragover', 'drop'])
    document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  files.remove();`;

/** What axe has against the page as it is. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(RULES)})`);
  expect(passes.length).toBeGreaterThan(20);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] };

/** Presses Tab until the element has the focus. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await target.and(page.locator(':focus')).count()) > 0) return;
  }
  throw new Error(`Tab doesn’t lead to ${target}`);
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage } from '../../src/render/report/page.ts';
import { SmallPictures } from '../../src/render/small-pictures.ts';
import { wholeOf } from '../../src/text/pieces.ts';
import { examplePictures, exampleResult, longResult } from '../render/example-result.ts';
import { CHROMIUM_PATH, launchChromium } from './chromium.ts';

const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] };

if (CHROMIUM_PATH === null) {
  console.warn('No Chromium found: the report is not tested in a browser. Name one with FRAMESCRIBE_CHROMIUM.');
}

describe.skipIf(CHROMIUM_PATH === null)('the report in a browser', () => {
  let browser: Browser;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    browser = await launchChromium(CHROMIUM_PATH ?? '');
    folder = await mkdtemp(join(tmpdir(), 'framescribe-report-'));
    const file = join(folder, 'report.html');
    await writeFile(file, await reportPage(exampleResult(), new SmallPictures(examplePictures)));
    url = pathToFileURL(file).href;
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    await page.goto(url);
    return page;
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [375, 1440]) {
      it(`has no fault that axe finds, ${colorScheme}, ${width} px wide, all of it open`, async () => {
        await using opened = await closing(open(width, colorScheme));
        await opened.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
        await opened.page.evaluate(axe.source);
        const { violations, passes } = await opened.page.evaluate<AxeResults>(
          `axe.run(document, ${JSON.stringify(RULES)})`,
        );
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
        expect(passes.length).toBeGreaterThan(20);
      });
    }
  }

  it('asks for nothing but itself, and runs no script', async () => {
    await using opened = await closing(browser.newPage());
    const requests: string[] = [];
    opened.page.on('request', (request) => requests.push(request.url()));
    await opened.page.goto(url);
    await opened.page.waitForLoadState('networkidle');
    expect(requests.filter((one) => !one.startsWith('data:image/jpeg;'))).toEqual([url]);
    expect(await opened.page.evaluate('document.scripts.length')).toBe(0);
    const broken = await opened.page.evaluate(
      '[...document.images].filter((image) => image.naturalWidth === 0).length',
    );
    expect(broken).toBe(0);
  });

  it('fits a phone without scrolling sideways, also with a name without end', async () => {
    const { video } = exampleResult();
    const result = exampleResult({ video: { ...video, source: `${'endless'.repeat(30)}.mp4` } });
    await using opened = await closing(open(375, 'light'));
    await opened.page.setContent(String(wholeOf(await reportPage(result, new SmallPictures(examplePictures)))));
    expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    for (const width of [320, 768, 1440]) {
      await opened.page.setViewportSize({ width, height: 900 });
      expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  it('leads from a sentence to its frame', async () => {
    await using opened = await closing(open(1440, 'light'));
    const { page } = opened;
    await page.click('.story li:nth-child(2) .sentence a');
    const target = page.locator('article:target');
    expect(await target.getAttribute('id')).toBe('k0006');
    await expect.poll(async () => (await target.boundingBox())?.y).toBeLessThan(900);
    expect(await page.evaluate("getComputedStyle(document.querySelector(':target')).outlineStyle")).toBe('solid');
  });

  it('leads to the right frame of a long video too', async () => {
    const file = join(folder, 'long.html');
    await writeFile(file, await reportPage(longResult(400), new SmallPictures(examplePictures)));
    await using opened = await closing(browser.newPage({ viewport: { width: 1440, height: 900 } }));
    await opened.page.goto(`${pathToFileURL(file).href}#k0300`);
    const top = async () => (await opened.page.locator('#k0300').boundingBox())?.y ?? -1;
    await expect.poll(top).toBeGreaterThanOrEqual(0);
    expect(await top()).toBeLessThan(900);
  });

  it('takes the keyboard past the header first', async () => {
    await using opened = await closing(open(1440, 'light'));
    await opened.page.keyboard.press('Tab');
    const focused = opened.page.locator(':focus');
    expect(await focused.textContent()).toBe('Skip to the summary');
    expect((await focused.boundingBox())?.y).toBeGreaterThanOrEqual(0);
    await opened.page.keyboard.press('Enter');
    expect(await opened.page.locator(':focus').getAttribute('id')).toBe('summary');
  });
});

async function closing(opening: Promise<Page>) {
  const page = await opening;
  return { page, [Symbol.asyncDispose]: () => page.close() };
}

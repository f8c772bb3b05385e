import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/domain/result.ts';
import { sign } from '../../src/pipeline/assemble.ts';
import { framescribe } from '../integration/framescribe.ts';
import { exampleResult, longResult } from '../render/example-result.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { CHROMIUM_PATH } from './chromium.ts';
import { faultsOf, openPageSite, type PageSite, putResult, tabTo } from './page-site.ts';
import { shoot } from './screenshots.ts';

const PAGE = join(import.meta.dirname, '../../dist/web');
const HOSTILE = '"><img src=x onerror="globalThis.broken=1"><script>globalThis.broken=1</script>';

describe.skipIf(CHROMIUM_PATH === null || !canStartRedis())('the page, looked at', () => {
  let site: PageSite;
  beforeAll(async () => {
    site = await openPageSite('serve', {}, async (store) => {
      await putResult(store, 'a-day-outside', exampleResult());
      await putResult(store, 'long', named(longResult(400), 'long.mp4'));
      await putResult(store, 'hostile', hostileResult());
      await putResult(store, 'shared', signed(named(exampleResult(), 'shared.mp4')));
    });
  });
  afterAll(() => site?.[Symbol.asyncDispose]());

  for (const width of [375, 1440]) {
    it(`has no fault that axe finds, light and dark, ${width} px wide`, async () => {
      await using opened = await site.open('/', { width });
      const { page } = opened;
      const look = async (...schemes: readonly ('light' | 'dark')[]) => {
        for (const colorScheme of schemes) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await page.evaluate(ONCE_DRAWN);
          expect(await faultsOf(page)).toEqual([]);
        }
      };
      await page.getByRole('link', { name: 'a-day-outside.mp4' }).waitFor();
      await look('light', 'dark');
      await page.getByRole('searchbox').fill('frisbee');
      await page.locator('.moments').first().waitFor();
      await shoot(page, 'found');
      await look('dark');
      await page.getByRole('searchbox').fill('zeppelin');
      await page.getByRole('heading', { name: /Nothing found/ }).waitFor();
      await shoot(page, 'nothing-found');
      await look('light');
      await page.getByRole('link', { name: 'Show all videos' }).click();
      await page.getByRole('link', { name: 'a-day-outside.mp4' }).click();
      await page.locator('.virtual article').first().waitFor();
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      await page.locator('.sentences .pencil').first().click();
      await look('light', 'dark');
    });
  }

  it('fits every screen without scrolling sideways', async () => {
    for (const path of ['/', await addressOf(site, 'a-day-outside.mp4'), await addressOf(site, 'long.mp4')]) {
      await using opened = await site.open(path, { width: 320 });
      await opened.page.locator('.card, .virtual article').first().waitFor();
      for (const width of [320, 375, 768, 1024, 1440, 2560]) {
        await opened.page.setViewportSize({ width, height: 900 });
        expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
    }
  });

  it('is found by what is seen, and leads to the moment', async () => {
    await using opened = await site.open('/');
    const { page } = opened;
    await page.getByRole('searchbox').pressSequentially('frisb');
    const moment = page.locator('.moments a').first();
    await moment.waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('frisb');
    const time = (await moment.locator('.when').textContent()) ?? '';
    await moment.click();
    await expect.poll(() => page.getByRole('slider', { name: 'Time' }).getAttribute('aria-valuetext')).toContain(time);
    await page.goBack();
    await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('frisb');
  });

  it('filters by tags and states, and keeps the choice in the address', async () => {
    await using opened = await site.open('/');
    const { page } = opened;
    await page.getByRole('button', { name: 'dog', exact: true }).click();
    await expect.poll(() => new URL(page.url()).searchParams.getAll('tag')).toEqual(['dog']);
    await page.reload();
    await expect
      .poll(() => page.getByRole('button', { name: 'dog', exact: true }).getAttribute('aria-pressed'))
      .toBe('true');
    await page.getByText('Failed', { exact: true }).click();
    await page.getByText('No video is in this state').waitFor();
  });

  it('is worked by the keyboard alone', async () => {
    await using opened = await site.open('/');
    const { page } = opened;
    const { keyboard } = page;
    await page.getByRole('link', { name: 'a-day-outside.mp4' }).waitFor();
    await keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toContain('Skip');
    await keyboard.press('/');
    expect(await page.locator(':focus').getAttribute('type')).toBe('search');
    await tabTo(page, page.getByRole('link', { name: 'a-day-outside.mp4' }));
    await keyboard.press('Enter');

    const slider = page.getByRole('slider', { name: 'Time' });
    await slider.waitFor();
    const timeMs = async () => Number(await slider.getAttribute('aria-valuenow'));
    const chapters = page.getByRole('toolbar', { name: 'Chapters' }).getByRole('button');
    await tabTo(page, chapters.first());
    await keyboard.press('ArrowRight');
    await keyboard.press('Enter');
    const second = exampleResult().chapters[1];
    await expect.poll(timeMs).toBe(second?.startMs);
    await tabTo(page, slider);
    await keyboard.press('ArrowRight');
    await expect.poll(timeMs).toBe((second?.startMs ?? 0) + 1000);
    await keyboard.press('Home');
    await keyboard.press('PageDown');
    await expect.poll(timeMs).toBe(exampleResult().shots[1]?.startMs);
    await tabTo(page, page.getByRole('toolbar', { name: 'Keyframes' }).locator('[tabindex="0"]'));
    await keyboard.press('End');
    await keyboard.press('Enter');
    await expect.poll(timeMs).toBeGreaterThan(80_000);
    await tabTo(page, page.locator('.sentence').first());
    await keyboard.press('Enter');
    expect(await page.locator('.sentences li').first().getAttribute('class')).toBe('chosen');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('New text of the sentence 1');
    await keyboard.press('Escape');
    await expect.poll(() => page.locator(':focus').getAttribute('aria-label')).toBe('Edit the sentence 1');
  });

  it('lets nobody’s words go where two people correct the same video', async () => {
    const address = await addressOf(site, 'shared.mp4');
    await using first = await site.open(address);
    await using second = await site.open('/');
    // The second one hears of nothing.
    await second.page.route('**/events', (route) => route.abort());
    await second.page.goto(`${site.url}${address}`);
    const frame = (page: Page, at: number) => page.locator('.virtual article').nth(at);
    const write = async (page: Page, at: number, words: string) => {
      await frame(page, at)
        .getByRole('button', { name: /Edit the caption/ })
        .click();
      await page.keyboard.type(words);
    };
    const field = (page: Page) => page.getByRole('textbox', { name: /New text of the caption/ });

    await write(second.page, 0, 'what the second saw');
    await write(first.page, 0, 'what the first saw');
    await first.page.keyboard.press('Enter');

    await frame(first.page, 0).getByText('by hand').waitFor();
    await second.page.keyboard.press('Enter');
    await second.page.getByRole('alert').getByText('changed it to “what the first saw”').waitFor();
    expect(await field(second.page).inputValue()).toBe('what the second saw');

    // Over words that were seen, whoever writes decides; the other hears of it, also in the middle of writing.
    await write(first.page, 0, 'what the first meant');
    await second.page.getByRole('button', { name: 'Save' }).click();
    await first.page.getByRole('alert').getByText('changed it to “what the second saw”').waitFor();
    expect(await field(first.page).inputValue()).toBe('what the first meant');
    expect(await faultsOf(first.page)).toEqual([]);
    await shoot(first.page, 'conflict');
    await first.page.getByRole('button', { name: 'Cancel' }).click();
    expect(await frame(first.page, 0).locator('.caption').textContent()).toBe('what the second saw');

    // A change elsewhere is no reason to ask.
    await write(first.page, 1, 'another frame, by the first');
    await first.page.keyboard.press('Enter');
    await frame(first.page, 1).getByText('by hand').waitFor();
    await write(second.page, 2, 'a third frame, by the second');
    await second.page.keyboard.press('Enter');
    await frame(second.page, 2).getByText('by hand').waitFor();
    expect(await frame(second.page, 1).locator('.caption').textContent()).toBe('another frame, by the first');

    // Words whose place is gone are given back.
    const tag = await first.page.locator('.tags .name').first().textContent({ timeout: 5_000 });
    const name = (tag ?? '').split(',')[0] ?? '';
    await first.page.getByRole('button', { name: `Rename the tag ${name}`, exact: true }).click();
    await first.page.keyboard.type('a better word');
    await second.page.getByRole('button', { name: `Remove the tag ${name}`, exact: true }).click();
    await first.page.getByText('Not saved: “a better word”').waitFor();
  });

  it('scrolls four hundred keyframes with a handful of them in the document, and never loses the focus', async () => {
    await using opened = await site.open(await addressOf(site, 'long.mp4'));
    const { page } = opened;
    const articles = page.locator('.virtual article');
    await articles.first().waitFor();
    await articles.first().locator('.look').focus();
    for (let step = 1; step <= 20; step += 1) {
      await page.evaluate(`scrollTo(0, (document.documentElement.scrollHeight - innerHeight) * ${step / 20})`);
      expect(await articles.count()).toBeLessThan(40);
    }
    await page.locator('.virtual article[aria-posinset="400"]').waitFor();
    expect(await page.evaluate('document.activeElement.closest("article").ariaPosInSet')).toBe('1');
    await page.keyboard.press('PageDown');
    await expect.poll(() => page.evaluate('document.activeElement.ariaPosInSet')).toBe('2');
    expect((await page.locator('.virtual article[aria-posinset="2"]').boundingBox())?.y).toBeGreaterThan(0);
  });

  it('shows hostile names and captions as the text that they are', async () => {
    await using opened = await site.open('/');
    const { page } = opened;
    await page.getByRole('link', { name: HOSTILE }).click();
    await page.locator('.virtual article').first().waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(HOSTILE);
    for (const place of ['.sentence', '.chapter', '.caption', '.tags .name', '.warnings li'])
      expect(await page.locator(place).first().textContent()).toContain('<img src=x onerror=');
    expect(await page.evaluate('globalThis.broken')).toBeUndefined();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
  });

  it('is light or dark as the system is, and as somebody chooses', async () => {
    await using opened = await site.open('/', { colorScheme: 'dark' });
    const { page } = opened;
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await ground();
    const choose = page.getByRole('button', { name: /Colours/ });
    await choose.click();
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await choose.waitFor();
    expect(await ground()).toBe(light);
    await choose.click();
    expect(await ground()).toBe(dark);
  });

  it('says what to do where there is nothing, and while the server is away', async () => {
    await using opened = await site.open('/videos/r0123456789abcdef0123456789abcde');
    const { page } = opened;
    await page.getByRole('heading', { name: 'This video isn’t here' }).waitFor();
    expect(await page.locator('main').textContent()).not.toContain('Expected');
    await shoot(page, 'not-here');
    await page.route('**/v1/videos?*', (route) => route.abort());
    await page.getByRole('link', { name: 'Library' }).click();
    await page.getByRole('alert').getByText('The server can’t be reached.').waitFor();
    await shoot(page, 'away');
    await page.unroute('**/v1/videos?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'a-day-outside.mp4' }).waitFor();
  });

  it('asks for a token where one is needed, and offers nothing that the token may not do', async () => {
    await using guarded = await openPageSite('serve', { FRAMESCRIBE_SERVER_AUTHENTICATION: 'true' }, (store) =>
      putResult(store, 'a-day-outside', exampleResult()),
    );
    const made = await framescribe(['token', 'create', '--name', 'archivist', '--scopes', 'read'], guarded.env);
    await using opened = await guarded.open('/');
    const { page } = opened;
    await page.getByLabel('Token').fill('fs_wrong');
    await page.keyboard.press('Enter');
    await page.getByText('The server doesn’t know this token.').waitFor();
    await shoot(page, 'sign-in');
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Token').fill(made.stdout.trim());
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'a-day-outside.mp4' }).waitFor();
    expect(await page.getByRole('button', { name: 'Add videos' }).count()).toBe(0);
    await page.getByRole('link', { name: 'a-day-outside.mp4' }).click();
    await page.locator('.virtual article img').first().waitFor();
    expect(await page.locator('.pencil').count()).toBe(0);
    // A session may end while the page is open.
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'Library' }).click();
    await page.getByLabel('Token').fill(made.stdout.trim());
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'a-day-outside.mp4' }).waitFor();
    await page.getByRole('button', { name: /Sign out/ }).click();
    await page.getByLabel('Token').waitFor();
  });
});

it('brings less than 40 kB of compressed script for the first view', () => {
  const html = readFileSync(join(PAGE, 'index.html'), 'utf8');
  const scripts = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path = '']) => path);
  expect(scripts.length).toBeGreaterThan(0);
  const bytes = scripts.reduce((sum, path) => sum + gzipSync(readFileSync(join(PAGE, path))).byteLength, 0);
  expect(bytes).toBeLessThan(40_000);
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style|style="/);
});

/** What the other colours start is over. */
const ONCE_DRAWN = `new Promise((done) => {
  const look = () => (document.getAnimations().length === 0 ? done() : requestAnimationFrame(look));
  requestAnimationFrame(() => requestAnimationFrame(look));
})`;

async function addressOf(site: PageSite, name: string): Promise<string> {
  await using opened = await site.open('/');
  const link = opened.page.getByRole('link', { name });
  return (await link.getAttribute('href')) ?? '';
}

function named(result: Result, source: string): Result {
  return { ...result, video: { ...result.video, source } };
}

function hostileResult(): Result {
  const result = named(exampleResult(), HOSTILE);
  return {
    ...result,
    keyframes: result.keyframes.map((keyframe) => ({
      ...keyframe,
      captions: keyframe.captions.map((caption) => ({
        ...caption,
        text: HOSTILE,
        tokens: [{ word: HOSTILE, logProbability: -0.1 }],
      })),
    })),
    chapters: result.chapters.map((chapter) => ({ ...chapter, title: HOSTILE })),
    tags: result.tags.map((tag, index) => ({ ...tag, name: `${index}${HOSTILE}` })),
    summary: {
      text: HOSTILE,
      sentences: result.summary.sentences.map((sentence) => ({ ...sentence, text: HOSTILE })),
    },
    warnings: [{ code: 'VIDEO_TRACKS_IGNORED', message: HOSTILE }],
  };
}

function signed({ digest: _, ...unsigned }: Result): Result {
  return sign(unsigned);
}

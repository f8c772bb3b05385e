import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawReel } from '../../src/cli/reel/reel.ts';
import { climber } from '../../src/cli/reel/scenes/climber.ts';
import { cyclist } from '../../src/cli/reel/scenes/cyclist.ts';
import { dogOnGrass } from '../../src/cli/reel/scenes/dogs.ts';
import { footballers } from '../../src/cli/reel/scenes/footballer.ts';
import { hiker } from '../../src/cli/reel/scenes/hiker.ts';
import { snowboarder } from '../../src/cli/reel/scenes/snowboarder.ts';
import { surfer } from '../../src/cli/reel/scenes/surfer.ts';
import { SCRIPT } from '../../src/cli/reel/script.ts';
import { until } from '../integration/queue-site.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { CHROMIUM_PATH } from './chromium.ts';
import { dropFiles, faultsOf, openPageSite, type PageSite } from './page-site.ts';
import { SCREENSHOTS, shoot } from './screenshots.ts';
import { openUnsteadyLine } from './unsteady-line.ts';

const WHILE_IT_WORKS_MS = 90_000;
const DRAWING = { ffmpeg: 'ffmpeg', signal: new AbortController().signal };

describe.skipIf(CHROMIUM_PATH === null || !canStartRedis())('a video by way of the page', { timeout: 120_000 }, () => {
  let site: PageSite;
  let reel: string;
  let short: string;

  beforeAll(async () => {
    site = await openPageSite('up');
    reel = join(site.folder, 'sample-reel.mp4');
    short = join(site.folder, 'short.mp4');
    await drawReel(short, { ...DRAWING, script: [dogOnGrass, snowboarder] });
    // For screenshots it's the whole sample reel; else long enough to be seen on its way.
    if (SCREENSHOTS === '')
      execFileSync('ffmpeg', ['-v', 'error', '-stream_loop', '14', '-i', short, '-c', 'copy', reel]);
    else await drawReel(reel, { ...DRAWING, script: SCRIPT });
  }, 300_000);
  afterAll(() => site?.[Symbol.asyncDispose]());

  it('is dropped, sent over a line that breaks, and followed to its summary without loading the page again', async () => {
    await using line = await openUnsteadyLine(site.url);
    await using opened = await site.open('/', { base: line.url });
    const { page } = opened;
    const sends = offsetsOf(page);
    await page.getByRole('heading', { name: 'What happens in your videos?' }).waitFor();
    await shoot(page, 'empty');
    await page.evaluate(WATCH);
    line.breakAfter(1_000_000);
    await dropFiles(page, [reel]);
    await page.getByText('connection lost: trying again').waitFor();
    line.mend();

    const card = page.getByRole('article', { name: 'sample-reel.mp4' });
    await card.getByRole('link', { name: 'sample-reel.mp4' }).waitFor({ timeout: WHILE_IT_WORKS_MS });
    expect(sends[0]).toBe(0);
    expect(sends.at(-1)).toBeGreaterThan(0);
    const { stages, sawPictureEarly } = await page.evaluate<Watched>('watched');
    expect(stages).toEqual(['Upload', 'Scan', 'Caption', 'Summary'].filter((stage) => stages.includes(stage)));
    expect(stages.length).toBeGreaterThan(1);
    expect(sawPictureEarly).toBe(true);
    expect(await card.locator('.summary').textContent()).toMatch(/dog|man|snow/);
  });

  it('is offered after the page was closed in the middle, and goes on with its own file only', async () => {
    const other = join(site.folder, 'other.mp4');
    await drawReel(other, { ...DRAWING, script: [snowboarder] });
    await using line = await openUnsteadyLine(site.url);
    await using opened = await site.open('/', { base: line.url });
    const { page } = opened;
    line.breakAfter(700_000);
    await dropFiles(page, [other]);
    await page.getByText('connection lost: trying again').waitFor();
    line.mend();
    await page.getByRole('button', { name: 'Pause other.mp4' }).click();
    await page.reload();
    const sends = offsetsOf(page);
    const card = page.getByRole('article', { name: 'other.mp4' });
    await card.getByText('Choose the same file again').waitFor();
    expect(await card.locator('.stages').textContent()).toMatch(/[1-9]\d?% of .*interrupted/);
    expect(await faultsOf(page)).toEqual([]);
    const choose = page.locator('input[aria-label="Choose other.mp4 again"]');
    await choose.setInputFiles(short);
    await card.getByText('That was another file.').waitFor();
    await shoot(page, 'interrupted');
    expect(sends).toEqual([]);
    await choose.setInputFiles(other);
    await page.getByRole('link', { name: 'other.mp4' }).waitFor({ timeout: WHILE_IT_WORKS_MS });
    expect(sends).toHaveLength(1);
    expect(sends[0]).toBeGreaterThan(0);
    expect(await page.evaluate('localStorage.length')).toBe(0);
  });

  it('goes on by itself once there is a connection again, however long that took', async () => {
    await using opened = await site.open('/');
    const { page } = opened;
    await page.clock.install();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    // The first one hasn't even the code to send it by; the second one tries until it gives up.
    for (const name of ['offline.mp4', 'offline again.mp4']) {
      await writeFile(join(site.folder, name), `Not a video at all, but one that is sent: ${name}`);
      await page.context().setOffline(true);
      await dropFiles(page, [join(site.folder, name)]);
      const card = page.getByRole('article', { name, exact: true });
      const later = async () => {
        await page.clock.fastForward(31_000);
        return card.textContent();
      };
      await expect.poll(later, { timeout: 20_000 }).toContain('didn’t come back');
      await page.context().setOffline(false);
      await card.locator('.reason code').getByText('NOT_A_VIDEO').waitFor();
    }
  });

  it('seeks the player to the frames of a sentence, and lights them up', async () => {
    await using opened = await site.open('/');
    const { page } = opened;
    await page.getByRole('link', { name: 'sample-reel.mp4' }).click();
    await expect.poll(() => page.evaluate('document.querySelector("video")?.readyState')).toBeGreaterThanOrEqual(1);
    const last = page.locator('.sentences li').last();
    const shown = await last.locator('.behind button').first().getAttribute('aria-label');
    await last.getByRole('button').first().click();
    await expect.poll(() => page.evaluate('document.querySelector("video").currentTime')).toBeGreaterThan(5);
    const clock = /(\d+):(\d+)/
      .exec(shown ?? '')
      ?.slice(1)
      .map(Number) as [number, number];
    expect(Math.floor(await page.evaluate<number>('document.querySelector("video").currentTime'))).toBe(
      clock[0] * 60 + clock[1],
    );
    expect(await page.locator('.filmstrip .lit').count()).toBeGreaterThan(0);
    expect(await page.locator('.ticks .lit').count()).toBeGreaterThan(0);
    expect(await page.evaluate('document.querySelector("video").textTracks[0].cues.length')).toBeGreaterThan(0);
    await expect.poll(() => page.evaluate('document.querySelector("video").readyState')).toBeGreaterThan(2);
    await shoot(page, 'video');
  });

  it('draws over the frame where the model looked for a word', async () => {
    await using opened = await site.open('/');
    const { page } = opened;
    await page.getByRole('link', { name: 'sample-reel.mp4' }).click();
    await page.locator('.filmstrip button').first().waitFor();
    const words = page.locator('.now .word');
    await words.nth(2).hover();
    const heat = page.locator('.stage canvas.heat');
    await heat.waitFor();
    expect(await heat.getAttribute('data-word')).toBe(await words.nth(2).textContent());
    expect(await page.evaluate(CLEAREST_FIRST)).toBe(true);
    await shoot(page, 'attention');
  });

  it('keeps what a person wrote when the video is described anew', async () => {
    const id = await describeFile(site, short, 'flickr8k-lstm');
    await using opened = await site.open(`/videos/${id}`);
    const { page } = opened;
    const frame = page.locator('.virtual article').first();
    await frame.hover();
    await frame.getByRole('button', { name: /Edit the caption/ }).click();
    await page.keyboard.type('a red setter called Rusty runs home');
    await page.keyboard.press('Enter');
    await frame.getByText('by hand').waitFor();
    expect(await frame.locator('.caption').textContent()).toBe('a red setter called Rusty runs home');

    const again = await describeFile(site, short, 'flickr8k-gru');
    await page.goto(`${site.url}/videos/${again}`);
    await frame.getByText('by hand').waitFor();
    expect(await frame.locator('.caption').textContent()).toBe('a red setter called Rusty runs home');
    await page.getByText('flickr8k-gru').waitFor();
    await page.goto(`${site.url}/?q=Rusty`);
    await page.locator('.moments').getByText('Rusty').first().waitFor();
  });

  it('is refused with the reason where it is none', async () => {
    const folder = join(site.folder, 'bad');
    await mkdir(folder);
    const files = ['cut-off.mp4', 'empty.mp4', 'notes.txt'].map((name) => join(folder, name));
    const header = Buffer.from('000000206674797069736f6d0000020069736f6d69736f32617663316d703431', 'hex');
    await writeFile(files[0] ?? '', Buffer.concat([header, Buffer.alloc(4096, 7)]));
    await writeFile(files[1] ?? '', '');
    await writeFile(files[2] ?? '', 'Not a video at all.');
    await using opened = await site.open('/');
    const { page } = opened;
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await dropFiles(page, files);
    const reasonOf = (name: string) => page.getByRole('article', { name }).locator('.reason');
    await reasonOf('empty.mp4').getByText('The file has no bytes.').waitFor();
    await reasonOf('notes.txt').waitFor();
    await reasonOf('cut-off.mp4').waitFor({ timeout: WHILE_IT_WORKS_MS });
    expect(await reasonOf('notes.txt').textContent()).toMatch(/Expected a video, .*no video container/);
    expect(await reasonOf('cut-off.mp4').locator('code').textContent()).toMatch(/CONTAINER_DAMAGED|NOT_A_VIDEO/);
    await shoot(page, 'refused');
  });

  it.runIf(SCREENSHOTS !== '')('is looked at among others', async () => {
    const scenes = [hiker, surfer, cyclist, climber, footballers];
    const files = scenes.map(({ name }) => join(site.folder, `${name}.mp4`));
    for (const [index, file] of files.entries())
      await drawReel(file, { ...DRAWING, script: scenes.slice(index, index + 1) });
    await using opened = await site.open('/');
    const { page } = opened;
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    for (const name of ['cut-off.mp4', 'notes.txt', 'offline.mp4', 'offline again.mp4'])
      await page.getByRole('button', { name: `Remove ${name}` }).click();
    await dropFiles(page, files);
    await page.getByRole('link', { name: 'cyclist.mp4' }).waitFor({ timeout: WHILE_IT_WORKS_MS });
    await page.locator('.card.active img').waitFor();
    await shoot(page, 'library');
  });

  it('is removed with all that was found in it, after a second look', async () => {
    await using opened = await site.open('/');
    const { page } = opened;
    await page.getByRole('link', { name: 'other.mp4' }).click();
    await page.getByRole('button', { name: 'Delete…' }).click();
    expect(await page.locator(':focus').textContent()).toBe('Delete');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'sample-reel.mp4' }).first().waitFor();
    expect(await page.getByRole('link', { name: 'other.mp4' }).count()).toBe(0);
  });
});

interface Watched {
  readonly stages: readonly string[];
  readonly sawPictureEarly: boolean;
}

/** Keeps what the cards say on the way, and whether a picture came before the end. */
const WATCH = `
  globalThis.watched = { stages: [], sawPictureEarly: false };
  new MutationObserver(() => {
    const stage = document.querySelector('.stages strong')?.textContent;
    if (stage && watched.stages.at(-1) !== stage) watched.stages.push(stage);
    if (document.querySelector('.card.active .thumb img')) watched.sawPictureEarly = true;
  }).observe(document.body, { subtree: true, childList: true, characterData: true });`;

/** Whether the region that the third word of the first keyframe looked at most is covered least. */
const CLEAREST_FIRST = `(async () => {
  const canvas = document.querySelector('.stage canvas.heat');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const alphas = Array.from({ length: data.length / 4 }, (_, index) => data[index * 4 + 3]);
  const answer = await fetch('/v1' + location.pathname + '/artifacts/attention.json');
  const { weights } = (await answer.json()).k0001[2];
  const most = weights.indexOf(Math.max(...weights));
  return alphas.length === 49 && alphas[most] === Math.min(...alphas) && Math.max(...alphas) > 120;
})()`;

/** From which byte on each request sends a file, as they go out. */
function offsetsOf(page: Page): number[] {
  const offsets: number[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  return offsets;
}

/** Describes a file on the server's disk, and waits for the end. */
async function describeFile({ url }: PageSite, source: string, model: string): Promise<string> {
  const answer = await fetch(`${url}/v1/videos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source, options: { model } }),
  });
  const { id } = (await answer.json()) as { id: string };
  const stateOf = async () => ((await (await fetch(`${url}/v1/videos/${id}`)).json()) as { state: string }).state;
  await until(async () => (await stateOf()) === 'completed', WHILE_IT_WORKS_MS);
  return id;
}

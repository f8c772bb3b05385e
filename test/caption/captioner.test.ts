import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../src/caption/bundle.ts';
import { type CaptionerSettings, openCaptioner } from '../../src/caption/captioner.ts';
import { paint, plain } from './pictures.ts';
import { temporaryFolder, tinyBundle } from './temporary.ts';

const home = temporaryFolder();
const bundle = await loadBundle(tinyBundle(home, 'lstm'));

function open(changes: Partial<CaptionerSettings> = {}) {
  return openCaptioner(bundle, { threads: 1, batch: 8, beam: 0, nBest: 3, attention: false, ...changes });
}

describe('a captioner', () => {
  test('captions paths and bytes, in order', async () => {
    await using captioner = await open();
    const green = join(home, 'green.jpg');
    writeFileSync(green, await plain('#0f0'));
    const captions = await captioner.caption([await plain('#f00'), green, await plain('#00f')]);
    expect(captions.map((one) => one.captions[0]?.text)).toEqual(['a red fire', 'a green field', 'a blue sea']);
    const [best] = captions[1]?.captions ?? [];
    expect(best?.tokens.map(({ word }) => word)).toEqual(['a', 'green', 'field']);
    expect(best?.confidence).toBeGreaterThan(0.5);
    expect(captions[1]?.attention).toBeNull();
  });

  test('says the same with one thread and with two, two pictures at once and sixteen, in one call and in many', async () => {
    const pictures = await paint(20);
    const outcomes = [];
    for (const [threads, batch] of [
      [1, 2],
      [1, 16],
      [2, 2],
      [2, 16],
    ] as const) {
      await using captioner = await open({ threads, batch, attention: true });
      outcomes.push(await captioner.caption(pictures));
      outcomes.push((await Promise.all(pictures.map((picture) => captioner.caption([picture])))).flat());
    }
    for (const outcome of outcomes) expect(JSON.stringify(outcome)).toBe(JSON.stringify(outcomes[0]));
  });

  test('fails a call with a picture that is none, and goes on', async () => {
    await using captioner = await open();
    const red = await plain('#f00');
    const calls = await Promise.allSettled([
      captioner.caption([red, join(home, 'nowhere.jpg')]),
      captioner.caption([red]),
      captioner.caption([Buffer.from('no picture')]),
    ]);
    expect(calls.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    expect(calls[0]).toMatchObject({
      reason: { code: 'PICTURE_UNREADABLE', message: expect.stringContaining('nowhere') },
    });
    expect(await captioner.caption([red])).toHaveLength(1);
  });

  test('refuses graphs that are not what the manifest says', async () => {
    const other = await loadBundle(
      tinyBundle(home, 'lstm', { decoder: (graph) => ({ ...graph, outputs: graph.outputs.slice(0, -1) }) }),
    );
    await expect(
      openCaptioner(other, { threads: 2, batch: 8, beam: 0, nBest: 1, attention: false }),
    ).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringContaining('attention'),
    });
  });

  test('fails with the reason where a graph fails while it runs', async () => {
    const broken = await loadBundle(
      tinyBundle(home, 'rnn', {
        decoder: (graph) => ({
          ...graph,
          // Takes rows of the embedding that aren't there.
          constants: graph.constants.map((constant) =>
            constant.name === 'embedding'
              ? { ...constant, shape: [1, 16], numbers: constant.numbers.slice(0, 16) as Float32Array }
              : constant,
          ),
        }),
      }),
    );
    await using captioner = await openCaptioner(broken, { threads: 1, batch: 8, beam: 0, nBest: 1, attention: false });
    await expect(captioner.caption([await plain('#f00')])).rejects.toMatchObject({ code: 'INFERENCE_FAILED' });
  });

  test('stops when told, and closes while it works', async () => {
    const captioner = await open({ batch: 2 });
    const pictures = await paint(40);
    const stop = new AbortController();
    const stopped = captioner.caption(pictures, stop.signal);
    setTimeout(() => stop.abort(), 10);
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
    const cut = captioner.caption(pictures).catch((error) => error.code);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const start = performance.now();
    await captioner.close();
    expect(performance.now() - start).toBeLessThan(1000);
    expect(await cut).toBe('CANCELLED');
  });

  test("leaves the caller's event loop free", async () => {
    await using captioner = await open({ threads: 2, beam: 16, nBest: 16 });
    const pictures = await paint(64);
    await captioner.caption(pictures.slice(0, 4));
    const before = performance.eventLoopUtilization();
    await captioner.caption(pictures);
    // Inference on this thread would keep it busy nearly all the time.
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
  });
});

import { describe, expect, test } from 'vitest';
import type { Captioner } from '../../src/caption/captioner.ts';
import type { PictureCaptions } from '../../src/domain/captioning.ts';
import { FramescribeError } from '../../src/domain/errors.ts';
import { CaptionQueue } from '../../src/pipeline/caption-queue.ts';

/** Notes what it's asked for; a picture's caption is its own name. */
function recorder(refused = '') {
  const asked: (readonly (string | Uint8Array)[])[] = [];
  const captioner = {
    async caption(pictures: readonly (string | Uint8Array)[]) {
      asked.push(pictures);
      if (pictures.includes(refused)) throw new FramescribeError('PICTURE_UNREADABLE', refused);
      return pictures.map((name) => ({ captions: [{ text: name }] }) as unknown as PictureCaptions);
    },
  } as unknown as Captioner;
  return { asked, captioner };
}

async function captionAll(captioner: Captioner, files: readonly (string | null)[], batch = 3) {
  const queue = new CaptionQueue(captioner, batch, new AbortController().signal);
  for (const file of files) await queue.add(file);
  return (await queue.finish()).map((one) => one?.captions[0]?.text ?? null);
}

describe('pictures on their way to the captioner', () => {
  test('go in whole batches, and the rest at the end', async () => {
    const { asked, captioner } = recorder();
    const files = ['a', 'b', null, 'c', 'd', null, null, 'e'];
    expect(await captionAll(captioner, files)).toEqual(files);
    expect(asked).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
  });

  test('that need no captions cost nothing', async () => {
    const { asked, captioner } = recorder();
    expect(await captionAll(captioner, [null, null, null, null])).toEqual([null, null, null, null]);
    expect(asked.flat()).toEqual([]);
  });

  test('do not wait for a batch to be full where nothing but look-alikes follow', async () => {
    const { captioner } = recorder();
    const files = ['a', ...Array.from({ length: 200 }, () => null)];
    expect(await captionAll(captioner, files)).toEqual(files);
  }, 2_000);

  test('fail the whole with the error of their batch, and no sooner than it is asked for', async () => {
    const { captioner } = recorder('d');
    await expect(captionAll(captioner, ['a', 'b', 'c', 'd', 'e', 'f', 'g'])).rejects.toMatchObject({
      code: 'PICTURE_UNREADABLE',
    });
  });

  test('are held back where captions are late, however many there are', async () => {
    let waiting = 0;
    let release = () => {};
    const captioner = {
      caption: (pictures: readonly string[]) => {
        waiting += pictures.length;
        return new Promise((resolve) => {
          const before = release;
          release = () => {
            before();
            resolve(pictures.map((text) => ({ captions: [{ text }] })));
          };
        });
      },
    } as unknown as Captioner;
    const queue = new CaptionQueue(captioner, 4, new AbortController().signal);
    let added = 0;
    const adding = (async () => {
      for (; added < 200; added++) await queue.add(String(added));
    })();
    await new Promise((resolve) => setImmediate(resolve));
    expect(added).toBeGreaterThan(60);
    expect(added).toBeLessThan(100);
    expect(waiting).toBeGreaterThanOrEqual(added - 4);
    while (added < 200) {
      release();
      await new Promise((resolve) => setImmediate(resolve));
    }
    release();
    await adding;
    const finished = queue.finish();
    release();
    expect((await finished).length).toBe(200);
  });
});

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseRational, ticksToMs } from '../../src/domain/time.ts';
import { startDecode } from '../../src/media/decode.ts';
import { pictureSize } from '../../src/media/filter-graph.ts';
import { probe } from '../../src/media/probe.ts';
import { Timeline } from '../../src/media/timeline.ts';
import { makeClip, settings, source, temporaryFolder, X264 } from './clips.ts';

const { signal } = new AbortController();
const plan = { mode: 'exact', frames: 'all', loopFilter: true, because: '' } as const;
const folder = temporaryFolder();

/** When the candidates for keyframes are shown, in milliseconds, of a video with I-frames where `isKey` says. */
async function candidatesOf(name: string, isKey: string): Promise<readonly number[]> {
  const bars = source('smptebars=size=64x48:rate=25:duration=6');
  const keys = ['-force_key_frames', `expr:${isKey}`, '-x264-params', 'scenecut=0:keyint=999'];
  const path = makeClip(join(folder, `${name}.mp4`), ...bars, ...X264, ...keys);
  const probed = await probe(path, settings, signal);
  const clock = new Timeline(probed.timeBase, parseRational(probed.facts.frameRate));
  const size = pictureSize(probed, plan, settings.keyframes);
  const seen: number[] = [];
  const onPicture = (ticks: number) => seen.push(ticksToMs(ticks, probed.timeBase));
  const decoding = startDecode({
    ...{ path, probe: probed, plan, settings, size, drop: null, signal, clock, counter: clock, onPicture },
    onFrame: () => {},
  });
  await decoding.ended;
  return seen;
}

const SECONDS = [0, 1000, 2000, 3000, 4000, 5000];

test('a candidate comes every second', async () => {
  expect(await candidatesOf('none', 'eq(n,0)')).toEqual(SECONDS);
});

test('a candidate comes half a second later too after an I-frame out of turn, as at a cut', async () => {
  expect(await candidatesOf('one', 'eq(n,80)')).toEqual([...SECONDS.slice(0, 4), 3520, ...SECONDS.slice(4)]);
});

test('I-frames that come by the clock tell of nothing, but one between them does', async () => {
  const clock = 'not(mod(n,12))';
  // Two are the least of which one can tell.
  const started = (times: readonly number[]) => times.filter((time) => time !== 520);
  expect(started(await candidatesOf('clock', clock))).toEqual(SECONDS);
  const turn = await candidatesOf('turn', `${clock}+eq(n,80)`);
  expect(turn).toEqual(expect.arrayContaining([...SECONDS, 3520]));
  expect(turn).not.toContain(2520);
  expect(turn).not.toContain(5520);
});

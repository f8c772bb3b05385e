import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packetDrop } from '../../src/media/packet-drop.ts';
import { probe } from '../../src/media/probe.ts';
import { makeClip, settings, source, temporaryFolder, X264 } from './clips.ts';

const folder = temporaryFolder();
const { signal } = new AbortController();
const PLAN = { mode: 'lean', frames: 'groups', loopFilter: false, because: '' } as const;

test('a video whose packets fill the list has quiet ends of groups left out, one with a packet more none', async () => {
  // Noise makes all P-frames equally large: four groups, none as long as another.
  const groups = ['-force_key_frames', '0,3,5.2,9', '-x264-params', 'scenecut=0:keyint=999'];
  const bars = source('smptebars=size=64x48:rate=25:duration=12,noise=alls=6:allf=t');
  const video = makeClip(join(folder, 'groups.mp4'), ...bars, ...X264, ...groups);
  const probed = await probe(video, settings, signal);
  const dropOf = (most?: number) => packetDrop(video, probed, PLAN, settings, signal, most);
  expect(await dropOf(300)).toBe('not(key)*(between(n,0,299))');
  expect(await dropOf()).toBe('not(key)*(between(n,0,299))');
  expect(await dropOf(299)).toBe('not(key)*(0)');
});

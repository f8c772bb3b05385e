import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ScanEvent, ScannedKeyframe } from '../../src/domain/scan.ts';
import type { ScanPlan } from '../../src/domain/scan-plan.ts';
import { joinSegments, type ScannedSegment } from '../../src/media/join.ts';
import { probe } from '../../src/media/probe.ts';
import { scan } from '../../src/media/scan.ts';
import type { PiecePicture, SegmentPlan } from '../../src/media/segment.ts';
import { planSegments } from '../../src/media/segment-plan.ts';
import { scanSegment } from '../../src/media/segment-scan.ts';
import { makeClip, settings, source, temporaryFolder, turn, X264 } from './clips.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const { signal } = new AbortController();
const WINDOW_MS = 5_000;
const chosen = { ...settings, keyframes: { ...settings.keyframes, windowMs: WINDOW_MS } };

type Frames = ScanPlan['frames'];

function scanPlan(frames: Frames): ScanPlan {
  return { mode: 'exact', frames, loopFilter: frames === 'all', because: '' };
}

async function plan(path: string, frames: Frames, segmentMs: number): Promise<SegmentPlan | null> {
  return planSegments(path, await probe(path, chosen, signal), scanPlan(frames), segmentMs, chosen, signal);
}

async function scanWhole(path: string, frames: Frames) {
  const options = { signal, plan: scanPlan(frames), folder: mkdtempSync(at('whole-')) };
  const seen: ScanEvent[] = [];
  for await (const event of scan(path, await probe(path, chosen, signal), chosen, options)) seen.push(event);
  const end = seen.at(-1);
  if (end?.kind !== 'end') throw new Error('The scan told no end');
  return {
    shots: seen.flatMap((event) => (event.kind === 'shot' ? [event.shot] : [])),
    keyframes: seen.flatMap((event) => (event.kind === 'keyframe' ? [plain(event.keyframe)] : [])),
    ...{ facts: end.facts, warnings: end.warnings },
  };
}

async function scanInSegments(path: string, cut: SegmentPlan) {
  const parts: ScannedSegment[] = [];
  for (const segment of cut.segments) {
    const pictures: PiecePicture[] = [];
    const options = { signal, folder: mkdtempSync(at('segment-')) };
    for await (const event of scanSegment(path, cut, segment, chosen, options)) {
      if (event.kind === 'picture') pictures.push(event.picture);
      if (event.kind === 'end') parts.push(JSON.parse(JSON.stringify({ findings: event.findings, pictures: [] })));
    }
    parts.push({ ...(parts.pop() as ScannedSegment), pictures });
  }
  const { keyframes, ...rest } = joinSegments(cut, WINDOW_MS, parts);
  return { ...rest, keyframes: keyframes.map(plain) };
}

/** What doesn't depend on the folder that the picture lies in. */
function plain(keyframe: ScannedKeyframe) {
  const { sha256, ticks, width, height, sharpness, brightness, signature, shot, sameAs } = keyframe;
  return { sha256, ticks, width, height, sharpness, brightness, signature: [...signature], shot, sameAs };
}

/** 46 s at 15 frames a second: cuts, a dissolve, fades through black, a still stretch, and shots longer than a window. */
const FILM = [
  ...source('testsrc2=size=160x90:rate=15:duration=10'),
  ...source('mandelbrot=size=160x90:rate=15:end_scale=0.05:maxiter=200'),
  ...source('life=size=160x90:rate=15:mold=10:ratio=0.2:seed=7:death_color=#C83232:life_color=#00ff00'),
  ...source('color=black:size=160x90:rate=15:duration=3'),
  ...source('smptebars=size=160x90:rate=15:duration=8'),
  ...[
    '-filter_complex',
    [
      '[0]format=yuv420p,settb=1/15[a]',
      '[1]trim=duration=12,format=yuv420p,settb=1/15,split[m1][m2]',
      '[2]trim=duration=10,format=yuv420p,settb=1/15[l]',
      '[3]format=yuv420p,settb=1/15[k]',
      '[4]format=yuv420p,settb=1/15,fade=in:d=1[s]',
      '[m1]fade=out:st=10.5:d=1.5[mf]',
      '[m2]trim=duration=6,negate,setpts=PTS-STARTPTS[n]',
      '[a][l]xfade=transition=fade:duration=1:offset=9,settb=1/15[al]',
      '[al][mf][k][s][n]concat=n=5:v=1',
    ].join(';'),
  ],
  '-an',
];

interface Kind {
  readonly name: string;
  readonly args: readonly string[];
  readonly after?: (file: string) => void;
  /** What is decoded: everything, where it's left out. */
  readonly frames?: readonly Frames[];
}

const KINDS: readonly Kind[] = [
  {
    name: 'b-frames.mp4',
    args: ['-c:v', 'libx264', '-preset', 'faster', '-g', '60', '-bf', '3'],
    frames: ['all', 'references', 'anchors'],
  },
  {
    name: 'open-gop.mp4',
    args: ['-c:v', 'libx264', '-preset', 'faster', '-g', '48', '-x264-params', 'open-gop=1'],
    frames: ['all', 'references'],
  },
  {
    name: 'variable.mkv',
    args: [...X264, '-g', '50', '-vf', "select='not(between(mod(n,10),3,6))'", '-fps_mode', 'passthrough'],
  },
  { name: 'interlaced.mp4', args: ['-c:v', 'libx264', '-preset', 'faster', '-flags', '+ilme+ildct', '-g', '40'] },
  { name: 'late.mov', args: [...X264, '-output_ts_offset', '33.7'], after: (file) => void turn(file, 90) },
  { name: 'vp9.webm', args: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '100'] },
  {
    name: 'vp9-keys.webm',
    args: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '5', '-output_ts_offset', '3.2'],
    frames: ['keys'],
  },
];

describe.each(KINDS)('$name', ({ name, args, after, frames = ['all'] }) => {
  beforeAll(() => {
    makeClip(at(name), '-i', at('film.nut'), ...args);
    after?.(at(name));
  });

  test.each(frames)('is the same scanned whole and in segments: %s', async (decoded) => {
    const whole = await scanWhole(at(name), decoded);
    expect(whole.shots.length).toBeGreaterThan(3);
    for (const segmentMs of name === 'b-frames.mp4' ? [15_000, 5_000] : [15_000]) {
      const cut = await plan(at(name), decoded, segmentMs);
      expect(cut?.segments.length, name).toBeGreaterThan(2);
      if (cut) expect(await scanInSegments(at(name), cut)).toEqual(whole);
    }
  });
});

beforeAll(() => {
  makeClip(at('film.nut'), ...FILM, '-c:v', 'ffv1');
});

import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ScanMode } from '../../src/domain/scan-plan.ts';
import { scanPlan } from '../../src/domain/scan-plan.ts';
import { type PacketLook, readLook } from '../../src/media/packet-look.ts';
import { probe } from '../../src/media/probe.ts';
import { planFor, planScan } from '../../src/media/scan-plan.ts';
import { makeClip, settings, source, temporaryFolder } from './clips.ts';

/** x264 at its defaults: 25 frames a second, up to three B-frames in a row, the middle one a reference. */
const LOOK: PacketLook = {
  packets: 500,
  timed: true,
  hidden: false,
  early: false,
  stepMs: 40,
  longestRun: 3,
  reorder: 2,
  anchorGapMs: 160,
  keys: 3,
  keyGapMs: 10_000,
};
const FACTS = { codec: 'h264', container: 'mov', interlaced: false, alpha: false };

function planOf(mode: ScanMode, look: Partial<PacketLook> = {}, facts: Partial<typeof FACTS> = {}, seconds = 600) {
  const probed = { facts: { ...FACTS, ...facts }, claimedDurationMs: seconds * 1000 } as never;
  return planScan(probed, { ...LOOK, ...look }, mode);
}

function framesOf(...asked: Parameters<typeof planOf>) {
  return planOf(...asked).frames;
}

describe('a plan', () => {
  test('leaves out what the mode allows', () => {
    expect(framesOf('exact')).toBe('references');
    expect(framesOf('lean')).toBe('groups');
    expect(framesOf('preview')).toBe('keys');
  });

  test.each(['vp9', 'av1'])('has a preview of %s only, as its decoder leaves nothing out', (codec) => {
    expect(framesOf('exact', {}, { codec })).toBe('all');
    expect(framesOf('lean', {}, { codec })).toBe('all');
    expect(framesOf('preview', {}, { codec })).toBe('keys');
    expect(framesOf('preview', {}, { codec, alpha: true })).toBe('all');
    expect(framesOf('preview', {}, { codec, container: 'ivf' })).toBe('all');
    expect(framesOf('preview', { early: true }, { codec })).toBe('all');
    expect(framesOf('preview', { keyGapMs: 16_000 }, { codec })).toBe('all');
  });

  test.each([
    ['a codec without such frames', {}, { codec: 'prores' }],
    ['a container without timestamps of its own', {}, { container: 'avi' }],
    ['a bare stream', {}, { container: 'h264' }],
    ['fields', {}, { interlaced: true }],
    ['packets without timestamps', { timed: false }, {}],
    ['an edit list that hides frames', { hidden: true }, {}],
  ])('decodes everything in any mode for %s', (_, look, facts) => {
    for (const mode of ['exact', 'lean', 'preview'] as const) expect(framesOf(mode, look, facts)).toBe('all');
  });

  test.each([
    ['15 frames a second', { stepMs: 67 }, {}],
    ['many B-frames in a row', { longestRun: 8 }, {}],
    ['B-frames that are no references', { reorder: 1 }, {}],
  ])('stays exact for %s by decoding everything', (_, look, facts) => {
    expect(framesOf('exact', look, facts)).toBe('all');
  });

  test.each(['mpeg2video', 'mpeg4'])('looks at B-frames of %s where packets tell of something new', (codec) => {
    expect(framesOf('exact', { reorder: 1 }, { codec })).toBe('changes');
    expect(framesOf('exact', { longestRun: 0 }, { codec })).toBe('all');
    expect(framesOf('exact', { longestRun: 8 }, { codec })).toBe('all');
    expect(framesOf('exact', { early: true }, { codec })).toBe('all');
    expect(framesOf('exact', {}, { codec, container: 'mpegts' })).toBe('all');
  });

  test.each([
    ['HEVC, whose groups lean on each other', {}, { codec: 'hevc' }],
    ['a container that nobody can list at once', {}, { container: 'mpegts' }],
    ['I-frames far apart', { keyGapMs: 16_000 }, {}],
    ['timestamps before zero', { early: true }, {}],
  ])('that is lean leaves out no B-frame that others lean on: %s', (_, look, facts) => {
    expect(framesOf('lean', look, facts)).toBe('references');
  });

  test.each(['mpeg2video', 'mpeg4'])(
    'that is lean leaves out the B-frames of %s, but not where they are many',
    (codec) => {
      expect(framesOf('lean', {}, { codec })).toBe('anchors');
      expect(framesOf('lean', { anchorGapMs: 200 }, { codec })).toBe('changes');
    },
  );

  test('smooths the pictures where they would drift for long, from one I-frame to the next', () => {
    expect(planOf('exact').loopFilter).toBe(false);
    expect(planOf('exact', { keyGapMs: 20_000 })).toMatchObject({ frames: 'references', loopFilter: true });
    expect(planOf('lean', { keyGapMs: 20_000 })).toMatchObject({ frames: 'references', loopFilter: true });
  });

  test('looks at more where too much would go unseen', () => {
    expect(framesOf('preview', { keys: 1 })).toBe('references');
    expect(framesOf('preview', { keyGapMs: 16_000 })).toBe('references');
    expect(framesOf('preview', {}, {}, 20)).toBe('references');
  });
});

test('packets are read as the decoder gets them, with B-frames behind the frames that they lean on', () => {
  const lines = ['0|K__', '160|___', '80|___', '40|___', '120|__D', '200|K__'].map((line, dts) => {
    const [pts, flags] = line.split('|');
    return `packet|pts=${pts}|dts=${dts * 40 - 80}|flags=${flags}`;
  });
  const look = readLook(`${lines.join('\n')}\nstream|has_b_frames=2\n`, { timeBase: { num: 1, den: 1000 } });
  const times = { stepMs: 40, anchorGapMs: 160, keyGapMs: 200 };
  expect(look).toEqual({
    packets: 6,
    timed: true,
    hidden: true,
    early: false,
    longestRun: 3,
    reorder: 2,
    keys: 2,
    ...times,
  });
  expect(readLook('packet|pts=N/A|dts=0|flags=K_\n', { timeBase: { num: 1, den: 1000 } }).timed).toBe(false);
  const many = 'packet|pts=N/A|dts=N/A|flags=___\n'.repeat(300_000);
  expect(readLook(many, { timeBase: { num: 1, den: 1000 } })).toMatchObject({ packets: 300_000, timed: false });
  expect(readLook('', { timeBase: { num: 1, den: 1000 } })).toMatchObject({ packets: 0, timed: false });
});

describe('the plan for a file', () => {
  const folder = temporaryFolder();
  const film = source('testsrc2=size=320x180:rate=25:duration=40');
  const encode = ['-c:v', 'libx264', '-preset', 'medium', '-g', '100', '-pix_fmt', 'yuv420p'];
  const plan = async (file: string, mode: ScanMode) => {
    const { signal } = new AbortController();
    return planFor(file, await probe(file, settings, signal), mode, settings, signal);
  };

  beforeAll(() => {
    makeClip(join(folder, 'film.mp4'), ...film, ...encode);
  });

  test.each(['mp4', 'mkv', 'ts'])('is the same in %s', async (container) => {
    const file = join(folder, `film.${container}`);
    if (container !== 'mp4') makeClip(file, '-i', join(folder, 'film.mp4'), '-c', 'copy');
    expect((await plan(file, 'exact')).frames).toBe('references');
    expect((await plan(file, 'preview')).frames).toBe('keys');
  });

  test('is a plain value that a job can carry', async () => {
    const told = await plan(join(folder, 'film.mp4'), 'lean');
    expect(scanPlan.parse(JSON.parse(JSON.stringify(told)))).toEqual(told);
  });
});

import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { probe } from '../../src/media/probe.ts';
import { makeClip, settings, source, temporaryFolder, turn, X264 } from './clips.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const look = (path: string, limits = {}) =>
  probe(path, { ...settings, limits: { ...settings.limits, ...limits } }, new AbortController().signal);

const picture = (description = 'size=320x180:rate=25:duration=1') => source(`testsrc=${description}`);

beforeAll(() => {
  makeClip(at('plain.mp4'), ...picture(), ...X264);
});

describe('a probe tells', () => {
  test('container, codec, size, rate, time base and the claimed duration', async () => {
    expect(await look(at('plain.mp4'))).toEqual({
      facts: {
        ...{ container: 'mov', codec: 'h264', pixelFormat: 'yuv420p', durationMs: 0 },
        ...{ width: 320, height: 180, displayWidth: 320, displayHeight: 180, rotation: 0, sampleAspectRatio: '1/1' },
        ...{ timeBase: '1/12800', frameRate: '25/1', variableFrameRate: false },
        ...{ interlaced: false, alpha: false, hdr: false },
      },
      programVersion: expect.stringMatching(/\d/),
      streamIndex: 0,
      timeBase: { num: 1, den: 12_800 },
      demuxer: 'mov,mp4,m4a,3gp,3g2,mj2',
      claimedDurationMs: 1000,
      mirrored: false,
      transfer: 'sdr',
      matrix: 'bt601',
      warnings: [],
    });
  });

  test('the turn that a display matrix asks for', async () => {
    for (const [clockwise, displayWidth, displayHeight] of [
      [90, 180, 320],
      [180, 320, 180],
      [270, 180, 320],
    ] as const) {
      const turned = turn(renamed(at('plain.mp4'), 'turned.mp4'), clockwise);
      expect((await look(turned)).facts).toMatchObject({ rotation: clockwise, displayWidth, displayHeight });
    }
  });

  test('anamorphic pixels, interlacing and HDR', async () => {
    const wide = makeClip(at('wide.mkv'), ...picture(), '-vf', 'setsar=4/3', ...X264);
    expect((await look(wide)).facts).toMatchObject({ sampleAspectRatio: '4/3', displayWidth: 427, displayHeight: 180 });
    const fields = ['-c:v', 'mpeg2video', '-flags', '+ildct+ilme', '-top', '1'];
    const interlaced = makeClip(at('fields.mpg'), ...picture(), ...fields);
    expect((await look(interlaced)).facts).toMatchObject({ interlaced: true, container: 'mpeg' });
    const tags = ['-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', '-color_primaries', 'bt2020'];
    const hdr = makeClip(at('hdr.mkv'), ...picture(), ...X264, ...tags);
    expect(await look(hdr)).toMatchObject({ transfer: 'pq', matrix: 'bt2020', facts: { hdr: true } });
  });

  test('the video, not the cover picture, and a warning for a second video track', async () => {
    const cover = makeClip(at('cover.png'), ...picture('size=64x64:rate=1:duration=1'), '-frames:v', '1');
    const attach = ['-map', '1', '-map', '0', '-c', 'copy', '-disposition:v:0', 'attached_pic'];
    const film = makeClip(at('cover.mp4'), '-i', at('plain.mp4'), '-i', cover, ...attach);
    const probed = await look(film);
    expect(probed.facts).toMatchObject({ codec: 'h264', width: 320 });
    expect(probed.warnings).toEqual([]);

    const two = ['-map', '0', '-map', '1', ...X264, '-disposition:v:0', '0', '-disposition:v:1', 'default'];
    const tracks = makeClip(at('two.mp4'), ...picture(), ...picture('size=64x64:duration=1'), ...two);
    expect(await look(tracks)).toMatchObject({
      ...{ facts: { width: 64 }, streamIndex: 1, warnings: [{ code: 'OTHER_VIDEO_TRACKS' }] },
    });
  });
});

describe('a probe refuses', () => {
  test.each([
    ['nothing there', () => at('missing.mp4'), 'SOURCE_NOT_FOUND'],
    ['a path through a file', () => join(at('plain.mp4'), 'x'), 'SOURCE_NOT_FOUND'],
    ['a name with a zero byte', () => at('a\0b.mp4'), 'SOURCE_NOT_FOUND'],
    ['a folder', () => folder, 'SOURCE_NOT_A_FILE'],
    ['a device', () => '/dev/zero', 'SOURCE_NOT_A_FILE'],
    ['no bytes', () => written('empty.mp4', ''), 'SOURCE_EMPTY'],
    ['text', () => written('text.mp4', 'Just some text.\n'.repeat(99)), 'NOT_A_VIDEO'],
    ['noise', () => written('noise.mp4', noise(100_000)), 'NOT_A_VIDEO'],
    ['a file cut off before its header', () => cut('cut.mp4', 3000), 'CONTAINER_DAMAGED'],
    ['sound alone', () => makeClip(at('tone.mp4'), ...source('sine=duration=1')), 'NO_VIDEO_STREAM'],
    ['a still picture', () => still('still.jpg'), 'NOT_A_VIDEO'],
    ['a still picture named as a video', () => renamed(still('photo.jpg'), 'photo.mp4'), 'NOT_A_VIDEO'],
  ])('%s', async (_, make, code) => {
    const path = make();
    await expect(look(path)).rejects.toMatchObject({ code, kind: { exitCode: 3 } });
  });

  test('what is over a limit', async () => {
    const clip = at('plain.mp4');
    await expect(look(clip, { maxBytes: 1000 })).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
    await expect(look(clip, { maxPixels: 10_000 })).rejects.toMatchObject({ code: 'TOO_MANY_PIXELS' });
    await expect(look(clip, { maxDurationMs: 900 })).rejects.toMatchObject({ code: 'TOO_LONG' });
  });

  test('an encrypted MP4, by its sample entry', async () => {
    const key = '0123456789abcdef0123456789abcdef';
    const scheme = ['-encryption_scheme', 'cenc-aes-ctr', '-encryption_key', key, '-encryption_kid', key];
    const locked = makeClip(at('locked.mp4'), '-i', at('plain.mp4'), '-c', 'copy', ...scheme);
    await expect(look(locked)).rejects.toMatchObject({ code: 'ENCRYPTED' });
  });

  test('a file that this user may not read', async () => {
    const closed = renamed(at('plain.mp4'), 'closed.mp4');
    chmodSync(closed, 0);
    chmodSync(folder, 0o755);
    // The superuser may read anything: the look is another user's then.
    const isSuperuser = process.geteuid?.() === 0;
    if (isSuperuser) process.seteuid?.(65_534);
    try {
      await expect(look(closed)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
    } finally {
      if (isSuperuser) process.seteuid?.(0);
    }
  });

  test('to go on when it is cancelled, or when FFmpeg is not there', async () => {
    await expect(probe(at('plain.mp4'), settings, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    const without = { ...settings, ffmpeg: { ...settings.ffmpeg, ffprobePath: '/no/such/ffprobe' } };
    const look = probe(at('plain.mp4'), without, new AbortController().signal);
    await expect(look).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
  });
});

test('names that FFmpeg would read as options, patterns, protocols or lists are just names', async () => {
  mkdirSync(at('names'));
  for (const name of [
    '-i.mp4',
    '%03d.mp4',
    'concat:a|b.mp4',
    'a*?[x]{y}.mp4',
    "quote's.mp4",
    'https:x.mp4',
    '日本 🎬.mp4',
  ]) {
    const path = join(folder, 'names', name);
    writeFileSync(path, readFileSync(at('plain.mp4')));
    expect((await look(path)).facts.codec, name).toBe('h264');
  }
});

function written(name: string, content: string | Buffer): string {
  writeFileSync(at(name), content);
  return at(name);
}

function renamed(file: string, name: string): string {
  return written(name, readFileSync(file));
}

function cut(name: string, bytes: number): string {
  const file = renamed(at('plain.mp4'), name);
  truncateSync(file, bytes);
  return file;
}

function still(name: string): string {
  return makeClip(at(name), ...picture(), '-frames:v', '1');
}

/** The same for every run, and nothing that a container starts with. */
function noise(bytes: number): Buffer {
  const random = Buffer.alloc(bytes);
  for (let index = 0, state = 12_345; index < bytes; index++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    random[index] = (state >>> 16) & 0xff;
  }
  return random;
}

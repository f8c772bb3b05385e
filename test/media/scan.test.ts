import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../src/domain/config.ts';
import type { ScanEvent, ScannedKeyframe } from '../../src/domain/scan.ts';
import type { ScanMode } from '../../src/domain/scan-plan.ts';
import { probe } from '../../src/media/probe.ts';
import { scan } from '../../src/media/scan.ts';
import { planFor } from '../../src/media/scan-plan.ts';
import { planSegments } from '../../src/media/segment-plan.ts';
import { makeClip, settings, source, temporaryFolder, turn, X264 } from './clips.ts';
import { processesWith, runningPrograms, untilGone } from './processes.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const sources = join(import.meta.dirname, '../../src/media');

async function startScan(path: string, changes: Partial<Config> = {}, signal = new AbortController().signal) {
  const chosen = { ...settings, ...changes };
  const probed = await probe(path, chosen, signal);
  const pictures = mkdtempSync(at('pictures-'));
  const plan = await planFor(path, probed, chosen.scan.mode, chosen, signal);
  return { pictures, plan, events: scan(path, probed, chosen, { signal, plan, folder: pictures }) };
}

async function scanAll(path: string, changes: Partial<Config> = {}) {
  const { pictures, plan, events } = await startScan(path, changes);
  const seen: ScanEvent[] = [];
  for await (const event of events) seen.push(event);
  const end = seen.at(-1);
  if (end?.kind !== 'end') throw new Error('The scan told no end');
  const shots = seen.flatMap((event) => (event.kind === 'shot' ? [event.shot] : []));
  const keyframes = seen.flatMap((event) => (event.kind === 'keyframe' ? [event.keyframe] : []));
  return { pictures, plan, shots, keyframes, end };
}

/** The pixels of a box of a keyframe, given in shares of its sides: three bytes each. */
async function pixelsIn({ file, width, height }: ScannedKeyframe, box: { x: number; y: number; w: number; h: number }) {
  const region = { left: box.x * width, top: box.y * height, width: box.w * width, height: box.h * height };
  const [left, top, w, h] = Object.values(region).map(Math.floor) as [number, number, number, number];
  return sharp(file)
    .extract({ left, top, width: Math.max(1, w), height: Math.max(1, h) })
    .raw()
    .toBuffer();
}

/** The colour around a point of a keyframe. */
async function colourAt(keyframe: ScannedKeyframe, x: number, y: number): Promise<readonly number[]> {
  const pixels = await pixelsIn(keyframe, { x: x - 0.05, y: y - 0.05, w: 0.1, h: 0.1 });
  return [0, 1, 2].map((channel) => Math.round(mean(pixels.filter((_, index) => index % 3 === channel))));
}

function nameOf(colour: readonly number[]): string | undefined {
  const bits = colour.map((channel) => (channel > 127 ? 1 : 0)).join('');
  return { '100': 'red', '010': 'lime', '001': 'blue', '111': 'white' }[bits];
}

function mean(values: Uint8Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Two colours side by side, then two others: a cut after two seconds. */
const TWO_SHOTS = [
  ...source('color=red:size=160x180:rate=25:duration=2'),
  ...source('color=blue:size=160x180:rate=25:duration=2'),
  ...source('testsrc2=size=320x180:rate=25:duration=2'),
  ...['-filter_complex', '[0][1]hstack[a];[a][2]concat=n=2:v=1,format=yuv420p', ...X264],
];

beforeAll(() => {
  makeClip(at('two.mp4'), ...TWO_SHOTS);
  makeClip(at('long.mp4'), ...source('testsrc=size=320x180:rate=25:duration=120'), ...X264, '-g', '250');
});

describe('a scan', () => {
  test('tells shots that cover the video, keyframes inside them, and the counted facts', async () => {
    const { shots, keyframes, end, pictures } = await scanAll(at('two.mp4'));
    expect(shots).toEqual([
      { index: 0, startTicks: 0, endTicks: 25_600, transition: 'start' },
      { index: 1, startTicks: 25_600, endTicks: 51_200, transition: 'cut' },
    ]);
    expect(keyframes.map(({ shot }) => shot)).toEqual([0, 1]);
    for (const { shot, ticks } of keyframes) {
      expect(ticks).toBeGreaterThanOrEqual(shots[shot]?.startTicks ?? Number.NaN);
      expect(ticks).toBeLessThan(shots[shot]?.endTicks ?? 0);
    }
    expect(end).toMatchObject({ frames: 100, warnings: [], facts: { durationMs: 4000, frameRate: '25/1' } });
    expect(end.decodeCpuSeconds).toBeGreaterThan(0);
    expect(readdirSync(pictures)).toEqual(keyframes.map(({ file }) => basename(file)));
  });

  test('has a keyframe for a shot of 0.6 s wherever it lies', async () => {
    const scenes = [
      'testsrc2',
      'mandelbrot',
      'smptebars',
      'rgbtestsrc',
      'mandelbrot',
      'testsrc',
      'yuvtestsrc',
      'testsrc2',
    ];
    const ends = [1.32, 1.92, 3.2, 3.8, 5.08, 5.68, 7.2, 8.4];
    const inputs = scenes.flatMap((name) => source(`${name}=size=320x180:rate=25`));
    const parts = ends.map((end, index) => {
      const frames = Math.round((end - (ends[index - 1] ?? 0)) * 25);
      return `[${index}]trim=end_frame=${frames},setsar=1,format=yuv420p[s${index}]`;
    });
    const graph = [...parts, `${ends.map((_, index) => `[s${index}]`).join('')}concat=n=${ends.length}`].join(';');
    const encode = ['-filter_complex', graph, '-c:v', 'libx264', '-preset', 'veryfast'];
    const { shots, keyframes } = await scanAll(makeClip(at('short.mp4'), ...inputs, ...encode));
    expect(shots.map(({ endTicks }) => endTicks / 12_800)).toEqual(ends);
    expect(keyframes.map(({ shot }) => shot)).toEqual(shots.map(({ index }) => index));
  });

  test('leaves JPEGs in its folder that are what it says', async () => {
    const { keyframes, pictures } = await scanAll(at('two.mp4'));
    for (const { file, sha256, width, height, signature } of keyframes) {
      expect(dirname(file)).toBe(pictures);
      expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256);
      expect(await sharp(file).metadata()).toMatchObject({ format: 'jpeg', width, height });
      expect(signature).toHaveLength(432);
    }
  });

  test('gives the same whatever the threads', async () => {
    const outcomes = [1, 2, 3].map(async (threads) => {
      const { shots, keyframes } = await scanAll(at('two.mp4'), { ffmpeg: { ...settings.ffmpeg, threads } });
      return { shots, keyframes: keyframes.map(({ file, ...rest }) => rest) };
    });
    const [one, two, three] = await Promise.all(outcomes);
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  test('takes times from the frames, not from their number', async () => {
    const drop = ['-vf', `select='not(between(mod(n,10),3,6))'`, '-fps_mode', 'passthrough'];
    const film = source('testsrc=size=320x180:rate=25:duration=4');
    const clip = makeClip(at('variable.mkv'), ...film, ...drop, ...X264);
    const { end } = await scanAll(clip);
    expect(end.frames).toBe(60);
    expect(end.facts).toMatchObject({ durationMs: 4000, variableFrameRate: true });
  });

  test('counts time from the first frame, and keeps pictures and frames together, where a stream starts late', async () => {
    const late = ['-i', at('two.mp4'), '-c', 'copy', '-output_ts_offset', '95000'];
    const { shots, end } = await scanAll(makeClip(at('late.ts'), ...late));
    expect(shots).toMatchObject([{ startTicks: 0, endTicks: 180_000 }, { endTicks: 360_000 }]);
    expect(end.facts.durationMs).toBe(4000);
  });

  test('has one keyframe for each window of a long shot, and never holds them back to the end', async () => {
    const { events } = await startScan(at('long.mp4'));
    const order: string[] = [];
    for await (const { kind } of events) if (kind !== 'progress') order.push(kind);
    expect(order.filter((kind) => kind === 'keyframe')).toHaveLength(12);
    expect(order.slice(-2)).toEqual(['shot', 'end']);
  });
});

describe('a scan that leaves frames out', () => {
  const film = [...source('testsrc2=size=320x180:rate=25:duration=20'), ...source('mandelbrot=size=320x180:rate=25')];
  const joined = ['-filter_complex', '[1]trim=duration=20[b];[0][b]concat=n=2:v=1,format=yuv420p'];
  const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-g', '100'];
  const inMode = (path: string, mode: ScanMode) => scanAll(path, { scan: { mode } });

  beforeAll(() => void makeClip(at('film.mp4'), ...film, ...joined, ...encode), 60_000);

  test('tells the same shots, length and rate, from fewer frames', async () => {
    const exact = await inMode(at('film.mp4'), 'exact');
    const lean = await inMode(at('film.mp4'), 'lean');
    const preview = await inMode(at('film.mp4'), 'preview');
    expect([exact, lean, preview].map(({ plan }) => plan.frames)).toEqual(['references', 'groups', 'keys']);
    expect(exact.end.frames).toBeLessThan(750);
    // Its I-frames come by the clock.
    expect(lean.end.frames).toBe(exact.end.frames);
    expect(preview.end.frames).toBeLessThan(20);
    const cut = 20 * 12_800;
    expect(exact.shots.map(({ startTicks }) => startTicks)).toEqual([0, cut]);
    expect(lean.shots).toEqual(exact.shots);
    expect(preview.shots.map(({ startTicks }) => startTicks)).toContain(cut);
    for (const { end } of [exact, lean, preview]) {
      expect(end.facts).toMatchObject({ durationMs: 40_000, frameRate: '25/1', variableFrameRate: false });
    }
  });

  test.each([
    ['VP9', 'keys.webm', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8']],
    ['AV1', 'keys.mkv', ['-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8']],
  ])('has all pictures of %s that start a second, at their times, where they are I-frames', async (_, name, codec) => {
    const size = { keyframes: { ...settings.keyframes, maxWidth: 160 } };
    const encode = ['-vf', 'scale=160:90', ...codec, '-g', '25', '-output_ts_offset', '1.5'];
    const clip = makeClip(at(name), '-i', at('film.mp4'), ...encode);
    const all = await scanAll(clip, { ...size, scan: { mode: 'exact' } });
    const keys = await scanAll(clip, { ...size, scan: { mode: 'preview' } });
    expect([all, keys].map(({ plan }) => plan.frames)).toEqual(['all', 'keys']);
    expect([all, keys].map(({ end }) => end.frames)).toEqual([1000, 40]);
    expect(keys.shots.map(({ startTicks }) => startTicks)).toEqual([0, 20_000]);
    expect(keys.end.facts).toEqual(all.end.facts);
    const shown = ({ keyframes }: typeof all) => keyframes.map(({ ticks, sha256 }) => ({ ticks, sha256 }));
    expect(shown(keys)).toEqual(shown(all));
  });

  test.each([
    ['MPEG-2', 'mpeg2video', 101],
    ['MPEG-2', 'mpeg2video', 102],
    ['MPEG-2', 'mpeg2video', 103],
    ['MPEG-4', 'mpeg4', 103],
  ])('looks at the B-frames of %s (%s) at a cut and at I-frames: one at frame %d', async (_, codec, first) => {
    const pictures = [...source('testsrc2=size=320x180:rate=25'), ...source('smptebars=size=320x180:rate=25')];
    const joined = `[0]trim=end_frame=${first}[a];[1]trim=end_frame=150[b];[a][b]concat=n=2:v=1,format=yuv420p`;
    // No I-frame at the cut.
    const encode = ['-c:v', codec, '-bf', '2', '-q:v', '4', '-sc_threshold', '1000000000'];
    const clip = makeClip(at(`changes-${codec}-${first}.mkv`), ...pictures, '-filter_complex', joined, ...encode);
    const { plan, shots, end } = await scanAll(clip, { scan: { mode: 'exact' } });
    expect(plan.frames).toBe('changes');
    expect(shots.map(({ startTicks }) => startTicks)).toEqual([0, first * 40]);
    expect(end.facts).toMatchObject({ durationMs: (first + 150) * 40, frameRate: '25/1', variableFrameRate: false });
    expect(end.frames).toBeLessThan((first + 150) * 0.8);
  });

  test.each(['lean', 'preview'] as const)('has whole pictures, where frames lean on B-frames: %s', async (mode) => {
    const moving = source('testsrc2=size=320x180:rate=25:duration=36,rotate=t/2');
    const clip = makeClip(
      at(`pyramid-${mode}.mp4`),
      ...moving,
      '-c:v',
      'libx264',
      '-g',
      mode === 'lean' ? '120' : '900',
    );
    const { plan, keyframes } = await inMode(clip, mode);
    expect(plan.frames).toBe(mode === 'lean' ? 'groups' : 'references');
    for (const { file, ticks, width, height } of keyframes) {
      const shown = ['-i', clip, '-vf', `select=eq(pts\\,${ticks}),format=rgb24`, '-frames:v', '1'];
      const frame = sharp(makeClip(at(`${mode}-${ticks}.png`), ...shown)).resize(width, height, { fit: 'fill' });
      const [known, found] = await Promise.all([frame.raw().toBuffer(), sharp(file).raw().toBuffer()]);
      const off = known.reduce((sum, value, index) => sum + Math.abs(value - (found[index] as number)), 0);
      expect(off / known.length).toBeLessThan(10);
    }
  });

  test('leaves out the ends of groups in which nothing is new, and finds cuts at I-frames and before', async () => {
    // x264 makes no I-frame within a second of another, so that the cuts at 8.4 and 22.2 s are within groups.
    const lengths = [7.6, 0.8, 9.2, 4, 0.6, 8.8, 6];
    const scenes = lengths.flatMap((length, index) => {
      const picture = ['mandelbrot', 'testsrc2', 'mandelbrot', 'testsrc2', 'smptebars'][index % 5];
      return source(`${picture}=size=320x180:rate=25,hue=h=${index * 67}:s=${1 + index / 4},trim=duration=${length}`);
    });
    const labels = lengths.map((_, index) => `[${index}]`).join('');
    const clip = makeClip(
      at('groups.mp4'),
      ...scenes,
      ...['-filter_complex', `${labels}concat=n=${lengths.length}:v=1,format=yuv420p`],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3'],
    );
    const exact = await scanAll(clip, { scan: { mode: 'exact' } });
    const lean = await scanAll(clip, { scan: { mode: 'lean' } });
    expect(lean.plan.frames).toBe('groups');
    expect(exact.shots).toHaveLength(lengths.length);
    expect(lean.shots).toEqual(exact.shots);
    expect(lean.end.facts).toEqual(exact.end.facts);
    expect(lean.end.frames).toBeLessThan(exact.end.frames * 0.8);
    expect(new Set(lean.keyframes.map(({ shot }) => shot)).size).toBe(lengths.length);
    const probed = await probe(clip, settings, new AbortController().signal);
    expect(await planSegments(clip, probed, lean.plan, 10_000, settings, new AbortController().signal)).toBeNull();
  });

  test('gives the same whatever the threads', async () => {
    for (const mode of ['exact', 'lean'] as const) {
      const outcomes = [1, 3].map(async (threads) => {
        const changes = { scan: { mode }, ffmpeg: { ...settings.ffmpeg, threads } };
        const { shots, keyframes } = await scanAll(at('film.mp4'), changes);
        return { shots, keyframes: keyframes.map(({ file, ...rest }) => rest) };
      });
      const [one, three] = await Promise.all(outcomes);
      expect(three).toEqual(one);
    }
  });
});

describe('keyframes', () => {
  test.each([
    [90, 0.5, 0.25, 0.5, 0.75],
    [180, 0.75, 0.5, 0.25, 0.5],
    [270, 0.5, 0.75, 0.5, 0.25],
  ] as const)('stand upright after a turn of %s degrees', async (clockwise, redX, redY, blueX, blueY) => {
    const path = turn(makeClip(at(`turn-${clockwise}.mp4`), ...TWO_SHOTS), clockwise);
    const { keyframes, end } = await scanAll(path);
    const [first] = keyframes;
    if (!first) throw new Error('no keyframe');
    const { displayWidth, displayHeight } = end.facts;
    expect([first.width, first.height]).toEqual([displayWidth, displayHeight]);
    const [red, blue] = [await colourAt(first, redX, redY), await colourAt(first, blueX, blueY)];
    expect(red[0]).toBeGreaterThan(200);
    expect(red[2]).toBeLessThan(60);
    expect(blue[2]).toBeGreaterThan(200);
    expect(blue[0]).toBeLessThan(60);
    expect(await differenceToFfmpegs(path, first.file)).toBeLessThan(6);
  });

  test.each([
    ['top to bottom', ['blue', 'white', 'red', 'lime']],
    ['left to right', ['lime', 'red', 'white', 'blue']],
    ['over the diagonal', ['red', 'blue', 'lime', 'white']],
    ['over the other diagonal', ['white', 'lime', 'blue', 'red']],
  ] as const)('are mirrored %s where the display matrix says so', async (reflection, corners) => {
    const quarters = ['red', 'lime', 'blue', 'white'].flatMap((c) => [...source(`color=${c}:size=160x90:duration=1`)]);
    const stack = ['-filter_complex', '[0][1]hstack[a];[2][3]hstack[b];[a][b]vstack,format=yuv420p'];
    const path = turn(makeClip(at(`${reflection}.mp4`), ...quarters, ...stack, ...X264), reflection);
    const [keyframe] = (await scanAll(path)).keyframes;
    if (!keyframe) throw new Error('no keyframe');
    const places = [0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => [x, y] as const));
    const seen = await Promise.all(places.map(async ([x, y]) => nameOf(await colourAt(keyframe, x, y))));
    expect(seen).toEqual(corners);
  });

  test('have square pixels and no side over the limit', async () => {
    const film = source('testsrc=size=360x540:rate=25:duration=1');
    const squeezed = makeClip(at('squeezed.mkv'), ...film, '-vf', 'setsar=8/3', ...X264);
    const { keyframes } = await scanAll(squeezed, { keyframes: { ...settings.keyframes, maxWidth: 480 } });
    expect(keyframes[0]).toMatchObject({ width: 480, height: 270 });
  });

  test.each(['17x31', '33x200', '1x1'])('of %s pixels are made too', async (size) => {
    const clip = makeClip(
      at(`${size}.mkv`),
      ...source(`color=red:size=${size}:rate=5:duration=1,format=rgb24`),
      '-c:v',
      'png',
    );
    const [first] = (await scanAll(clip)).keyframes;
    expect(`${first?.width}x${first?.height}`).toBe(size);
    const [red = 0, green = 255] = first ? await colourAt(first, 0.5, 0.5) : [];
    expect(red - green).toBeGreaterThan(100);
  });

  test('have the colours of the video: matrix by tag, or else by size', async () => {
    for (const [name, size, matrix] of [
      ['hd', '1280x720', 'bt709'],
      ['sd', '320x240', 'smpte170m'],
    ] as const) {
      const paint = source(`color=0x20C040:size=${size}:rate=5:duration=1`);
      const convert = ['-vf', `scale=out_color_matrix=${matrix},format=yuv420p`];
      for (const tags of [[], ['-colorspace', matrix]]) {
        const clip = makeClip(at(`${name}${tags.length}.mp4`), ...paint, ...convert, ...X264, ...tags);
        const [first] = (await scanAll(clip)).keyframes;
        const colour = first ? await colourAt(first, 0.5, 0.5) : [];
        for (const [index, expected] of [0x20, 0xc0, 0x40].entries()) {
          expect(Math.abs((colour[index] ?? 0) - expected), `${name} ${tags}: ${colour}`).toBeLessThan(8);
        }
      }
    }
  });

  test.each([
    ['smpte2084', 'arib-std-b67'],
    ['arib-std-b67', 'smpte2084'],
  ])('of HDR (%s) look as the scene did', async (transfer) => {
    const paint = source('testsrc2=size=320x180:rate=5:duration=1');
    const toHdr = `format=yuv420p,zscale=tin=709:min=709:pin=709:rin=limited:t=linear:m=gbr:p=2020:npl=203,format=gbrpf32le,zscale=tin=linear:min=gbr:pin=2020:t=${transfer}:m=2020_ncl:p=2020:r=limited:npl=203,format=yuv420p10le`;
    const tags = ['-color_trc', transfer, '-colorspace', 'bt2020nc', '-color_primaries', 'bt2020'];
    const encode = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error', ...tags];
    const hdr = makeClip(at(`${transfer}.mkv`), ...paint, '-vf', toHdr, ...encode);
    const sdr = makeClip(at('sdr.mkv'), ...paint, ...X264);
    const [mapped, plain] = [(await scanAll(hdr)).keyframes[0], (await scanAll(sdr)).keyframes[0]];
    expect(mapped?.brightness).toBeGreaterThan((plain?.brightness ?? 1) * 0.6);
    expect(mapped?.brightness).toBeLessThan((plain?.brightness ?? 0) * 1.3);
  });

  test('of pictures with alpha lie over white', async () => {
    const glass = source('color=red@0.0:size=64x64:rate=5:duration=1,format=rgba');
    const { keyframes } = await scanAll(makeClip(at('glass.mov'), ...glass, '-c:v', 'png'));
    expect(keyframes[0] && (await colourAt(keyframes[0], 0.5, 0.5))).toEqual([255, 255, 255]);
  });

  test('of interlaced video show one field, not a comb of two', async () => {
    // A white bar jumps from left to right with every field: in one field, a row is white on one side only.
    const bar = "nullsrc=size=320x240:rate=50:duration=1,geq=lum='if(eq(mod(N,2),gte(X,160)),235,16)':cb=128:cr=128";
    const weave = ['-vf', 'format=yuv420p,interlace=lowpass=off', '-c:v', 'mpeg2video', '-q:v', '2'];
    const clip = makeClip(at('comb.ts'), ...source(bar), ...weave, '-flags', '+ildct+ilme', '-top', '1');
    const { keyframes, end } = await scanAll(clip);
    expect(end.facts.interlaced).toBe(true);
    const [first] = keyframes;
    const left = first ? await pixelsIn(first, { x: 0.1, y: 0.1, w: 0.3, h: 0.8 }) : Buffer.of(0, 255);
    expect(Math.max(...left) - Math.min(...left)).toBeLessThan(40);
  });
});

describe('FFmpeg', () => {
  test('decodes once, and waits for a slow reader', async () => {
    const { events } = await startScan(at('long.mp4'), { keyframes: { ...settings.keyframes, windowMs: 1000 } });
    await events.next();
    const [first, ...others] = processesWith(at('long.mp4'));
    expect(others).toEqual([]);
    await sleep(3000);
    expect(processesWith(at('long.mp4'))).toHaveLength(1);
    expect(first).toBeDefined();
    let frames = 0;
    for await (const event of events) if (event.kind === 'end') frames = event.frames;
    expect(frames).toBe(3000);
  });

  test('is gone when the reader leaves early', async () => {
    const { events } = await startScan(at('long.mp4'));
    for await (const _ of events) break;
    expect(processesWith(at('long.mp4'))).toEqual([]);
  });

  test('is gone within a second when the scan is cancelled', async () => {
    const controller = new AbortController();
    const { events } = await startScan(at('long.mp4'), {}, controller.signal);
    await events.next();
    const start = performance.now();
    controller.abort();
    const rest = async () => {
      for await (const _ of events);
    };
    await expect(rest()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - start).toBeLessThan(1000);
    expect(processesWith(at('long.mp4'))).toEqual([]);
  });

  test('that sieves and FFmpeg that decodes wait together for a slow reader, and go together', async () => {
    const codec = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '5'];
    const clip = makeClip(at('sieved.webm'), ...source('testsrc=size=320x180:rate=25:duration=60'), ...codec);
    const changes = { scan: { mode: 'preview' }, keyframes: { ...settings.keyframes, windowMs: 1000 } } as const;
    const own = () => runningPrograms().filter((line) => line.includes(clip) || line.includes('pipe:0'));
    const controller = new AbortController();
    const cancelled = await startScan(clip, changes, controller.signal);
    await cancelled.events.next();
    expect(own()).toHaveLength(2);
    controller.abort();
    const readOn = async () => {
      while (!(await cancelled.events.next()).done); // Events that had come are told first.
    };
    await expect(readOn()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(own()).toEqual([]);

    const slow = await startScan(clip, changes);
    await slow.events.next();
    await sleep(1000);
    expect(own()).toHaveLength(2);
    let frames = 0;
    for await (const event of slow.events) if (event.kind === 'end') frames = event.frames;
    expect(frames).toBe(300);
    expect(own()).toEqual([]);
  });

  test('is gone when the scan ran out of time', async () => {
    const limits = { ...settings.limits, deadlineMs: 200, deadlinePerVideoSecondMs: 0 };
    await expect(scanAll(at('long.mp4'), { limits })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(processesWith(at('long.mp4'))).toEqual([]);
  });

  test('ends soon after its parent was killed', async () => {
    const clip = makeClip(at('orphan.mp4'), '-i', at('long.mp4'), '-c', 'copy');
    // Stops reading after the first event, so that FFmpeg waits when its parent dies.
    const script = `
      import { probe } from '${join(sources, 'probe.ts')}';
      import { scan } from '${join(sources, 'scan.ts')}';
      import { planFor } from '${join(sources, 'scan-plan.ts')}';
      const [, path, folder, json] = process.argv;
      const settings = JSON.parse(json);
      const { signal } = new AbortController();
      const probed = await probe(path, settings, signal);
      const plan = await planFor(path, probed, 'exact', settings, signal);
      for await (const { kind } of scan(path, probed, settings, { signal, plan, folder })) {
        console.log(kind);
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      }`;
    const values = [clip, mkdtempSync(at('orphan-')), JSON.stringify(settings)];
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script, '--', ...values];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(parent.stdout, 'data');
    expect(processesWith(clip).some((line) => /\bffmpeg -/.test(line))).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(await untilGone(clip, 5000)).toBeLessThan(5000);
  });
});

describe('what is damaged', () => {
  test('is scanned as far as it goes, with warnings', async () => {
    const clip = makeClip(at('truncated.mp4'), '-i', at('long.mp4'), '-c', 'copy', '-movflags', '+faststart');
    truncateSync(clip, Math.floor(readFileSync(clip).length / 2));
    const { end } = await scanAll(clip);
    expect(end.frames).toBeGreaterThan(1000);
    expect(end.frames).toBeLessThan(2000);
    expect(end.warnings.map(({ code }) => code)).toContain('SHORTER_THAN_CLAIMED');
  });

  test('gives the same whatever the threads, and leaves no picture that it did not tell of', async () => {
    const clip = makeClip(at('flipped.mp4'), '-t', '40', '-i', at('long.mp4'), '-c', 'copy');
    const bytes = readFileSync(clip);
    const from = Math.floor(bytes.length * 0.6);
    for (let index = from; index < from + 20_000; index += 97) bytes[index] = (bytes[index] ?? 0) ^ 0x10;
    writeFileSync(clip, bytes);
    const outcomes = [1, 2, 3].map(async (threads) => {
      const { shots, keyframes, end, pictures } = await scanAll(clip, { ffmpeg: { ...settings.ffmpeg, threads } });
      expect(readdirSync(pictures).sort()).toEqual(keyframes.map(({ file }) => basename(file)).sort());
      const { decodeCpuSeconds, ...told } = end;
      return { shots, told, keyframes: keyframes.map(({ file, ...rest }) => rest) };
    });
    const [one, two, three] = await Promise.all(outcomes);
    expect(one?.told.warnings).toMatchObject([{ code: 'DECODE_ERRORS' }]);
    expect(one?.keyframes.length).toBeGreaterThan(3);
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  test('is refused where no frame comes out', async () => {
    const clip = makeClip(at('hollow.mp4'), '-i', at('two.mp4'), '-c', 'copy', '-movflags', '+faststart');
    const bytes = readFileSync(clip);
    truncateSync(clip, bytes.indexOf('mdat') + 12);
    await expect(scanAll(clip)).rejects.toMatchObject({ code: 'NO_FRAMES', kind: { exitCode: 3 } });
  });

  test('is refused where it goes on longer than it may, whatever its header claims', async () => {
    const stream = makeClip(at('endless.h264'), '-i', at('long.mp4'), '-c', 'copy');
    const limits = { ...settings.limits, maxDurationMs: 30_000 };
    await expect(scanAll(stream, { limits })).rejects.toMatchObject({ code: 'TOO_LONG' });
  });
});

/** Mean difference of a keyframe to the first frame as FFmpeg turns it by itself. */
async function differenceToFfmpegs(path: string, file: string): Promise<number> {
  const reference = makeClip(`${path}.png`, '-i', path, '-frames:v', '1');
  const own = await sharp(file).raw().toBuffer();
  const other = await sharp(reference).removeAlpha().raw().toBuffer();
  expect(other).toHaveLength(own.length);
  return mean(own.map((value, index) => Math.abs(value - (other[index] ?? 0))));
}

import type { Probe } from '../domain/scan.ts';
import { TINY_HEIGHT, TINY_WIDTH } from './frames.ts';

/** Where the filter graph's timestamps go: a line of text for each frame, on file descriptors of their own. */
export interface TimePipes {
  readonly tiny: number;
  readonly pictures: number;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
  /** 4 with an alpha channel, which is for the reader to compose; else 3. */
  readonly bytesPerPixel: 3 | 4;
}

/** Candidates for keyframes are the first frames of buckets of this length, counted from the first frame. */
export const CANDIDATE_GRID_MS = 500;

/** The size of keyframe pictures: as shown, and no side longer than `longestSide`. */
export function pictureSize({ facts }: Probe, longestSide: number): PictureSize {
  const shrink = Math.min(1, longestSide / Math.max(facts.displayWidth, facts.displayHeight));
  return {
    width: Math.max(1, Math.round(facts.displayWidth * shrink)),
    height: Math.max(1, Math.round(facts.displayHeight * shrink)),
    bytesPerPixel: facts.alpha ? 4 : 3,
  };
}

/**
 * One decode, two outputs: `[tiny]`, every frame at 64×36 in planar YUV 4:2:0, and `[pictures]`, the candidates for
 * keyframes, upright, with square pixels, in packed RGB.
 */
export function filterGraph(probe: Probe, size: PictureSize, pipes: TimePipes): string {
  return [
    `[0:${probe.streamIndex}]split=2[all][some]`,
    `[all]${printTimes(pipes.tiny)},${tinyFilters(probe)}[tiny]`,
    `[some]${selectCandidates(probe)},${printTimes(pipes.pictures)},${pictureFilters(probe, size)}[pictures]`,
  ].join(';');
}

/** Writes a line such as `frame:0 pts:512 pts_time:0.04` at once, before the frame itself is written. */
function printTimes(fileDescriptor: number): string {
  const print = `metadata=mode=print:key=framescribe:file=pipe\\\\:${fileDescriptor}:direct=1`;
  return `metadata=mode=add:key=framescribe:value=1,${print}`;
}

/**
 * Point samples, four by four for each tiny pixel, and their mean: a third of the cost of averaging every pixel, and
 * as steady for telling shots apart.
 */
function tinyFilters({ facts }: Probe): string {
  const sample = `scale=${TINY_WIDTH * 4}:${TINY_HEIGHT * 4}:flags=neighbor`;
  const average = `scale=${TINY_WIDTH}:${TINY_HEIGHT}:flags=area+bitexact+accurate_rnd:out_range=tv,format=yuv420p`;
  return facts.width > TINY_WIDTH * 8 ? `${sample},${average}` : average;
}

/** In whole ticks, so that no rounding moves a frame from one bucket to the next. */
function selectCandidates({ timeBase }: Probe): string {
  const bucket = (pts: string) =>
    `floor((${pts}-start_pts)*${timeBase.num * 1000}/${timeBase.den * CANDIDATE_GRID_MS})`;
  return `select='isnan(prev_selected_pts)+not(eq(${bucket('pts')},${bucket('prev_selected_pts')}))'`;
}

function pictureFilters(probe: Probe, size: PictureSize): string {
  const { facts, transfer } = probe;
  const sideways = facts.rotation === 90 || facts.rotation === 270;
  const width = sideways ? size.height : size.width;
  const height = sideways ? size.width : size.height;
  return [
    // Looks at one frame only, as the frames around a candidate are gone by then.
    ...(facts.interlaced ? ['estdif=mode=frame'] : []),
    ...(transfer === 'sdr'
      ? [`scale=${width}:${height}:flags=bilinear+bitexact:in_color_matrix=${probe.matrix}`]
      : toneMap(probe, width, height)),
    ...(probe.mirrored ? MIRRORED_TURNS : TURNS)[facts.rotation],
    `format=${size.bytesPerPixel === 4 ? 'rgba' : 'rgb24'}`,
  ].join(',');
}

const TURNS: Readonly<Record<Probe['facts']['rotation'], readonly string[]>> = {
  0: [],
  90: ['transpose=clock'],
  180: ['hflip', 'vflip'],
  270: ['transpose=cclock'],
};

const MIRRORED_TURNS: typeof TURNS = {
  0: ['vflip'],
  90: ['transpose=cclock_flip'],
  180: ['hflip'],
  270: ['transpose=clock_flip'],
};

/** PQ and HLG to BT.709 in linear light, at the reduced size, with the reference white of ITU-R BT.2408 (203 cd/m²). */
function toneMap({ transfer }: Probe, width: number, height: number): readonly string[] {
  // Everything is named on both sides: zscale finds no way from or to what a frame leaves unsaid.
  const from = `tin=${transfer === 'pq' ? 'smpte2084' : 'arib-std-b67'}:min=2020_ncl:pin=2020:rin=limited`;
  return [
    `zscale=w=${width}:h=${height}:f=bilinear:${from}:t=linear:m=gbr:p=709:npl=203`,
    'format=gbrpf32le',
    'tonemap=tonemap=mobius:desat=0',
    'zscale=tin=linear:min=gbr:pin=709:t=709:m=gbr:p=709:r=full',
    'format=gbrp',
  ];
}

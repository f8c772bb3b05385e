import type { Config } from '../domain/config.ts';
import type { Probe } from '../domain/scan.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { TINY_HEIGHT, TINY_WIDTH } from './frames.ts';
import { LOOK_HEIGHT, LOOK_WIDTH } from './picture.ts';

/** Where the filter graph's timestamps go: a line of text for each frame, on file descriptors of their own. */
export interface TimePipes {
  readonly tiny: number;
  readonly pictures: number;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Where a part of a video starts, in timestamps of its stream. */
export interface GraphStart {
  /** Earlier frames are dropped. */
  readonly fromPts: number;
  /** Of the video's first frame, from which the candidates' grid counts. */
  readonly firstPts: number;
}

/** Candidates for keyframes are first frames of buckets of this length, counted from the first frame. */
export const CANDIDATE_GRID_MS = 500;

/** I-frames that come by the clock, this often at least and give or take so much, tell of no cut. */
const LONGEST_CLOCK_MS = 1500;
const CLOCK_SLACK_MS = 20;

/** The longest side of a preview's pictures: a full description replaces them soon, and its cost is an eighth less so. */
const PREVIEW_SIDE = 512;

/** The size of keyframe pictures: as shown, and no side longer than `maxWidth`. */
export function pictureSize(
  { facts }: Probe,
  { frames }: Pick<ScanPlan, 'frames'>,
  { maxWidth }: Pick<Config['keyframes'], 'maxWidth'>,
): PictureSize {
  const longestSide = frames === 'keys' ? Math.min(maxWidth, PREVIEW_SIDE) : maxWidth;
  const shrink = Math.min(1, longestSide / Math.max(facts.displayWidth, facts.displayHeight));
  return {
    width: Math.max(1, Math.round(facts.displayWidth * shrink)),
    height: Math.max(1, Math.round(facts.displayHeight * shrink)),
  };
}

/**
 * One decode, three outputs: `[tiny]`, every frame at 64×36 in planar YUV 4:2:0; `[pictures]`, the candidates for
 * keyframes, upright, with square pixels, in JPEG's colours; and `[looks]`, the same candidates made small.
 *
 * @param from the video's frames in its own time base, as the start of a chain of filters
 */
export function filterGraph(
  probe: Probe,
  from: string,
  { frames }: Pick<ScanPlan, 'frames'>,
  size: PictureSize,
  pipes: TimePipes,
  start?: GraphStart,
): string {
  const trim = start ? `trim=start_pts=${start.fromPts},` : '';
  return [
    `${from}${trim}split=2[all][some]`,
    `[all]${printTimes(pipes.tiny)},${tinyFilters(probe)}[tiny]`,
    // The candidates' times are told by then; for the JPEG encoder they are an hour apart, as it wants them to grow.
    `[some]${selectCandidates(probe, frames, start)},${printTimes(pipes.pictures)},setpts=N*3600/TB,${pictureFilters(probe, size)},split=2[pictures][small]`,
    `[small]${LOOK_FILTERS}[looks]`,
  ].join(';');
}

/** Writes a line such as `frame:0 pts:512 pts_time:0.04` at once, before the frame itself is written. */
function printTimes(fileDescriptor: number): string {
  const print = `metadata=mode=print:key=framescribe:file=pipe\\\\:${fileDescriptor}:direct=1`;
  return `metadata=mode=add:key=framescribe:value=1,${print}`;
}

/** Point samples, two by two for each tiny pixel, and their mean: as good as all pixels for telling shots apart, at little cost. */
function tinyFilters({ facts }: Probe): string {
  const sample = `scale=${TINY_WIDTH * 2}:${TINY_HEIGHT * 2}:flags=neighbor`;
  const average = `scale=${TINY_WIDTH}:${TINY_HEIGHT}:flags=area+bitexact+accurate_rnd:out_range=tv,format=yuv420p`;
  return facts.width > TINY_WIDTH * 8 ? `${sample},${average}` : average;
}

/**
 * A frame is a candidate where it's the first of its bucket: of every even one, and of an odd one where an I-frame came out of
 * turn since the last candidate, as it does at most cuts. Within a shot that goes on, a picture a second is enough to choose
 * from. Where groups are left out, the I-frames that they start with are candidates as well: there may be nothing else of
 * them. In whole ticks, so that no rounding moves a frame from one bucket to the next.
 */
function selectCandidates({ timeBase }: Probe, frames: ScanPlan['frames'], start: GraphStart | undefined): string {
  const first = start === undefined ? 'start_pts' : `(${start.firstPts})`;
  const bucket = (pts: string) => `floor((${pts}-${first})*${timeBase.num * 1000}/${timeBase.den * CANDIDATE_GRID_MS})`;
  const ticks = (ms: number) => Math.round((ms * timeBase.den) / (1000 * timeBase.num));
  // Since the I-frame before (2), and the same for that one (3).
  const isByClock = `lt(pts-ld(2),${ticks(LONGEST_CLOCK_MS)})*lt(abs(pts-ld(2)-ld(3)),${ticks(CLOCK_SLACK_MS)})`;
  const noteKey = `if(eq(pict_type,PICT_TYPE_I),if(${isByClock},0,st(1,pts));st(3,pts-ld(2));st(2,pts))`;
  const isNew = `not(eq(${bucket('pts')},${bucket('prev_pts')}))`;
  const isWanted = `(not(eq(mod(${bucket('pts')},2),1))+gt(ld(1),prev_selected_pts))`;
  const isOnlyOne = frames === 'groups' ? '+key' : '';
  return `select='${noteKey};isnan(prev_pts)+${isNew}*${isWanted}${isOnlyOne}'`;
}

/** As with tiny frames: points, two by two for each pixel, and their mean. */
const LOOK_FILTERS = [
  `scale=${LOOK_WIDTH * 2}:${LOOK_HEIGHT * 2}:flags=neighbor:in_range=pc:out_range=pc`,
  `scale=${LOOK_WIDTH}:${LOOK_HEIGHT}:flags=area+bitexact+accurate_rnd:in_range=pc:out_range=pc`,
  'format=yuv420p',
].join(',');

function pictureFilters(probe: Probe, size: PictureSize): string {
  const { facts, mirrored } = probe;
  const sideways = facts.rotation === 90 || facts.rotation === 270;
  const width = sideways ? size.height : size.width;
  const height = sideways ? size.width : size.height;
  return [
    // Looks at one frame only, as the frames around a candidate are gone by then.
    ...(facts.interlaced ? ['estdif=mode=frame'] : []),
    ...jpegColours(probe, width, height),
    ...(mirrored ? MIRRORED_TURNS : TURNS)[facts.rotation],
    'setsar=1',
  ].join(',');
}

/** Scales, and brings colours to what a JPEG holds: full range, the matrix of BT.601. */
function jpegColours(probe: Probe, width: number, height: number): readonly string[] {
  const { facts, transfer, matrix } = probe;
  const size = `${width}:${height}:flags=bilinear+bitexact`;
  const toJpeg = 'out_color_matrix=bt601:out_range=pc,format=yuv420p';
  if (transfer !== 'sdr') return [...toneMap(probe, width, height), `scale=${toJpeg}`];
  if (facts.alpha) return [`scale=${size}:in_color_matrix=${matrix}`, OVER_WHITE, `scale=${toJpeg}`];
  // The filter below takes even sizes only. The scaler does the same by way of RGB, at four times the cost.
  if (width % 2 || height % 2) return [`scale=${size}:in_color_matrix=${matrix}:${toJpeg}`];
  const space = matrix === 'bt601' ? 'bt601-6-625' : matrix;
  return [
    `scale=${size}:in_color_matrix=${matrix}:out_color_matrix=${matrix}:out_range=tv`,
    'format=yuv420p',
    `colorspace=iall=${space}:irange=tv:all=bt601-6-625:range=pc:format=yuv420p:fast=1`,
  ];
}

/** What shines through shows white, as on a page. */
const OVER_WHITE =
  'format=rgba,split=2[above][copy];[copy]lutrgb=r=255:g=255:b=255:a=255[white];[white][above]overlay=format=rgb';

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

import type { VideoFacts, Warning } from '../domain/result.ts';
import type { Probe } from '../domain/scan.ts';
import { formatRational, parseRational, type Rational } from '../domain/time.ts';
import type { ReportedStream } from './ffprobe-report.ts';

type PictureFacts = Omit<VideoFacts, 'container' | 'codec' | 'durationMs' | 'timeBase' | 'variableFrameRate'>;

/** How a stream's frames are to be shown. What makes no sense is replaced by the usual, with a warning. */
export function pictureFacts(
  stream: ReportedStream,
  size: { readonly width: number; readonly height: number },
  warnings: Warning[],
): { readonly facts: PictureFacts } & Pick<Probe, 'mirrored' | 'transfer' | 'matrix'> {
  const rotation = uprightTurn(stream, warnings);
  const aspect = sampleAspect(stream, warnings);
  const square = squarePixels(size, aspect);
  const sideways = rotation === 90 || rotation === 270;
  const transfer = TRANSFERS[stream.color_transfer ?? ''] ?? 'sdr';
  const pixelFormat = stream.pix_fmt ?? 'unknown';
  return {
    facts: {
      pixelFormat,
      ...size,
      displayWidth: sideways ? square.height : square.width,
      displayHeight: sideways ? square.width : square.height,
      rotation,
      sampleAspectRatio: formatRational(aspect),
      frameRate: formatRational(frameRate(stream)),
      interlaced: ['tt', 'bb', 'tb', 'bt'].includes(stream.field_order ?? ''),
      alpha: /^(yuva|rgba|bgra|argb|abgr|gbrap|ya\d|pal8)/.test(pixelFormat) || stream.tags?.alpha_mode === '1',
      hdr: transfer !== 'sdr',
    },
    mirrored: isMirrored(stream),
    transfer,
    matrix: MATRICES[stream.color_space ?? ''] ?? (size.height > 576 || size.width > 1024 ? 'bt709' : 'bt601'),
  };
}

const TRANSFERS: Readonly<Record<string, Probe['transfer']>> = { smpte2084: 'pq', 'arib-std-b67': 'hlg' };

const MATRICES: Readonly<Record<string, Probe['matrix']>> = {
  bt709: 'bt709',
  bt470bg: 'bt601',
  smpte170m: 'bt601',
  fcc: 'bt601',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};

/** The clockwise turn that brings the picture upright: ffprobe tells the display matrix's anticlockwise one. */
function uprightTurn(stream: ReportedStream, warnings: Warning[]): 0 | 90 | 180 | 270 {
  const told = stream.side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  const sane = Math.abs(told) <= 360;
  const quarters = sane ? Math.round(-told / 90) : 0;
  if (!sane || told % 90 !== 0) {
    const message = `The display matrix turns by ${told} degrees; the nearest quarter turn is taken.`;
    warnings.push({ code: 'ROTATION_ROUNDED', message });
  }
  return ((((quarters % 4) + 4) % 4) * 90) as 0 | 90 | 180 | 270;
}

/** ffprobe prints the display matrix as three lines of three numbers, each line with its address in front. */
function isMirrored({ side_data_list }: ReportedStream): boolean {
  const printed = side_data_list?.find(({ displaymatrix }) => displaymatrix !== undefined)?.displaymatrix ?? '';
  const [first, second] = [...printed.matchAll(/: +(-?\d+) +(-?\d+) +-?\d+/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  const [a = 1, b = 0] = first ?? [];
  const [c = 0, d = 1] = second ?? [];
  return a * d - b * c < 0;
}

const MOST_ANAMORPHIC = 10;

function sampleAspect(stream: ReportedStream, warnings: Warning[]): Rational {
  const told = parseRational(stream.sample_aspect_ratio);
  if (!told || told.num <= 0) return { num: 1, den: 1 };
  const ratio = told.num / told.den;
  if (ratio <= MOST_ANAMORPHIC && ratio >= 1 / MOST_ANAMORPHIC) return told;
  const message = `Pixels of ${formatRational(told)} are taken for square ones.`;
  warnings.push({ code: 'ASPECT_IGNORED', message });
  return { num: 1, den: 1 };
}

/** The size with square pixels: the side that the sample aspect ratio says is too short grows. */
function squarePixels(size: { readonly width: number; readonly height: number }, { num, den }: Rational) {
  return num >= den
    ? { width: Math.round((size.width * num) / den), height: size.height }
    : { width: size.width, height: Math.round((size.height * den) / num) };
}

function frameRate(stream: ReportedStream): Rational {
  const told = [parseRational(stream.avg_frame_rate), parseRational(stream.r_frame_rate)];
  return told.find((rate) => rate !== null && rate.num > 0) ?? { num: 0, den: 1 };
}

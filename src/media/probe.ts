import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Warning } from '../domain/result.ts';
import type { Probe } from '../domain/scan.ts';
import { parseRational } from '../domain/time.ts';
import { isEncryptedMp4 } from './encryption.ts';
import type { ProgramExit } from './ffmpeg.ts';
import { runFfprobe } from './ffprobe.ts';
import { parseReport, REPORT_ENTRIES, type Report, type ReportedStream } from './ffprobe-report.ts';
import { saysTooManyPixels, tooManyPixelsError, unopenedError } from './refusals.ts';
import { checkSourceFile } from './source-file.ts';
import { pictureFacts } from './stream-facts.ts';

export type ProbeSettings = Pick<Config, 'ffmpeg' | 'limits'>;

/**
 * Finds out what a local file holds, without decoding more of it than ffprobe needs.
 *
 * @throws {FramescribeError} a refusal with its code (exit code 3), FFMPEG_MISSING, or CANCELLED
 */
export async function probe(path: string, settings: ProbeSettings, signal: AbortSignal): Promise<Probe> {
  await checkSourceFile(path, settings.limits.maxBytes);
  const { text, exit } = await runFfprobe(path, QUESTIONS, settings, signal);
  const report = exit.exitCode === 0 ? parseReport(text) : null;
  if (!report) throw await unopenedError(path, settings.limits.maxPixels, exit);
  const { stream, others } = chooseStream(path, report);
  const demuxer = report.format.format_name;
  if (stream.tags?.enc_key_id !== undefined || (demuxer.startsWith('mov') && (await isEncryptedMp4(path)))) {
    throw new FramescribeError('ENCRYPTED', `Expected a video in the clear, but it is encrypted: ${path}`);
  }
  const timeBase = parseRational(stream.time_base);
  if (!timeBase || timeBase.num <= 0) {
    throw new FramescribeError('CONTAINER_DAMAGED', `Expected a time base, got ${stream.time_base}: ${path}`);
  }
  const codec = checkCodec(path, stream);
  const size = checkSize(path, stream, settings.limits.maxPixels, exit);
  const warnings: Warning[] = [];
  const picture = pictureFacts(stream, size, warnings);
  const claimedDurationMs = checkDuration(path, claimedDuration(stream, report), settings.limits.maxDurationMs);
  if (others > 0) {
    const message = `There are ${others + 1} video tracks; track ${stream.index} is described, the others are left out.`;
    warnings.push({ code: 'OTHER_VIDEO_TRACKS', message });
  }
  return {
    facts: {
      container: demuxer.split(',')[0] ?? demuxer,
      codec,
      durationMs: 0,
      timeBase: `${timeBase.num}/${timeBase.den}`,
      variableFrameRate: false,
      ...picture.facts,
    },
    programVersion: report.program_version?.version ?? 'unknown',
    streamIndex: stream.index,
    timeBase,
    demuxer,
    claimedDurationMs,
    transfer: picture.transfer,
    matrix: picture.matrix,
    mirrored: picture.mirrored,
    warnings,
  };
}

const QUESTIONS = ['-print_format', 'json', '-show_entries', REPORT_ENTRIES];

/** The default video stream, or the first: cover pictures, still thumbnails and the like aside. */
function chooseStream(path: string, report: Report): { readonly stream: ReportedStream; readonly others: number } {
  const videos = report.streams.filter(({ codec_type, disposition }) => {
    const still = disposition?.attached_pic || disposition?.still_image || disposition?.timed_thumbnails;
    return codec_type === 'video' && !still;
  });
  const stream = videos.find(({ disposition }) => disposition?.default) ?? videos[0];
  if (stream) return { stream, others: videos.length - 1 };
  const cover = report.streams.some(({ codec_type }) => codec_type === 'video') ? ', only a cover picture' : '';
  throw new FramescribeError('NO_VIDEO_STREAM', `Expected a video track, got none${cover}: ${path}`);
}

function checkCodec(path: string, stream: ReportedStream): string {
  if (stream.codec_name !== undefined && stream.codec_name !== 'unknown') return stream.codec_name;
  throw new FramescribeError('CODEC_UNSUPPORTED', `Expected a codec that FFmpeg knows, got an unknown one: ${path}`);
}

function checkSize(path: string, stream: ReportedStream, maxPixels: number, exit: ProgramExit) {
  const { width = 0, height = 0 } = stream;
  if (width * height > maxPixels) throw tooManyPixelsError(path, maxPixels, `${width}x${height}`);
  if (width * height > 0) return { width, height };
  if (exit.lastLines.some(saysTooManyPixels)) throw tooManyPixelsError(path, maxPixels, 'more');
  throw new FramescribeError('CONTAINER_DAMAGED', `Expected a size of the picture, got ${width}x${height}: ${path}`);
}

/** Seconds that the video track claims, or else the container. */
function claimedDuration(stream: ReportedStream, report: Report): number | null {
  const [hours, minutes, seconds] = (stream.tags?.DURATION ?? '').split(':').map(Number);
  const tagged = (hours ?? Number.NaN) * 3600 + (minutes ?? Number.NaN) * 60 + (seconds ?? Number.NaN);
  const claims = [Number(stream.duration), tagged, Number(report.format.duration)];
  return claims.find((claim) => Number.isFinite(claim) && claim > 0) ?? null;
}

function checkDuration(path: string, seconds: number | null, maxDurationMs: number): number | null {
  if (seconds === null) return null;
  if (seconds * 1000 <= maxDurationMs) return Math.round(seconds * 1000);
  throw new FramescribeError(
    'TOO_LONG',
    `Expected at most ${maxDurationMs / 1000} s, but the header claims ${seconds} s: ${path}`,
  );
}

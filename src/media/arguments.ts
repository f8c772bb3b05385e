import { resolve } from 'node:path';
import ffmpeg from 'fluent-ffmpeg';
import type { Config } from '../domain/config.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { DEMUXERS } from './demuxers.ts';

/** What FFmpeg and ffprobe are told about any file, so that its bytes can't make them open or allocate something else. */
export function guards(settings: Pick<Config, 'ffmpeg' | 'limits'>): readonly string[] {
  return [
    ...['-hide_banner', '-loglevel', 'repeat+level+info'],
    ...['-max_alloc', String(settings.ffmpeg.maxAllocBytes)],
    ...['-protocol_whitelist', 'file', '-format_whitelist', DEMUXERS.join(',')],
    ...['-max_pixels', String(Math.min(settings.limits.maxPixels, 0x7fffffff))],
  ];
}

/** A path as FFmpeg takes it literally: no option, protocol, pattern or list, whatever the name. */
export function fileArgument(path: string): string {
  return `file:${resolve(path)}`;
}

/** An output of the filter graph (`[label]`) or a stream of the file, and how it's encoded and put into a pipe. */
export interface PipeOutput {
  readonly map: string;
  readonly options: readonly string[];
}

export interface DecodeArguments {
  readonly path: string;
  /** The name of the demuxer that the probe found. */
  readonly demuxer: string;
  readonly settings: Pick<Config, 'ffmpeg' | 'limits'>;
  readonly plan: ScanPlan;
  /** Processor time after which the kernel ends FFmpeg, should we be gone by then. */
  readonly cpuLimitSeconds: number;
  /** Where to seek to, by the container's own timestamps; null to start at its start. */
  readonly seekSeconds: number | null;
  readonly filterGraph: string;
  /** What is written to each pipe, from file descriptor 3 on. */
  readonly outputs: readonly PipeOutput[];
}

/** FFmpeg's arguments to decode one file through a filter graph into pipes, every frame with its own timestamp. */
export function decodeArguments(options: DecodeArguments): readonly string[] {
  const command = ffmpeg()
    .input(fileArgument(options.path))
    .inputOptions([
      ...guards(options.settings),
      ...['-nostdin', '-nostats', '-benchmark', '-copyts', '-noautorotate'],
      ...['-timelimit', String(options.cpuLimitSeconds)],
      ...['-threads', String(options.settings.ffmpeg.threads)],
      ...['-max_error_rate', '1', '-filter_complex_threads', '1'],
      ...decoderOptions(options.plan),
      ...['-f', options.demuxer],
      // The filter graph drops what comes before, by exact timestamps.
      ...(options.seekSeconds === null
        ? []
        : ['-seek_timestamp', '1', '-noaccurate_seek', '-ss', options.seekSeconds.toFixed(6)]),
    ])
    .complexFilter(options.filterGraph);
  options.outputs.forEach(({ map, options }, index) => {
    command.output(`pipe:${index + 3}`).outputOptions(['-map', map, '-fps_mode', 'passthrough', ...options]);
  });
  // The builder is used for the arguments only: its own way of running FFmpeg has one pipe, no deadline and a weak kill.
  return (command as unknown as { _getArguments(): string[] })._getArguments();
}

/** FFmpeg's names for what a decoder may skip. */
const SKIPPED: Readonly<Record<ScanPlan['frames'], string>> = {
  all: 'default',
  references: 'noref',
  anchors: 'bidir',
  keys: 'nokey',
};

function decoderOptions({ frames, loopFilter }: ScanPlan): readonly string[] {
  const smoothing = loopFilter ? [] : ['-skip_loop_filter', 'all'];
  return frames === 'all' ? smoothing : ['-skip_frame', SKIPPED[frames], ...smoothing];
}

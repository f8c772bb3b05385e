import { resolve } from 'node:path';
import ffmpeg from 'fluent-ffmpeg';
import type { Config } from '../domain/config.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { DEMUXERS } from './demuxers.ts';

/** What FFmpeg and ffprobe are told about any input, so that its bytes can't make them open or allocate something else. */
export function guards(
  settings: Pick<Config, 'ffmpeg' | 'limits'>,
  { protocol, demuxers }: { protocol: 'file' | 'pipe'; demuxers: readonly string[] } = FILES,
): readonly string[] {
  return [
    ...['-hide_banner', '-loglevel', 'repeat+level+info'],
    ...['-max_alloc', String(settings.ffmpeg.maxAllocBytes)],
    ...['-protocol_whitelist', protocol, '-format_whitelist', demuxers.join(',')],
    ...['-max_pixels', String(Math.min(settings.limits.maxPixels, 0x7fffffff))],
  ];
}

const FILES = { protocol: 'file', demuxers: DEMUXERS } as const;
const SIEVED = { protocol: 'pipe', demuxers: ['nut'] } as const;

/** A path as FFmpeg takes it literally: no option, protocol, pattern or list, whatever the name. */
export function fileArgument(path: string): string {
  return `file:${resolve(path)}`;
}

/** What FFmpeg reads: a file, or what {@link sieveArguments} let through of it, on its standard input. */
export interface InputFile {
  readonly path: string;
  /** The name of the demuxer that the probe found. */
  readonly demuxer: string;
  /** Where to seek to, by the container's own timestamps; null to start at its start. */
  readonly seekSeconds: number | null;
}

interface ProgramLimits {
  readonly settings: Pick<Config, 'ffmpeg' | 'limits'>;
  /** Processor time after which the kernel ends FFmpeg, should we be gone by then. */
  readonly cpuLimitSeconds: number;
}

/** An output of the filter graph (`[label]`) or a stream of the file, and how it's encoded and put into a pipe. */
export interface PipeOutput {
  readonly map: string;
  readonly options: readonly string[];
}

export interface DecodeArguments extends ProgramLimits {
  readonly input: InputFile | 'sieved';
  readonly plan: ScanPlan;
  readonly filterGraph: string;
  /** What is written to each pipe, from file descriptor 3 on. */
  readonly outputs: readonly PipeOutput[];
}

/** FFmpeg's arguments to decode one video through a filter graph into pipes, every frame with its own timestamp. */
export function decodeArguments(options: DecodeArguments): readonly string[] {
  const command = openInput(options.input, options, [
    '-noautorotate',
    ...['-threads', String(options.settings.ffmpeg.threads)],
    ...['-max_error_rate', '1', '-filter_complex_threads', '1'],
    ...decoderOptions(options.plan),
  ]).complexFilter(options.filterGraph);
  return intoPipes(command, options.outputs);
}

export interface SieveArguments extends ProgramLimits {
  readonly input: InputFile;
  readonly streamIndex: number;
  /** An expression of FFmpeg's `noise` bitstream filter that isn't 0 for packets to leave out. */
  readonly drop: string;
  /** What is written of the track besides. */
  readonly outputs: readonly PipeOutput[];
}

/**
 * FFmpeg's arguments to copy a track without some of its packets, for another FFmpeg to decode: where a decoder doesn't
 * leave them out by itself. Timestamps stay what they are, but in a time base of the copy's own.
 */
export function sieveArguments(options: SieveArguments): readonly string[] {
  const copy = ['-c:v', 'copy', '-avoid_negative_ts', 'disabled', '-bsf:v', `noise=amount=0:drop='${options.drop}'`];
  const others = { map: `0:${options.streamIndex}`, options: [...copy, '-f', 'nut', '-flush_packets', '1'] };
  return intoPipes(openInput(options.input, options, []), [others, ...options.outputs]);
}

/** The builder is used for the arguments only: its own way of running FFmpeg has one pipe, no deadline and a weak kill. */
function openInput(input: InputFile | 'sieved', limits: ProgramLimits, options: readonly string[]) {
  const { settings, cpuLimitSeconds } = limits;
  const isSieved = input === 'sieved';
  return ffmpeg()
    .input(isSieved ? 'pipe:0' : fileArgument(input.path))
    .inputOptions([
      ...guards(settings, isSieved ? SIEVED : FILES),
      ...['-nostdin', '-nostats', '-benchmark', '-copyts', '-timelimit', String(cpuLimitSeconds)],
      ...options,
      ...['-f', isSieved ? 'nut' : input.demuxer],
      // The filter graph drops what comes before, by exact timestamps.
      ...(isSieved || input.seekSeconds === null
        ? []
        : ['-seek_timestamp', '1', '-noaccurate_seek', '-ss', input.seekSeconds.toFixed(6)]),
    ]);
}

function intoPipes(command: ReturnType<typeof ffmpeg>, outputs: readonly PipeOutput[]): readonly string[] {
  outputs.forEach(({ map, options }, index) => {
    command.output(`pipe:${index + 3}`).outputOptions(['-map', map, '-fps_mode', 'passthrough', ...options]);
  });
  return (command as unknown as { _getArguments(): string[] })._getArguments();
}

/** FFmpeg's names for what a decoder may skip. */
const SKIPPED: Readonly<Record<ScanPlan['frames'], string>> = {
  all: 'default',
  changes: 'default',
  references: 'noref',
  anchors: 'bidir',
  groups: 'noref',
  keys: 'nokey',
};

function decoderOptions({ frames, loopFilter }: ScanPlan): readonly string[] {
  const smoothing = loopFilter ? [] : ['-skip_loop_filter', 'all'];
  return SKIPPED[frames] === 'default' ? smoothing : ['-skip_frame', SKIPPED[frames], ...smoothing];
}

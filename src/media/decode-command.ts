import { availableParallelism } from 'node:os';
import type { Config } from '../domain/config.ts';
import type { Probe } from '../domain/scan.ts';
import type { ScanPlan } from '../domain/scan-plan.ts';
import { formatRational } from '../domain/time.ts';
import { decodeArguments, type PipeOutput, sieveArguments } from './arguments.ts';
import { filterGraph, type GraphStart, type PictureSize } from './filter-graph.ts';

/** What FFmpeg writes to file descriptors 3, 4 and so on while it decodes. */
export const PIPES = ['tiny', 'pictures', 'looks', 'packets', 'tiny times', 'picture times'] as const;

/** What a sieve writes to: the packets that it lets through, and lines of all of them as above. */
export const SIEVE_PIPES = 2;

export interface DecodeCommand {
  readonly path: string;
  readonly probe: Probe;
  readonly plan: ScanPlan;
  readonly settings: Pick<Config, 'ffmpeg' | 'limits' | 'keyframes'>;
  readonly size: PictureSize;
  /** Packets that never get to the decoder, as of `packetDrop`; null where it gets all. */
  readonly drop: string | null;
  /** Where to start in the middle of the video; what comes then may be nothing. */
  readonly start?: DecodeStart;
  /** Whether packets need be told by the end only, so that many come at a time, and not each before its frame. */
  readonly countsAtEnd?: boolean;
}

export interface DecodeStart extends GraphStart {
  /** FFmpeg seeks to the I-frame at or before this timestamp. */
  readonly seekSeconds: number;
}

/** The arguments of FFmpeg, and of another one before it where packets are to be sieved. */
export interface DecodePrograms {
  /** Writes to {@link SIEVE_PIPES}; the decoder reads the first. */
  readonly sieve: readonly string[] | null;
  /** Writes to {@link PIPES}. */
  readonly decoder: readonly string[];
}

/** How a video is decoded into those pipes. Packets are told where some of them aren't decoded. */
export function decodeCommand(options: DecodeCommand): DecodePrograms {
  const { path, probe, plan, settings, size, drop, start } = options;
  const { deadlineMs, deadlinePerVideoSecondMs, maxDurationMs } = settings.limits;
  const longestSeconds = (deadlineMs + (deadlinePerVideoSecondMs * maxDurationMs) / 1000) / 1000;
  const limits = { settings, cpuLimitSeconds: Math.ceil(longestSeconds * availableParallelism()) };
  const input = { path, demuxer: probe.facts.container, seekSeconds: start?.seekSeconds ?? null };
  const { streamIndex } = probe;
  const packets: PipeOutput = { map: `0:${streamIndex}`, options: packetOptions(options) };
  const outputs: readonly PipeOutput[] = [
    { map: '[tiny]', options: [...RAW, '-flush_packets', '0'] },
    { map: '[pictures]', options: jpegOptions(settings.keyframes.jpegQuality) },
    { map: '[looks]', options: RAW },
  ];
  const times = { tiny: fileDescriptor('tiny times'), pictures: fileDescriptor('picture times') };
  const decode = (from: string) => ({
    ...limits,
    plan,
    filterGraph: filterGraph(probe, from, plan, size, times, start),
  });
  if (drop !== null) {
    const graph = decode(`[0:0]settb=${formatRational(probe.timeBase)},`);
    return {
      sieve: sieveArguments({ ...limits, input, streamIndex, drop, outputs: [packets] }),
      decoder: decodeArguments({ ...graph, input: 'sieved', outputs }),
    };
  }
  const told = plan.frames === 'all' ? outputs : [...outputs, packets];
  return { sieve: null, decoder: decodeArguments({ ...decode(`[0:${streamIndex}]`), input, outputs: told }) };
}

function fileDescriptor(name: (typeof PIPES)[number]): number {
  return PIPES.indexOf(name) + 3;
}

const RAW = ['-c:v', 'rawvideo', '-f', 'rawvideo'];

/** Where frames wait for their packets' lines, those come one by one; of a preview's few frames many lines at a time will do. */
function packetOptions({ plan, countsAtEnd = false }: DecodeCommand): readonly string[] {
  return ['-c:v', 'copy', '-f', 'framecrc', '-flush_packets', countsAtEnd || plan.frames === 'keys' ? '0' : '1'];
}

/** One thread, as the bytes differ with their number. Not quite standard is how the range of the colours is told. */
function jpegOptions(quality: number): readonly string[] {
  const encoder = ['-c:v', 'mjpeg', '-threads', '1', '-flags', '+bitexact', '-strict', 'unofficial'];
  return [...encoder, '-qmin', '1', '-q:v', String(quantiserScale(quality)), '-f', 'mpjpeg', '-flush_packets', '1'];
}

/** FFmpeg's scale of quantisers, 1 to 31, that loses about as much as libjpeg does at a quality of 1 to 100. */
function quantiserScale(quality: number): number {
  const scale = quality < 50 ? 500 / quality : (100 - quality) / 5;
  return Math.min(31, Math.max(1, Math.round(scale)));
}

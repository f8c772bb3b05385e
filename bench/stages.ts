import type { Config } from '../src/domain/config.ts';
import type { ScanMode } from '../src/domain/scan-plan.ts';
import { type Cost, median, timeDecode } from './cost.ts';
import { timeGraphs } from './graphs.ts';
import { timeWhole, type WholeRun } from './whole.ts';

/** What a video costs in one mode, beside plain decoding in the same pairs of runs. CPU seconds, medians. */
export interface ModeCost {
  readonly mode: ScanMode;
  readonly decode: number;
  readonly whole: number;
  /** Median of the pairs' ratios. */
  readonly ratio: number;
  readonly ratios: readonly number[];
  readonly wall: number;
  readonly decodeWall: number;
  readonly stages: readonly StageCost[];
  readonly peakMemoryMiB: number;
  readonly captions: number;
  readonly framesDecoded: string;
}

export interface StageCost {
  readonly stage: string;
  readonly cpu: number;
}

/** Times pairs of a plain decode and the whole command, one after the other. */
export async function costOfMode(video: string, mode: ScanMode, pairs: number, config: Config): Promise<ModeCost> {
  const decodes: Cost[] = [];
  const wholes: WholeRun[] = [];
  const graphs: Cost[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    decodes.push(await timeDecode(config.ffmpeg.path, video));
    const whole = await timeWhole(video, mode, async (folder) => {
      graphs.push(await timeGraphs(folder, config));
    });
    wholes.push(whole);
  }
  const cpu = (of: (run: WholeRun) => number) => median(wholes.map(of));
  const ratios = wholes.map((whole, pair) => whole.cpu / (decodes[pair]?.cpu ?? Number.NaN));
  const inFfmpeg = ({ report }: WholeRun) => (report.ffmpegCpuMs ?? Number.NaN) / 1000;
  const [first] = wholes as [WholeRun, ...WholeRun[]];
  return {
    mode,
    decode: median(decodes.map((decode) => decode.cpu)),
    whole: cpu((run) => run.cpu),
    ratio: median(ratios),
    ratios,
    wall: median(wholes.map((whole) => whole.wall)),
    decodeWall: median(decodes.map((decode) => decode.wall)),
    stages: [
      { stage: 'FFmpeg: decoding, tiny frames, candidate pictures', cpu: cpu(inFfmpeg) },
      { stage: 'Node.js while it describes', cpu: cpu(({ report }) => report.cpuMs / 1000) },
      { stage: 'of it: raw ONNX Runtime on the same pictures', cpu: median(graphs.map((graph) => graph.cpu)) },
      { stage: 'starting, rendering', cpu: cpu((run) => run.cpu - inFfmpeg(run) - run.report.cpuMs / 1000) },
    ],
    peakMemoryMiB: median(wholes.map(({ report }) => report.peakMemoryBytes)) / 2 ** 20,
    captions: first.report.captions,
    framesDecoded: first.result.scan?.frames ?? 'all',
  };
}

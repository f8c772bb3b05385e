import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { findBundle, loadBundle } from '../caption/bundle.ts';
import { type Captioner, openCaptioner } from '../caption/captioner.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { ScanMode } from '../domain/scan-plan.ts';
import { describe } from '../pipeline/describe.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { placeFor } from '../pipeline/place.ts';
import { publish } from '../pipeline/publish.ts';
import { bundleFolder, captionerSettings } from '../pipeline/settings.ts';
import { FORMATS, type Format } from '../render/render.ts';
import { openStore } from '../storage/open-store.ts';
import type { Store } from '../storage/store.ts';
import type { CommandContext } from './context.ts';
import { type Labels, labelOption } from './label-option.ts';
import { wholeNumber } from './numbers.ts';
import { printError, printResult } from './print.ts';
import { ProgressLine } from './progress.ts';
import { scanOption } from './scan-option.ts';
import { expandSources } from './sources.ts';

interface CaptionOptions {
  readonly out: string;
  readonly model?: string;
  readonly formats: readonly Format[];
  readonly json: boolean;
  readonly threads?: number;
  readonly batch?: number;
  readonly maxKeyframes?: number;
  readonly beam?: number;
  readonly scan?: ScanMode;
  readonly attention: boolean;
  readonly label: Labels;
  readonly stats?: string;
}

/** `framescribe caption <source…>`: describes videos in this process. */
export function captionCommand(context: CommandContext): Command {
  return new Command('caption')
    .description('describe videos: files, or folders of them')
    .argument('<source...>', 'video files or folders')
    .option('--out <folder|s3://bucket/prefix>', 'where results go, one folder each', './framescribe-out')
    .option('--model <name|folder>', 'captioning model (see `framescribe models list`)')
    .option('--formats <list>', `artifacts to make, of ${FORMATS.join(',')}`, parseFormats, FORMATS)
    .option('--json', 'print each result as one line of JSON on stdout, and nothing else there', false)
    .option('--threads <n>', 'threads for decoding and for inference', wholeNumber(1, 64))
    .option('--batch <n>', 'pictures captioned together', wholeNumber(2, 64))
    .option('--max-keyframes <n>', 'keep at most this many keyframes a video', wholeNumber(1, 1_000_000))
    .option('--beam <n>', 'width of the beam search', wholeNumber(1, 16))
    .addOption(scanOption())
    .addOption(labelOption())
    .option('--attention', 'write attention.json: where each word looked', false)
    .option('--stats <folder>', 'write a CSV there for each video: what the shot detector saw at each frame')
    .action((sources: string[], options: CaptionOptions) => captionAll(sources, options, context));
}

async function captionAll(words: readonly string[], options: CaptionOptions, context: CommandContext): Promise<void> {
  const config = withOptions(await loadConfig(context.env), options);
  const bundle = await loadBundle(await findBundle(config.caption.model, bundleFolder(config)));
  const candidates = await expandSources(words);
  const store = await openStore(options.out, config.storage);
  await store.check();
  await using captioner = await openCaptioner(bundle, captionerSettings(config, bundle));
  process.stderr.write(`model ${bundle.manifest.name} ${bundle.manifest.version}, ${bundle.manifest.licence}\n`);
  const taken = new Set<string>();
  const stats = new Set<string>();
  for (const candidate of candidates) {
    if (context.signal.aborted) return;
    try {
      if ('error' in candidate) throw candidate.error;
      await captionOne(candidate.source, { config, bundle, captioner, store, options, taken, stats, context });
    } catch (error) {
      if (context.signal.aborted) return;
      const known = FramescribeError.from(error);
      printError(known, candidate.source);
      context.setExitCode(known.kind.exitCode);
    }
  }
}

interface Run {
  readonly config: Config;
  readonly bundle: Awaited<ReturnType<typeof loadBundle>>;
  readonly captioner: Captioner;
  readonly store: Store;
  readonly options: CaptionOptions;
  readonly taken: Set<string>;
  /** Files of frames' statistics so far. */
  readonly stats: Set<string>;
  readonly context: CommandContext;
}

async function captionOne(source: string, run: Run): Promise<void> {
  const { config, bundle, captioner, store, options, taken } = run;
  const { formats, label: labels } = options;
  const { signal } = run.context;
  const line = new ProgressLine(source, process.stderr);
  try {
    const onProgress = line.update.bind(line);
    const statsFile = options.stats === undefined ? undefined : await statsFileFor(source, options.stats, run.stats);
    await using description = await describe(source, { config, bundle, captioner, signal, statsFile, onProgress });
    const { result } = description;
    const name = await placeFor(source, result.video.sha256, store, taken);
    const published = await publish(description, name, store, { formats, signal, labels });
    line.clear();
    if (options.json) process.stdout.write(`${JSON.stringify(published.result)}\n`);
    else printResult(published.result, published.place, description.report().cost);
  } finally {
    line.clear();
  }
}

/** `folder/name.csv`, numbered where several sources have that name. */
async function statsFileFor(source: string, folder: string, taken: Set<string>): Promise<string> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new FramescribeError('OUTPUT_NOT_WRITABLE', `Expected a folder for statistics: ${cause.message}`, { cause });
  });
  const name = basename(source);
  let file = join(folder, `${name}.csv`);
  for (let number = 2; taken.has(file); number++) file = join(folder, `${name}-${number}.csv`);
  taken.add(file);
  return file;
}

function withOptions(config: Config, options: CaptionOptions): Config {
  const { threads, batch, beam, maxKeyframes, model, attention, scan } = options;
  return {
    ...config,
    ffmpeg: { ...config.ffmpeg, threads: threads ?? config.ffmpeg.threads },
    scan: { mode: scan ?? config.scan.mode },
    keyframes: { ...config.keyframes, max: maxKeyframes ?? config.keyframes.max },
    caption: {
      ...config.caption,
      model: model ?? config.caption.model,
      threads: threads ?? config.caption.threads,
      batch: batch ?? config.caption.batch,
      beam: beam ?? config.caption.beam,
      attention: attention || config.caption.attention,
    },
  };
}

function parseFormats(text: string): readonly Format[] {
  const asked = text.split(',').map((word) => word.trim());
  const unknown = asked.filter((word) => !FORMATS.some((format) => format === word));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`Expected some of ${FORMATS.join(', ')}, got ${unknown.join(', ')}.`);
  }
  return FORMATS.filter((format) => asked.includes(format));
}

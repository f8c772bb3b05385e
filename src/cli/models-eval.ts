import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { findBundle, loadBundle } from '../caption/bundle.ts';
import { openCaptioner } from '../caption/captioner.ts';
import { measureSpeed, type Speed } from '../caption/speed.ts';
import { FramescribeError } from '../domain/errors.ts';
import { type Evaluation, evaluate } from '../pipeline/evaluate.ts';
import { together } from '../pipeline/judge-names.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { bundleFolder, captionerSettings } from '../pipeline/settings.ts';
import { calibrationError } from '../text/reliability.ts';
import type { CommandContext } from './context.ts';
import { evaluationLines } from './evaluation-lines.ts';
import { printable } from './print.ts';

/** `framescribe models eval`: scores a model on pictures that people have captioned. */
export function modelsEvalCommand(context: CommandContext): Command {
  return new Command('eval')
    .description('caption pictures that people have captioned too, and score the model')
    .argument('<name|folder>')
    .requiredOption('--images <folder>', 'the pictures')
    .requiredOption('--captions <file>', 'COCO JSON, CSV (image,caption) or Flickr8k lines (name#n<TAB>caption)')
    .option('--list <file>', 'take only the pictures named in this file, one a line')
    .option('--training-captions <file>', 'captions that the model learned from, to tell the share of novel ones')
    .option('--training-list <file>', 'the pictures of that file that it learned from, one a line')
    .option('--nouns <list>', 'tell how well captions name these: bicycle,horse,…', nounList, [])
    .option('--captions-out <file>', 'write the captions, one line of JSON a picture')
    .option('--no-speed', 'leave out what a caption costs')
    .option('--json', 'print everything as JSON', false)
    .action((model: string, options: EvalOptions) => evalModel(model, options, context));
}

interface EvalOptions {
  readonly images: string;
  readonly captions: string;
  readonly list?: string;
  readonly trainingCaptions?: string;
  readonly trainingList?: string;
  readonly nouns: readonly string[];
  readonly captionsOut?: string;
  readonly speed: boolean;
  readonly json: boolean;
}

/** Pictures that are timed, at the beams of the goal and of the bundle. */
const TIMED_PICTURES = 48;
const GOAL_BEAM = 3;

async function evalModel(model: string, options: EvalOptions, { env, signal }: CommandContext): Promise<void> {
  const config = await loadConfig(env);
  const bundle = await loadBundle(await findBundle(model, bundleFolder(config)));
  const plan = {
    images: options.images,
    captions: options.captions,
    list: options.list ?? null,
    trainingCaptions: options.trainingCaptions ?? null,
    trainingList: options.trainingList ?? null,
    nouns: options.nouns,
  };
  const evaluation = await withCaptioner(() => openCaptioner(bundle, captionerSettings(config, bundle)));
  if (options.captionsOut !== undefined) await writeCaptions(options.captionsOut, evaluation);
  const speed = options.speed ? await timeCaptions(evaluation) : [];
  if (options.json) print(JSON.stringify(documentOf(evaluation, speed)));
  else for (const line of evaluationLines(evaluation, speed)) print(line);

  async function withCaptioner(open: () => ReturnType<typeof openCaptioner>): Promise<Evaluation> {
    await using captioner = await open();
    return await evaluate(captioner, bundle.classWords ?? [], plan, signal);
  }

  async function timeCaptions({ captions }: Evaluation): Promise<readonly Speed[]> {
    const pictures = captions.slice(0, TIMED_PICTURES).map(({ image }) => join(options.images, image));
    const beams = [...new Set([GOAL_BEAM, bundle.manifest.decoding.beam])];
    const speeds = [];
    for (const beam of beams) speeds.push(await measureSpeed(bundle, pictures, { beam, batch: 8, rounds: 2 }));
    return speeds;
  }

  function documentOf({ scores, captions, ...tables }: Evaluation, speed: readonly Speed[]) {
    return {
      model: bundle.manifest.name,
      digest: bundle.digest,
      ...scores,
      ...tables,
      captionCalibrationError: calibrationError(tables.captionReliability),
      tagCalibrationError: calibrationError(tables.tagReliability),
      classWordsTogether: tables.classWords.length > 0 ? together(tables.classWords) : null,
      speed,
    };
  }
}

async function writeCaptions(path: string, { captions }: Evaluation): Promise<void> {
  const lines = captions.map((caption) => `${JSON.stringify(caption)}\n`);
  await writeFile(path, lines.join('')).catch((cause: NodeJS.ErrnoException) => {
    throw new FramescribeError('OUTPUT_NOT_WRITABLE', `Expected to be able to write ${path}: ${cause.code}`, { cause });
  });
}

function nounList(text: string): readonly string[] {
  const nouns = text.split(',').map((noun) => noun.trim().toLowerCase());
  if (nouns.every((noun) => /^[\p{Ll}\p{N}'-]+( [\p{Ll}\p{N}'-]+)?$/u.test(noun))) return [...new Set(nouns)];
  throw new InvalidArgumentError(`Expected nouns with commas between, such as “bicycle,horse”, got “${text}”.`);
}

function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { findBundle, listBundles, loadBundle } from '../caption/bundle.ts';
import { openCaptioner } from '../caption/captioner.ts';
import { verifyBundle } from '../caption/verify.ts';
import { evaluate } from '../pipeline/evaluate.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { bundleFolder, captionerSettings } from '../pipeline/settings.ts';
import type { CommandContext } from './context.ts';
import { printable } from './print.ts';

/** `framescribe models list|show|verify`: the captioning models at hand. */
export function modelsCommand(context: CommandContext): Command {
  const models = new Command('models').description('list, show and check captioning models');
  models
    .command('list')
    .description('the models that come along')
    .action(() => list(context));
  models
    .command('show')
    .description('what a model is and how well it did')
    .argument('<name|folder>')
    .action((model: string) => show(model, context));
  models
    .command('verify')
    .description('check every file of a model, open it and decode one picture')
    .argument('<name|folder>')
    .action((model: string) => verify(model, context));
  models
    .command('eval')
    .description('caption pictures that people have captioned too, and score the model')
    .argument('<name|folder>')
    .requiredOption('--images <folder>', 'the pictures')
    .requiredOption('--captions <file>', 'COCO JSON, CSV (image,caption) or Flickr8k lines (name#n<TAB>caption)')
    .option('--list <file>', 'take only the pictures named in this file, one a line')
    .option('--write <file>', 'write the captions, one line of JSON a picture')
    .option('--json', 'print the scores as JSON', false)
    .action((model: string, options: EvalOptions) => evalModel(model, options, context));
  return models;
}

interface EvalOptions {
  readonly images: string;
  readonly captions: string;
  readonly list?: string;
  readonly write?: string;
  readonly json: boolean;
}

async function list({ env }: CommandContext): Promise<void> {
  const config = await loadConfig(env);
  const folder = bundleFolder(config);
  for (const name of await listBundles(folder)) {
    const { manifest } = await loadBundle(await findBundle(name, folder));
    const mark = name === config.caption.model ? '*' : ' ';
    print(`${mark} ${name}  ${manifest.version}  ${manifest.cell}  ${manifest.description}`);
  }
}

async function show(model: string, { env }: CommandContext): Promise<void> {
  const bundle = await loadBundle(await findBundle(model, bundleFolder(await loadConfig(env))));
  const { manifest } = bundle;
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  print(`${manifest.name} ${manifest.version}`);
  print(`  ${manifest.description}`);
  print(`  cell: ${manifest.cell}, ${manifest.vocabulary.size} words, ${(bytes / 1e6).toFixed(1)} MB`);
  print(`  picture: ${manifest.input.width}×${manifest.input.height}, ${manifest.encoder.regions} regions`);
  print(`  licence: ${manifest.licence}`);
  print(`  digest: ${bundle.digest}`);
  for (const [name, value] of Object.entries(manifest.scores ?? {})) print(`  ${name}: ${value}`);
}

async function verify(model: string, { env }: CommandContext): Promise<void> {
  const folder = await findBundle(model, bundleFolder(await loadConfig(env)));
  for (const [fact, value] of Object.entries(await verifyBundle(folder))) print(`${fact}: ${value}`);
  print(`${folder}: sound`);
}

async function evalModel(model: string, options: EvalOptions, { env, signal }: CommandContext): Promise<void> {
  const config = await loadConfig(env);
  const bundle = await loadBundle(await findBundle(model, bundleFolder(config)));
  const only = options.list === undefined ? null : new Set((await readFile(options.list, 'utf8')).split(/\r?\n/));
  await using captioner = await openCaptioner(bundle, captionerSettings(config));
  const { scores, captions } = await evaluate(captioner, options.images, options.captions, only, signal);
  if (options.write !== undefined) {
    await writeFile(options.write, captions.map((caption) => `${JSON.stringify(caption)}\n`).join(''));
  }
  if (options.json) print(JSON.stringify({ model: bundle.manifest.name, digest: bundle.digest, ...scores }));
  else for (const [name, value] of Object.entries(scores)) print(`${name.padEnd(18)} ${format(value)}`);
}

function format(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}

function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

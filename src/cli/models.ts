import { Command } from 'commander';
import { findBundle, listBundles, loadBundle } from '../caption/bundle.ts';
import { verifyBundle } from '../caption/verify.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { bundleFolder } from '../pipeline/settings.ts';
import type { CommandContext } from './context.ts';
import { modelsEvalCommand } from './models-eval.ts';
import { printable } from './print.ts';

/** `framescribe models list|show|verify|eval`: the captioning models at hand. */
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
  models.addCommand(modelsEvalCommand(context));
  return models;
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

function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

import { Command } from 'commander';
import { loadConfig } from '../pipeline/load-config.ts';
import { retag } from '../pipeline/retag.ts';
import { isAboutOneResult } from '../pipeline/stored-results.ts';
import { chosenResults } from './chosen-results.ts';
import type { CommandContext } from './context.ts';
import { printable } from './print.ts';

/** `framescribe retag`: tags by the vocabulary of now, without describing anything again. */
export function retagCommand(context: CommandContext): Command {
  return new Command('retag')
    .description('name the tags of results by the vocabulary (config/tags.json) as it is now')
    .argument('[result...]', 'these (default: all results of a store)')
    .option('--in <store>', 'the store: a folder or s3://bucket/prefix (default: queue.store)')
    .action(async (places: string[], options: { in?: string }) => {
      const config = await loadConfig(context.env);
      const { tags: vocabulary, tempDir } = config;
      const { signal } = context;
      let [changed, same] = [0, 0];
      for await (const { store, name } of chosenResults(places, options.in, config)) {
        signal.throwIfAborted();
        // What isn't named, and has no manifest, is something else beside the results.
        if (places.length === 0 && (await store.revision(name)) === null) continue;
        try {
          if (await retag(store, name, { vocabulary, tempDir, signal })) changed += 1;
          else same += 1;
        } catch (error) {
          if (places.length > 0 || !isAboutOneResult(error)) throw error;
          process.stderr.write(`${printable(store.locate(name))} can't be read as a result, and is left as it is\n`);
        }
      }
      process.stdout.write(`${changed} results have other tags, ${same} the same\n`);
    });
}

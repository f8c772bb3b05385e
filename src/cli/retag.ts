import { Command } from 'commander';
import { loadConfig } from '../pipeline/load-config.ts';
import { retag } from '../pipeline/retag.ts';
import { isAboutOneResult } from '../pipeline/stored-results.ts';
import { openResult, openStore, type StoredResult } from '../storage/open-store.ts';
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
      for await (const { store, name } of chosen()) {
        signal.throwIfAborted();
        try {
          if (await retag(store, name, { vocabulary, tempDir, signal })) changed += 1;
          else same += 1;
        } catch (error) {
          if (places.length > 0 || !isAboutOneResult(error)) throw error;
          process.stderr.write(`${printable(store.locate(name))} can't be read as a result, and is left as it is\n`);
        }
      }
      process.stdout.write(`${changed} results have other tags, ${same} the same\n`);

      async function* chosen(): AsyncGenerator<StoredResult> {
        for (const place of places) yield await openResult(place, config.storage);
        if (places.length > 0) return;
        const store = await openStore(options.in ?? config.queue.store, config.storage);
        for await (const name of store.names()) if ((await store.revision(name)) !== null) yield { store, name };
      }
    });
}

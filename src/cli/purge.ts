import { Command } from 'commander';
import { loadConfig } from '../pipeline/load-config.ts';
import { findVersion, keptVersions, type Version } from '../pipeline/versions.ts';
import { fileSize } from '../render/format.ts';
import { chosenResults } from './chosen-results.ts';
import type { CommandContext } from './context.ts';
import { printable } from './print.ts';
import { shownVersion } from './versions.ts';

interface PurgeOptions {
  readonly in?: string;
  readonly only?: string;
  readonly yes: boolean;
}

/** `framescribe purge`: removes versions that were kept when others took their place. */
export function purgeCommand(context: CommandContext): Command {
  return new Command('purge')
    .description('remove older versions of results; without --yes, only tell which')
    .argument('[result...]', 'of these (default: of all results of a store)')
    .option('--in <store>', 'the store: a folder or s3://bucket/prefix (default: queue.store)')
    .option('--only <version>', 'those by this model, or with this digest or id')
    .option('--yes', 'do it', false)
    .action(async (places: string[], options: PurgeOptions) => {
      const config = await loadConfig(context.env);
      let [count, bytes] = [0, 0];
      for await (const { store, name } of chosenResults(places, options.in, config)) {
        context.signal.throwIfAborted();
        for (const version of meant(await keptVersions(store, name), options.only)) {
          process.stdout.write(`${printable(store.locate(name))}  ${printable(shownVersion(version))}\n`);
          if (options.yes) await store.forget(name, version.id);
          count += 1;
          bytes += version.bytes;
        }
      }
      const done = options.yes ? 'removed' : 'to remove; --yes does it';
      process.stdout.write(`${count} versions, ${fileSize(bytes)}: ${count === 0 ? 'nothing to do' : done}\n`);
    });
}

function meant(kept: readonly Version[], words: string | undefined): readonly Version[] {
  if (words === undefined) return kept;
  return kept.filter((version) => {
    try {
      return findVersion(words, [version]) !== null;
    } catch {
      return false;
    }
  });
}

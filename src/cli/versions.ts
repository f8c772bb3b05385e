import { Command } from 'commander';
import { loadConfig } from '../pipeline/load-config.ts';
import { findVersion, listVersions, restoreVersion, type Version } from '../pipeline/versions.ts';
import { fileSize } from '../render/format.ts';
import { openResult } from '../storage/open-store.ts';
import type { CommandContext } from './context.ts';
import { printable } from './print.ts';

/** `framescribe versions <result>`: what other models made of the same video, and the way back. */
export function versionsCommand(context: CommandContext): Command {
  return new Command('versions')
    .description('list what models have made of a video, the current result first')
    .argument('<result>', 'folder/name or s3://bucket/prefix/name')
    .option('--use <version>', 'make this one the current: an id, a model, or the beginning of its digest')
    .option('--json', 'print them as JSON', false)
    .action(async (place: string, { use, json }: { use?: string; json: boolean }) => {
      const { storage, tags: vocabulary, tempDir } = await loadConfig(context.env);
      const { store, name } = await openResult(place, storage);
      if (use !== undefined) {
        const { id, isCurrent } = findVersion(use, await listVersions(store, name));
        if (!isCurrent) await restoreVersion(store, name, id, { vocabulary, tempDir, signal: context.signal });
      }
      const versions = await listVersions(store, name);
      if (json) process.stdout.write(`${JSON.stringify(versions)}\n`);
      else for (const version of versions) process.stdout.write(`${printable(shownVersion(version))}\n`);
    });
}

/** One line of a version. */
export function shownVersion({ id, isCurrent, model, isEdited, bytes }: Version): string {
  const made = model === null ? 'unreadable' : `${model.name} ${model.version}`;
  const notes = [...(isCurrent ? ['current'] : []), ...(isEdited ? ['edited'] : [])];
  return `${id}  ${made}  ${fileSize(bytes)}${notes.length > 0 ? `  (${notes.join(', ')})` : ''}`;
}

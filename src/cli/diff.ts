import { Command } from 'commander';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Chapter, Result, Tag } from '../domain/result.ts';
import { readCorrected } from '../pipeline/corrected.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { findVersion, listVersions } from '../pipeline/versions.ts';
import { openResult, type StoredResult } from '../storage/open-store.ts';
import { type Difference, differenceOf, type Said } from '../summary/difference.ts';
import type { CommandContext } from './context.ts';
import { clock, printable } from './print.ts';

interface DiffOptions {
  readonly from?: string;
  readonly to: string;
  readonly json: boolean;
}

/** `framescribe diff <result>`: what two models, or a model and people, tell of the same video. */
export function diffCommand(context: CommandContext): Command {
  const which =
    'a version (see `framescribe versions`), a model, `machine` for what the model itself made, or another result';
  return new Command('diff')
    .description('compare two results of a video: captions by time, tags, chapters, sentences')
    .argument('<result>', 'folder/name or s3://bucket/prefix/name')
    .option('--from <version>', `${which} (default: the older version, or what the model made)`)
    .option('--to <version>', 'the same', 'current')
    .option('--json', 'print the differences as JSON', false)
    .action(async (place: string, options: DiffOptions) => {
      const config = await loadConfig(context.env);
      const result = await openResult(place, config.storage);
      const from = await resultOf(options.from ?? (await usualFrom(result)), result, config);
      const to = await resultOf(options.to, result, config);
      if (from.video.sha256 !== to.video.sha256) {
        throw new FramescribeError(
          'USAGE',
          `Expected two results of one video, got one of ${from.video.source} and one of ${to.video.source}`,
        );
      }
      const difference = differenceOf(from, to);
      if (options.json)
        process.stdout.write(`${JSON.stringify({ from: headOf(from), to: headOf(to), ...difference })}\n`);
      else process.stdout.write(`${shown(from, to, difference).map(printable).join('\n')}\n`);
    });
}

const MACHINE = 'machine';

async function usualFrom({ store, name }: StoredResult): Promise<string> {
  const [current, ...kept] = await listVersions(store, name);
  const [only] = kept;
  if (only && kept.length === 1) return only.id;
  if (kept.length === 0 && current?.isEdited) return MACHINE;
  const known = kept.map(({ id, model }) => `${id} (${model?.name ?? 'unreadable'})`);
  const what = kept.length === 0 ? 'there is only one version' : `there are ${kept.length}: ${known.join(', ')}`;
  throw new FramescribeError('USAGE', `Expected --from, as ${what}`);
}

async function resultOf(words: string, { store, name }: StoredResult, config: Config): Promise<Result> {
  if (words === MACHINE) return (await readCorrected(store, name)).machine;
  if (words.includes('/')) {
    const other = await openResult(words, config.storage);
    return (await readCorrected(other.store, other.name)).result;
  }
  const { id, isCurrent } = findVersion(words, await listVersions(store, name));
  return (await readCorrected(store, name, isCurrent ? undefined : id)).result;
}

function headOf({ model, digest, edited }: Result) {
  return { model: model.name, version: model.version, digest, edited: edited !== undefined };
}

function shown(
  from: Result,
  to: Result,
  { captions, keyframes, tags, chapters, sentences }: Difference,
): readonly string[] {
  const name = (result: Result) => `${result.model.name} ${result.model.version}${result.edited ? ' with edits' : ''}`;
  const both = (head: string, one: string | null, other: string | null) => [
    ...(one === null ? [] : [`  ${head}  - ${one}`]),
    ...(other === null ? [] : [`  ${one === null ? head : ' '.repeat(head.length)}  + ${other}`]),
  ];
  return [
    `${to.video.source}: ${name(from)} → ${name(to)}`,
    `captions: ${captions.length} of ${keyframes} differ`,
    ...captions.flatMap((pair) => both(clock(pair.timeMs), said(pair.from), said(pair.to))),
    `tags: ${tags.length} differ`,
    ...tags.flatMap((pair) => both(pair.name, tagged(pair.from), tagged(pair.to))),
    `chapters: ${chapters.length} differ`,
    ...chapters.flatMap((pair) =>
      both(clock((pair.to ?? pair.from)?.startMs ?? 0), titled(pair.from), titled(pair.to)),
    ),
    `summary: ${sentences.from.length + sentences.to.length} sentences differ`,
    ...sentences.from.map((text) => `  - ${text}`),
    ...sentences.to.map((text) => `  + ${text}`),
  ];
}

function said(caption: Said | null): string | null {
  return caption && `${caption.text}  (${caption.confidence.toFixed(2)})`;
}

function tagged(tag: Tag | null): string | null {
  return (
    tag &&
    `${tag.confidence.toFixed(2)}  ${tag.instances.map(({ startMs, endMs }) => `${clock(startMs)} – ${clock(endMs)}`).join(', ')}`
  );
}

function titled(chapter: Chapter | null): string | null {
  return chapter && `${clock(chapter.startMs)} – ${clock(chapter.endMs)}  ${chapter.title}`;
}

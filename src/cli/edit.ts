import { open } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import type { Correction, Edit } from '../domain/edits.ts';
import { FramescribeError } from '../domain/errors.ts';
import { type Corrected, readCorrected } from '../pipeline/corrected.ts';
import { editResult, parseGivenEdits } from '../pipeline/edit-result.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { openResult } from '../storage/open-store.ts';
import type { CommandContext } from './context.ts';
import { clock, printable } from './print.ts';

interface EditCommandOptions {
  readonly corrections?: readonly Correction[];
  readonly file?: string;
  readonly by?: string;
  readonly expect?: string;
  readonly json: boolean;
}

const LARGEST_FILE_BYTES = 8 << 20;

/** `framescribe edit <result>`: what people say better than the model. */
export function editCommand(context: CommandContext): Command {
  const given: Correction[] = [];
  /** Options may come in any order, and again; they're applied in theirs. */
  const collect =
    <Read extends readonly string[]>(read: (text: string) => Read, make: (words: Read) => Correction) =>
    (text: string) => {
      given.push(make(read(text)));
      return given;
    };
  const whole = (text: string) => [text] as const;
  return new Command('edit')
    .description(
      'correct a result: captions, tags, chapter titles, sentences; without a correction, list those there are',
    )
    .argument('<result>', 'folder/name or s3://bucket/prefix/name')
    .option(
      '--caption <keyframe=text>',
      'what the keyframe shows',
      collect(pair, ([keyframe, caption]) => ({ keyframe, caption })),
    )
    .option(
      '--add-tag <name>',
      'the video has it',
      collect(whole, ([addTag]) => ({ addTag })),
    )
    .option(
      '--remove-tag <name>',
      "the video hasn't it",
      collect(whole, ([removeTag]) => ({ removeTag })),
    )
    .option(
      '--rename-tag <name=name>',
      "it's the second, not the first",
      collect(pair, ([renameTag, to]) => ({ renameTag, to })),
    )
    .option(
      '--title <chapter=text>',
      'of a chapter',
      collect(pair, ([chapter, title]) => ({ chapter, title })),
    )
    .option(
      '--sentence <number=text>',
      'of the summary, counted from 1; no text leaves it out',
      collect(pair, ([number, text]) => ({ sentence: Number(number), text: text === '' ? null : text })),
    )
    .option(
      '--undo <edit>',
      'forget an edit',
      collect(whole, ([undo]) => ({ undo })),
    )
    .option('--file <edits.json>', 'a list of corrections, or the edits.json of another result of the video')
    .option('--by <name>', 'who says so (default: your user name)')
    .option('--expect <digest>', 'only if the result still has this digest')
    .option('--json', 'print the edits and what became of them as JSON', false)
    .action((place: string, options: EditCommandOptions) => edit(place, given, options, context));
}

async function edit(
  words: string,
  given: readonly Correction[],
  { file, by, expect, json }: EditCommandOptions,
  { env, signal }: CommandContext,
): Promise<void> {
  const config = await loadConfig(env);
  const { store, name } = await openResult(words, config.storage);
  const options = {
    by: by ?? userInfo().username,
    at: new Date().toISOString(),
    expected: expect,
    vocabulary: config.tags,
    tempDir: config.tempDir,
    signal,
  };
  const work: Parameters<typeof editResult>[2][] = given.length > 0 ? [given] : [];
  if (file !== undefined) work.unshift(parseGivenEdits(await readGiven(file)));
  let corrected = work.length === 0 ? await readCorrected(store, name) : null;
  for (const each of work) corrected = await editResult(store, name, each, options);
  if (corrected) print(corrected, store.locate(name), json);
}

function print({ edits, outcomes, result }: Corrected, place: string, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ result: place, digest: result.digest, edits: edits.edits, outcomes })}\n`);
    return;
  }
  const states = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
  for (const each of edits.edits) {
    const { state = 'applied', reason = '' } = states.get(each.id) ?? {};
    const head = `${each.id}  ${state}${reason && ` (${reason})`}  ${each.at.slice(0, 10)} ${each.by}`;
    process.stdout.write(`${printable(head).trimEnd()}\n  ${printable(told(each))}\n`);
  }
  process.stdout.write(
    `${printable(place)}: ${edits.edits.length === 0 ? 'no edits' : `${edits.edits.length} edits`}\n`,
  );
}

function told(edit: Edit): string {
  switch (edit.kind) {
    case 'caption':
      return `caption at ${clock(edit.frame.timeMs)}: “${edit.text}”, not “${edit.replaces}”`;
    case 'tag':
      return `tag: ${edit.name}${edit.replaces === null ? '' : `, not ${edit.replaces}`}`;
    case 'no-tag':
      return `no tag: ${edit.name}`;
    case 'chapter':
      return `chapter at ${clock(edit.startMs)}: “${edit.title}”, not “${edit.replaces}”`;
    case 'sentence':
      return edit.text === null
        ? `sentence left out: “${edit.replaces}”`
        : `sentence: “${edit.text}”, not “${edit.replaces}”`;
  }
}

async function readGiven(path: string): Promise<string> {
  const failed = (cause: NodeJS.ErrnoException) => {
    throw new FramescribeError('EDITS_INVALID', `Expected to be able to read ${path}: ${cause.code}`, { cause });
  };
  const file = await open(path).catch(failed);
  try {
    const { size } = await file.stat();
    if (size <= LARGEST_FILE_BYTES) return await file.readFile('utf8').catch(failed);
    throw new FramescribeError(
      'EDITS_INVALID',
      `Expected at most ${LARGEST_FILE_BYTES} bytes of edits, ${path} has ${size}`,
    );
  } finally {
    await file.close();
  }
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new InvalidArgumentError('Expected two words with = between them.');
}
